import type { Log } from '../../log.ts';
import { messageOf } from '../../problem.ts';
import { ClickHouse } from '../engine/clickhouse.ts';
import type { Credentials } from '../engine/clickhouse.ts';
import { openCluster } from './open-cluster.ts';
import { migrate, readMigrations } from '../engine/migrations.ts';
import { untilReachable } from '../engine/server-access.ts';
import { StoreOpenError } from '../engine/store-error.ts';

export interface RemoteServer {
	url: string;
	username: string;
	password: string;
	/** Who asks what people ask, where that is another user: one that can do nothing but read. */
	reader?: Credentials;
	/** Of which cluster it is a part, and how its servers are reached: see cluster/discover-shards.ts. */
	cluster?: { name: string; urls: readonly string[] };
}

interface ConnectOptions {
	database: string;
	/** This program's version, noted with the schema. */
	program: string;
	log: Log;
	queryDuration: { observe(seconds: number): void } | undefined;
}

/** Resolves when it can be reached and has the schema. Throws `StoreOpenError`. */
export async function connectRemote(remote: RemoteServer, options: ConnectOptions): Promise<ClickHouse> {
	const { url, username, password, cluster } = remote;
	const { database, program, log, queryDuration } = options;
	const credentials = { username, password };
	if (cluster !== undefined) {
		const measured = queryDuration === undefined ? {} : { queryDuration };
		return openCluster({ ...cluster, credentials, database, program, log, ...measured });
	}
	const clickhouse = new ClickHouse({ url, headers: {} }, credentials, database, queryDuration);
	try {
		await untilReachable(clickhouse, url, log);
		await migrate(clickhouse, readMigrations(), program, log);
		return clickhouse;
	} catch (error) {
		await clickhouse.close();
		throw error;
	}
}

/** Needs rights at the server that is asked even where a condition would leave all shards out. */
const MAY_READ = 'SELECT 1 FROM spans LIMIT 1';

/** For what people ask. Throws `StoreOpenError` where its user can't log in, or can't read. */
export async function connectReader(clickhouse: ClickHouse, { url, reader }: RemoteServer): Promise<ClickHouse> {
	if (reader === undefined) return clickhouse;
	const people = clickhouse.as(reader);
	try {
		await people.rows(MAY_READ, {});
		// A server reads its own shard, and what lies with it, by the rights of who asks.
		await people.everywhere(MAY_READ, {});
		return people;
	} catch (error) {
		await people.close();
		const { origin } = new URL(url);
		throw new StoreOpenError('STORE_UNREACHABLE', `CLICKHOUSE_READ_USER at ${origin}: ${messageOf(error)}`);
	}
}
