import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseSettings } from '@clickhouse/client';
import { tryResolveLibchdb } from 'chdb/libchdb';
import type { Log } from '../../log.ts';
import { messageOf } from '../../problem.ts';
import type { ChildOptions } from './embedded-child.ts';
import { engineArguments, engineConfig, engineSettings, SECRET_HEADER } from './embedded-config.ts';
import { tryLockFile } from './file-lock.ts';
import { StoreOpenError } from './store-error.ts';

/** How to reach a server: changes with every restart of an embedded one. */
export interface ServerAddress {
	url: string;
	headers: Record<string, string>;
	/** Said with each statement: what servers of other versions may not know. */
	settings?: ClickHouseSettings;
}

export type ServerState = { ready: true } | { ready: false; reason: string };

const startTimeoutMs = 120_000;
const stopTimeoutMs = 5_000;
const orphanTimeoutMs = 10_000;
const firstDelayMs = 100;
const longestDelayMs = 10_000;
/** After so long without a crash, the next one counts as the first. */
const stableMs = 60_000;
const keptErrorBytes = 4_096;

interface Engine {
	process: ChildProcess;
	send(message: ChildOptions | 'stop'): void;
	/** The end of what it wrote to standard error. */
	errors(): string;
	exited: Promise<string>;
}

/**
 * A ClickHouse server in a child process, out of npm `chdb`. Restarted whenever it dies; never outlives this process.
 * Emits `ready` with the address of each start.
 */
export class EmbeddedServer extends EventEmitter<{ ready: [ServerAddress] }> {
	readonly #dataFolder: string;
	readonly #folder: string;
	readonly #configFile: string;
	readonly #library: string;
	readonly #log: Log;
	#engine: Engine | undefined;
	#state: ServerState = { ready: false, reason: 'the embedded ClickHouse is starting' };
	#stopping = new AbortController();
	#supervision: Promise<void> = Promise.resolve();
	#address: ServerAddress | undefined;

	private constructor(dataFolder: string, library: string, log: Log) {
		super();
		this.#dataFolder = dataFolder;
		this.#folder = engineFolder(dataFolder);
		this.#configFile = resolve(dataFolder, 'clickhouse.xml');
		this.#library = library;
		this.#log = log;
	}

	/** Resolves when it answers queries. The caller holds the lock of the data folder. */
	static async start(dataFolder: string, log: Log): Promise<EmbeddedServer> {
		const library = tryResolveLibchdb()?.path;
		if (library === undefined) {
			throw new StoreOpenError(
				'ENGINE_UNSUPPORTED',
				`there is no embedded ClickHouse for ${process.platform} ${process.arch} here (it needs macOS, or Linux with glibc); set CLICKHOUSE_URL to a ClickHouse server`,
			);
		}
		const server = new EmbeddedServer(dataFolder, library, log);
		mkdirSync(server.#folder, { recursive: true, mode: 0o700 });
		const engine = await server.#startEngine();
		server.#supervision = server.#supervise(engine);
		return server;
	}

	get address(): ServerAddress {
		if (this.#address === undefined) throw new Error('an embedded server has an address from its start on');
		return this.#address;
	}

	state(): ServerState {
		return this.#state;
	}

	/** For tests that kill it. */
	get pid(): number | undefined {
		return this.#engine?.process.pid;
	}

	async stop(): Promise<void> {
		this.#stopping.abort();
		this.#state = { ready: false, reason: 'the embedded ClickHouse is stopping' };
		await this.#end(this.#engine);
		await this.#supervision;
	}

	async #end(engine: Engine | undefined): Promise<void> {
		if (engine === undefined) return;
		const kill = setTimeout(() => engine.process.kill('SIGKILL'), stopTimeoutMs);
		engine.send('stop');
		await engine.exited;
		clearTimeout(kill);
	}

	/** Starts the engine again whenever it ends, with growing pauses, until `stop`. */
	async #supervise(first: Engine): Promise<void> {
		let engine: Engine | undefined = first;
		let delayMs = firstDelayMs;
		while (!this.#stopping.signal.aborted) {
			const startedMs = performance.now();
			const how = engine === undefined ? 'could not be started' : await engine.exited;
			if (this.#stopping.signal.aborted) return;
			this.#state = { ready: false, reason: `the embedded ClickHouse ${how} and is being restarted` };
			this.#log.error({ how, errors: engine?.errors() }, 'the embedded ClickHouse is down');
			delayMs = performance.now() - startedMs > stableMs ? firstDelayMs : Math.min(delayMs * 2, longestDelayMs);
			await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
			engine = await this.#startEngine().catch((error: unknown) => {
				this.#log.error({ error: messageOf(error) }, 'the embedded ClickHouse could not be restarted');
				return undefined;
			});
		}
		await this.#end(engine);
	}

	async #startEngine(): Promise<Engine> {
		await untilEngineIsGone(this.#dataFolder);
		const startedMs = performance.now();
		const port = await freePort();
		const secret = randomBytes(24).toString('hex');
		writeFileSync(this.#configFile, engineConfig(secret), { mode: 0o600 });
		const engine = spawnEngine({
			library: this.#library,
			engineArguments: engineArguments(this.#folder, this.#configFile, port),
			port,
			secret,
		});
		this.#engine = engine;
		const address = { url: `http://127.0.0.1:${port}`, headers: { [SECRET_HEADER]: secret }, settings: engineSettings };
		await this.#untilItAnswers(engine, address);
		this.#address = address;
		this.#state = { ready: true };
		this.#log.info(
			{ ms: Math.round(performance.now() - startedMs), pid: engine.process.pid },
			'the embedded ClickHouse is ready',
		);
		this.emit('ready', address);
		return engine;
	}

	async #untilItAnswers(engine: Engine, address: ServerAddress): Promise<void> {
		const deadlineMs = performance.now() + startTimeoutMs;
		while (performance.now() < deadlineMs && isRunning(engine) && !this.#stopping.signal.aborted) {
			if (await answers(address)) return;
			await sleep(15);
		}
		const late = isRunning(engine) ? `did not answer within ${startTimeoutMs / 1000} s` : undefined;
		engine.process.kill('SIGKILL');
		const how = late ?? (await engine.exited);
		throw new StoreOpenError('ENGINE_FAILED', `the embedded ClickHouse ${how}. ${engine.errors().trim()}`.trim());
	}
}

