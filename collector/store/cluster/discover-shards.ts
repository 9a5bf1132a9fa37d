import { ClickHouse } from '../engine/clickhouse.ts';
import type { Credentials } from '../engine/clickhouse.ts';
import type { ServerAddress } from '../engine/embedded-server.ts';
import { StoreOpenError } from '../engine/store-error.ts';
import type { ShardServer } from './sharded-clickhouse.ts';

/** A cluster as `remote_servers` of its servers names it, and how to reach it over HTTP: see docs/howto/use-a-cluster.md. */
export interface ClusterOptions {
	name: string;
	/** One server: the others have its scheme, port and path. Several: at least one of each shard. */
	urls: readonly string[];
	credentials: Credentials;
}

export interface DiscoveredCluster {
	/** In order of their numbers; each with the replica that takes its rows, the first that can be reached over HTTP. */
	shards: ShardServer[];
	/** All replicas of all shards. */
	servers: ServerAddress[];
	/** There are macros and a Keeper on every server, so that tables can be replicated. */
	isReplicated: boolean;
}

const REPLICAS = `
	SELECT shard_num AS shard, shard_weight AS weight, replica_num AS replica, host_name AS host, is_local AS isLocal
	FROM system.clusters WHERE cluster = {name:String} ORDER BY shard, replica`;

const CLUSTERS = 'SELECT DISTINCT cluster FROM system.clusters ORDER BY cluster LIMIT 20';

const CAN_REPLICATE = `
	SELECT (SELECT countIf(macro IN ('shard', 'replica')) FROM system.macros) = 2
		AND (SELECT count() FROM system.tables WHERE database = 'system' AND name = 'zookeeper') = 1 AS can`;

interface Replica {
	shard: number;
	weight: number;
	replica: number;
	host: string;
	isLocal: number;
}

/** A replica, and how to reach it. */
type Reached = Replica & { address: ServerAddress };

/** Asks the servers. Throws `StoreOpenError` where the cluster isn't there, or can't be used as it is. */
export async function discoverCluster(options: ClusterOptions): Promise<DiscoveredCluster> {
	const { name, urls, credentials } = options;
	const ask = <Row>(url: string, sql: string) => askOnce<Row>(url, credentials, sql, { name });
	const [first = ''] = urls;
	const replicas = await ask<Replica>(first, REPLICAS);
	if (replicas.length === 0) {
		const known = (await ask<{ cluster: string }>(first, CLUSTERS)).map(({ cluster }) => cluster);
		throw new StoreOpenError(
			'CLUSTER_UNUSABLE',
			`CLICKHOUSE_CLUSTER is ${JSON.stringify(name)}; ${hostOf(first)} knows ${known.join(', ') || 'no cluster'}`,
		);
	}
	const reached =
		urls.length === 1
			? replicas.map((replica): Reached => ({ ...replica, address: addressOf(urlOfHost(first, replica.host)) }))
			: await ownReplicas(urls, (url) => ask<Replica>(url, REPLICAS));
	const canReplicate = await Promise.all(
		reached.map(({ address }) => ask<{ can: number }>(address.url, CAN_REPLICATE)),
	);
	const isReplicated = canReplicate.every(([row]) => row?.can === 1);
	return {
		shards: shardsOf(replicas, reached, isReplicated),
		servers: reached.map(({ address }) => address),
		isReplicated,
	};
}

/** Of each server its own entry in the cluster. */
async function ownReplicas(urls: readonly string[], ask: (url: string) => Promise<Replica[]>): Promise<Reached[]> {
	return Promise.all(
		urls.map(async (url) => {
			const own = (await ask(url)).find(({ isLocal }) => isLocal === 1);
			if (own !== undefined) return { ...own, address: addressOf(url) };
			throw new StoreOpenError('CLUSTER_UNUSABLE', `CLICKHOUSE_URL ${hostOf(url)} is no server of the cluster`);
		}),
	);
}

function shardsOf(replicas: readonly Replica[], reached: readonly Reached[], isReplicated: boolean): ShardServer[] {
	return [...Map.groupBy(replicas, ({ shard }) => shard)].map(([number, all]) => {
		const [writable] = reached.filter(({ shard }) => shard === number).sort((a, b) => a.replica - b.replica);
		if (writable === undefined) {
			const hosts = all.map(({ host }) => host).join(', ');
			throw new StoreOpenError('CLUSTER_UNUSABLE', `CLICKHOUSE_URL names no server of shard ${number} (${hosts})`);
		}
		if (all.length > 1 && !isReplicated) {
			throw new StoreOpenError(
				'CLUSTER_UNUSABLE',
				`shard ${number} has ${all.length} replicas, but not every server has a Keeper and the macros shard and replica, without which tables aren't replicated`,
			);
		}
		const { host, weight, address } = writable;
		return { number, host, weight, address };
	});
}

async function askOnce<Row>(
	url: string,
	credentials: Credentials,
	sql: string,
	parameters: Record<string, string>,
): Promise<Row[]> {
	const clickhouse = new ClickHouse(addressOf(url), credentials, 'default');
	try {
		return await clickhouse.rows<Row>(sql, parameters);
	} finally {
		await clickhouse.close();
	}
}

const addressOf = (url: string): ServerAddress => ({ url, headers: {} });

const hostOf = (url: string): string => URL.parse(url)?.host ?? url;

/** The same URL at another host; addresses of IPv6 stand in brackets there. */
export function urlOfHost(url: string, host: string): string {
	const other = new URL(url);
	other.hostname = host.includes(':') ? `[${host}]` : host;
	return other.href.replace(/\/$/, '');
}
