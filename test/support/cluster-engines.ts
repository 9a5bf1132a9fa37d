/** Two real ClickHouse servers of one machine, each a shard of the cluster `pair`, as processes of their own. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { tryResolveLibchdb } from 'chdb/libchdb';
import { ENDLESS_QUERY_COMMENT } from '../../collector/store/engine/embedded-config.ts';
import { freePort } from '../../collector/store/engine/embedded-server.ts';
import { temporaryFolder } from './clickhouse.ts';

export const clusterName = 'pair';

export interface ShardEngine {
	/** Of its HTTP interface; the same after a restart. */
	url: string;
	/** SIGKILL; resolves when it is gone. */
	kill(): Promise<void>;
	/** Resolves when it answers again. */
	start(): Promise<void>;
	/** Of its process; undefined while it isn't running. */
	pid(): number | undefined;
}

export interface ClusterEngines {
	shards: readonly [ShardEngine, ShardEngine];
	/** What `CLICKHOUSE_URL` is. */
	urls: string;
	close(): Promise<void>;
}

interface Ports {
	http: number;
	tcp: number;
}

const childEntry = fileURLToPath(new URL('../../collector/store/engine/embedded-child.ts', import.meta.url));
const mebibyte = 1024 ** 2;

/** What a server needs for tables to be replicated, here with one replica of each shard. `zookeeper` is `HOST:PORT`. */
function replicationOf(shard: number, zookeeper: string | undefined): string {
	const [host, port] = zookeeper?.split(':') ?? [];
	if (host === undefined) return '';
	return `<zookeeper><node><host>${host}</host><port>${port}</port></node></zookeeper>
	<macros><shard>${shard}</shard><replica>one</replica></macros>`;
}

/** Without the header that protects the embedded server of the product: these are reached as servers that people run. */
const shardConfig = (all: readonly Ports[], shard: number, zookeeper: string | undefined): string => `<clickhouse>
	<remote_servers><${clusterName}>
		${all.map(({ tcp }) => `<shard><replica><host>127.0.0.1</host><port>${tcp}</port></replica></shard>`).join('\n\t\t')}
	</${clusterName}></remote_servers>
	${replicationOf(shard, zookeeper)}
	<users_config>users.xml</users_config>
	<max_server_memory_usage>${1024 * mebibyte}</max_server_memory_usage>
	<mark_cache_size>${16 * mebibyte}</mark_cache_size>
	<background_pool_size>2</background_pool_size>
	<merge_tree><auto_statistics_types></auto_statistics_types></merge_tree>
</clickhouse>
`;

/** As much memory as the product's own may use, and what a server comes with otherwise. */
const loneConfig = `<clickhouse>
	<users_config>users.xml</users_config>
	<max_server_memory_usage>${4096 * mebibyte}</max_server_memory_usage>
</clickhouse>
`;

/** A user of the servers beside `default`, who may do everything. `clickhouse local` knows users from its configuration alone. */
export interface EngineUser {
	name: string;
	password: string;
	/** Such as `SELECT ON spanhouse.*`. */
	grants: readonly string[];
}

const usersConfig = (users: readonly EngineUser[]): string => {
	const user = (name: string, rest: string): string =>
		`<${name}>${rest}<networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></${name}>`;
	const others = users.map(({ name, password, grants }) => {
		const queries = grants.map((grant) => `<query>GRANT ${grant}</query>`).join('');
		return user(name, `<password>${password}</password><grants>${queries}</grants>`);
	});
	return `<clickhouse>
	<profiles><default></default></profiles><quotas><default></default></quotas>
	<users>${[user('default', '<password></password>'), ...others].join('')}</users>
</clickhouse>
`;
};

const argumentsOf = (folder: string, configFile: string, { http, tcp }: Ports): string[] => [
	'clickhouse',
	`--path=${folder}`,
	`--config-file=${configFile}`,
	'--listen_host=127.0.0.1',
	`--http_port=${http}`,
	`--tcp_port=${tcp}`,
	'--query',
	'SYSTEM START LISTEN HTTP',
	'--query',
	'SYSTEM START LISTEN TCP',
	'--query',
	`SELECT sleepEachRow(0.25) FROM system.numbers SETTINGS function_sleep_max_microseconds_per_block = 0, max_block_size = 1,
		log_comment = '${ENDLESS_QUERY_COMMENT}' FORMAT Null`,
];