/** After a crash of ours, the old engine sees its lifeline end and goes; until then it holds its own lock. */
export async function untilEngineIsGone(dataFolder: string): Promise<void> {
	const folder = engineFolder(dataFolder);
	const statusFile = join(folder, 'status');
	if (!existsSync(statusFile)) return;
	const deadlineMs = performance.now() + orphanTimeoutMs;
	while (performance.now() < deadlineMs) {
		const lock = tryLockFile(statusFile);
		lock?.release();
		if (lock !== undefined) return;
		await sleep(50);
	}
	throw new StoreOpenError(
		'DATA_FOLDER_IN_USE',
		`another ClickHouse holds ${folder}; stop it, or use another data folder`,
	);
}

/** Absolute: the engine changes its working directory, and a relative path would mean another place from then on. */
const engineFolder = (dataFolder: string): string => resolve(dataFolder, 'clickhouse');

function spawnEngine(options: ChildOptions): Engine {
	const entry = new URL(`./embedded-child${extname(import.meta.url)}`, import.meta.url);
	// A group of its own: the engine takes SIGINT as "cancel the query", and a terminal sends it to the whole group.
	const child = fork(entry, { detached: true, execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
	let errors = '';
	child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-keptErrorBytes)));
	const exited = new Promise<string>((resolve) => {
		child.on('error', (error) => resolve(`failed: ${error.message}`));
		child.once('exit', (code, signal) => resolve(signal === null ? `ended with code ${code}` : `ended by ${signal}`));
	});
	// A message that can't be sent needs no answer: the child is gone, which `exited` tells.
	const send = (message: ChildOptions | 'stop') => void child.send(message, () => {});
	send(options);
	return { process: child, send, errors: () => errors, exited };
}

const isRunning = ({ process }: Engine): boolean => process.exitCode === null && process.signalCode === null;

async function answers(address: ServerAddress): Promise<boolean> {
	try {
		const answer = await fetch(`${address.url}/?query=SELECT%201`, {
			headers: address.headers,
			signal: AbortSignal.timeout(5_000),
		});
		return answer.ok && (await answer.text()) === '1\n';
	} catch {
		return false;
	}
}

/** The engine wants a number, so another program could take the port in between; the start then fails and is repeated. */
export async function freePort(): Promise<number> {
	const probe = createServer();
	await new Promise<void>((resolve, reject) => {
		probe.once('error', reject);
		probe.listen(0, '127.0.0.1', resolve);
	});
	const { port } = probe.address() as AddressInfo;
	await new Promise((resolve) => probe.close(resolve));
	return port;
}
