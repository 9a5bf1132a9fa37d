import type { Log } from '../../log.ts';
import { ClickHouse } from '../engine/clickhouse.ts';
import { migrate, readMigrations } from '../engine/migrations.ts';
import { untilReachable } from '../engine/server-access.ts';
import { makeDistributedTables } from './cluster-schema.ts';
import { discoverCluster } from './discover-shards.ts';
import type { ClusterOptions } from './discover-shards.ts';
import { ShardedClickHouse } from './sharded-clickhouse.ts';

interface OpenOptions extends ClusterOptions {
	/** An identifier: where everything is read. Its name with `_local` is that of the databases that hold the rows. */
	database: string;
	/** This program's version, noted with the schema. */
	program: string;
	log: Log;
	queryDuration?: { observe(seconds: number): void };
}

/** How the shards shared the traces out since their tables were made. */
const LAYOUTS = 'SELECT DISTINCT layout FROM shard_layouts';

/** Resolves when every server has the schema. Every one has to be there for that. */
export async function openCluster(options: OpenOptions): Promise<ShardedClickHouse> {
	const { name, urls, credentials, database, program, log, queryDuration } = options;
	const [first = ''] = urls;
	for (const url of urls) await atServer(url, options, (server) => untilReachable(server, url, log));
	const { shards, servers, isReplicated } = await discoverCluster(options);
	const migrations = readMigrations();
	const version = migrations.at(-1)?.number ?? 0;
	for (const { url } of servers) {
		await atServer(url, options, async (server) => {
			await migrate(server, migrations, program, log, isReplicated);
			await makeDistributedTables(server, { cluster: name, database, version });
		});
	}
	const clickhouse = new ShardedClickHouse({
		entries: [{ url: first, headers: {} }, ...servers.filter(({ url }) => url !== first)],
		credentials,
		database,
		localDatabase: localName(database),
		shards,
		...(queryDuration === undefined ? {} : { queryDuration }),
	});
	if (await isOneLayout(clickhouse, shards.map(({ weight }) => weight).join(','))) clickhouse.prune();
	log.info({ cluster: name, shards: shards.map(({ host }) => host), isReplicated }, 'the cluster is ready');
	return clickhouse;
}

const localName = (database: string): string => `${database}_local`;

async function atServer(
	url: string,
	{ credentials, database }: OpenOptions,
	use: (server: ClickHouse) => Promise<void>,
): Promise<void> {
	const server = new ClickHouse({ url, headers: {} }, credentials, localName(database));
	try {
		await use(server);
	} finally {
		await server.close();
	}
}

/** Whether rows always lay where they are put now. After a shard was added, older ones lie elsewhere. */
async function isOneLayout({ home }: ShardedClickHouse, layout: string): Promise<boolean> {
	const known = await home.rows<{ layout: string }>(LAYOUTS, {});
	if (known.every((before) => before.layout !== layout)) {
		await home.insert('shard_layouts (layout)', 'JSONEachRow', [Buffer.from(JSON.stringify({ layout }))]);
	}
	return known.every((before) => before.layout === layout);
}