async function untilItAnswers(url: string): Promise<void> {
	for (const deadlineMs = Date.now() + 180_000; ; await sleep(20)) {
		const answer = await fetch(`${url}/?query=SELECT%201`).catch(() => undefined);
		if (answer?.ok) return;
		if (Date.now() > deadlineMs) throw new Error(`the shard at ${url} does not answer`);
	}
}

function shardEngine(
	folder: string,
	config: string,
	ports: Ports,
	users: readonly EngineUser[],
): ShardEngine & { end(): void } {
	mkdirSync(join(folder, 'clickhouse'), { recursive: true });
	const configFile = join(folder, 'clickhouse.xml');
	const usersFile = join(folder, 'users.xml');
	writeFileSync(configFile, config.replace('users.xml', usersFile));
	writeFileSync(usersFile, usersConfig(users));
	const library = tryResolveLibchdb()?.path ?? '';
	const url = `http://127.0.0.1:${ports.http}`;
	let child: ChildProcess | undefined;
	let isWanted = false;
	return {
		url,
		pid: () => child?.pid,
		async start() {
			isWanted = true;
			child = fork(childEntry, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
			const engineArguments = argumentsOf(join(folder, 'clickhouse'), configFile, ports);
			// The engine can crash when its peer is killed; whoever runs servers has them started again.
			child.once('exit', (code, signal) => {
				if (!isWanted) return;
				process.stderr.write(`the engine at ${url} ended (${signal ?? code}) and is started again\n`);
				void this.start();
			});
			child.send({ library, engineArguments, port: ports.http, secret: '' });
			await untilItAnswers(url);
		},
		async kill() {
			isWanted = false;
			if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
			const gone = once(child, 'exit');
			child.kill('SIGKILL');
			await gone;
		},
		end: () => {
			isWanted = false;
			child?.kill('SIGKILL');
		},
	};
}

/** One server alone, as people run it; `native` is where it speaks ClickHouse's own protocol. `fill` puts data into its folder. */
export async function loneEngine(
	users: readonly EngineUser[] = [],
	fill: (folder: string) => Promise<void> = async () => {},
): Promise<{ url: string; native: string; pid: number; close(): Promise<void> }> {
	const folder = temporaryFolder();
	await fill(folder.path);
	const ports = { http: await freePort(), tcp: await freePort() };
	const engine = shardEngine(folder.path, loneConfig, ports, users);
	await engine.start();
	return {
		url: engine.url,
		native: `tcp://127.0.0.1:${ports.tcp}`,
		pid: engine.pid() ?? 0,
		close: async () => {
			await engine.kill();
			folder.remove();
		},
	};
}

interface ClusterOptions {
	/** `HOST:PORT` of one, before which tables are replicated. */
	zookeeper?: string;
	users?: readonly EngineUser[];
	/** Puts data into the folder of each shard. */
	fill?: (folder: string) => Promise<void>;
}

export async function clusterEngines({ zookeeper, users = [], fill }: ClusterOptions = {}): Promise<ClusterEngines> {
	const folder = temporaryFolder();
	const ports: Ports[] = [];
	for (let shard = 0; shard < 2; shard += 1) {
		await fill?.(join(folder.path, `${shard}`));
		ports.push({ http: await freePort(), tcp: await freePort() });
	}
	const [first, second] = ports.map((own, index) =>
		shardEngine(join(folder.path, `${index}`), shardConfig(ports, index, zookeeper), own, users),
	);
	if (first === undefined || second === undefined) throw new Error('there are two shards');
	await Promise.all([first.start(), second.start()]);
	return {
		shards: [first, second],
		urls: `${first.url},${second.url}`,
		close: async () => {
			await Promise.all([first.kill(), second.kill()]);
			folder.remove();
		},
	};
}
