import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '../../collector/log.ts';
import { ClickHouse } from '../../collector/store/engine/clickhouse.ts';
import { EmbeddedServer } from '../../collector/store/engine/embedded-server.ts';
import type { StatusAnswer } from '../../schema/api-status.ts';
import { dataFolders } from '../support/data-folders.ts';
import { fillWithMigrated } from '../support/migrated-store.ts';
import { childrenOf, usageOf } from '../support/process-usage.ts';
import { productStore, startProduct, until } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import type { Random } from '../fuzz/fuzz.ts';
import { FaultProxy } from './fault-proxy.ts';
import { lastingPort } from './lasting-port.ts';
import { Ledger } from './ledger.ts';
import type { Listeners } from './otlp-client.ts';
import { keptOf, rolledUp, storedCopies } from './stored.ts';
import type { Kept, RolledUp, Stored } from './stored.ts';

const startMs = 120_000;
const settleMs = 300_000;
const deathMs = 40_000;

export interface WorldOptions {
	/** The product hosts ClickHouse itself; else a ClickHouse behind a proxy stands beside it. */
	isEmbedded?: boolean;
	/** Another collector on the ClickHouse of this world, whose clients are its own, too. */
	beside?: FaultWorld;
	/** Where the product keeps its spool; a temporary folder where nothing is said. */
	dataFolder?: string;
	args?: string[];
	/** Where ClickHouse beside it keeps its data; a temporary folder where nothing is said. */
	storeFolder?: string;
	/** Another program in place of the product's command. */
	command?: string[];
	/** By what the clients choose how to send. */
	random?: Random;
}

export interface StartOptions {
	env?: Record<string, string>;
	/** It is told to kill itself, perhaps before it is ready. */
	mayDie?: boolean;
}

/** The real product as a process, real clients, and a real ClickHouse, all of which can be hurt. */
export class FaultWorld {
	#ledger: Ledger;
	#logs: Ledger;
	readonly dataFolder: string;
	readonly #folder: string;
	readonly #options: WorldOptions;
	readonly #ports: { ui: number; http: number; grpc: number };
	#engine: EmbeddedServer | undefined;
	#proxy: FaultProxy | undefined;
	#product: Product | undefined;
	slowestStartMs = 0;
	/** Of those by SIGTERM. */
	slowestStopMs = 0;
	/** Of the collector, over all its lives. */
	peakBytes = 0;
	kills = 0;
	/** What was stored when the fault began, and when it was last asked for. */
	#before: Stored = { spans: new Map(), logs: new Map() };
	#stored = this.#before;
	#setAsideBefore = 0;
	readonly #closing: (() => unknown)[] = [];

	private constructor(options: WorldOptions, folder: string, ports: FaultWorld['ports']) {
		this.#options = options;
		this.#folder = folder;
		this.#ports = ports;
		const { random = Math.random } = options;
		this.#ledger = new Ledger('traces', { random });
		this.#logs = new Ledger('logs', { random });
		this.#proxy = options.beside?.proxy;
		this.dataFolder = options.dataFolder ?? join(folder, 'data');
	}

	static async open(options: WorldOptions = {}): Promise<FaultWorld> {
		const ports = { ui: await lastingPort(), http: await lastingPort(), grpc: await lastingPort() };
		const world = new FaultWorld(options, mkdtempSync(join(dataFolders, 'spanhouse-faults-')), ports);
		if (options.beside === undefined) {
			const folder = options.isEmbedded ? world.dataFolder : world.#storeFolder;
			await fillWithMigrated(folder, productStore);
			if (!options.isEmbedded) await world.#startEngine(folder);
		}
		options.beside?.onClose(() => world.close());
		return world;
	}

	async #startEngine(folder: string): Promise<void> {
		this.#engine = await EmbeddedServer.start(folder, silentLog);
		this.#engine.on('ready', (address) => {
			if (this.#proxy !== undefined) this.#proxy.target = address;
		});
		this.#proxy ??= await FaultProxy.open(this.#engine.address);
		this.#proxy.target = this.#engine.address;
	}

	/** The one whose ClickHouse it is. */
	get #host(): FaultWorld {
		return this.#options.beside ?? this;
	}

	get ledger(): Ledger {
		return this.#host.#ledger;
	}

	/** Of log records. */
	get logs(): Ledger {
		return this.#host.#logs;
	}

	get #storeFolder(): string {
		return this.#options.storeFolder ?? join(this.#folder, 'clickhouse');
	}

	get ports() {
		return this.#ports;
	}

	get url(): string {
		return `http://127.0.0.1:${this.#ports.http}`;
	}

	get listeners(): Listeners {
		return { http: this.url, grpc: `127.0.0.1:${this.#ports.grpc}` };
	}

	get proxy(): FaultProxy {
		if (this.#proxy === undefined) throw new Error('the ClickHouse of this world is inside the product');
		return this.#proxy;
	}

	get product(): Product {
		if (this.#product === undefined) throw new Error('the product does not run');
		return this.#product;
	}

	/** What runs already, from a fault before this one, goes on. */
	async start(options: StartOptions = {}): Promise<void> {
		if (this.#product !== undefined) return;
		const { ui, http, grpc } = this.#ports;
		const beganMs = performance.now();
		const ports = ['--ui-port', ui, '--otlp-http-port', http, '--otlp-grpc-port', grpc].map(String);
		const starting = startProduct({
			args: ['--data-dir', this.dataFolder, ...ports, ...(this.#options.args ?? [])],
			...(this.#options.command === undefined ? {} : { command: this.#options.command }),
			env: {
				...(this.#proxy === undefined ? {} : { CLICKHOUSE_URL: this.#proxy.url }),
				...options.env,
			},
			timeoutMs: startMs,
		});
		this.#product = options.mayDie ? await starting.catch(diedAtStart) : await starting;
		if (this.#product === undefined) return;
		this.slowestStartMs = Math.max(this.slowestStartMs, performance.now() - beganMs);
	}

	/** kill -9. */
	async kill(): Promise<void> {
		const { process: child } = this.product;
		this.#notePeak();
		const exited = once(child, 'exit');
		child.kill('SIGKILL');
		await exited;
		this.kills += 1;
		this.#product = undefined;
	}

	/** Provokes it until it has killed itself; false when it doesn't come to that, and it is killed from outside. */
	async died(provoke: () => Promise<void>): Promise<boolean> {
		const { process: child } = this.#product ?? {};
		if (child === undefined) {
			this.kills += 1;
			return true;
		}
		const deadlineMs = performance.now() + deathMs;
		while (child.exitCode === null && child.signalCode === null) {
			if (performance.now() > deadlineMs) {
				await this.kill();
				return false;
			}
			await provoke();
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
		this.#product = undefined;
		if (child.signalCode !== 'SIGKILL') throw new Error(`it ended with ${child.exitCode} instead of killing itself`);
		this.kills += 1;
		return true;
	}

	/** Waits until the ClickHouse inside the product is back. */
	async untilEngineReady(): Promise<void> {
		const isReady = async () => ((await this.status()).store.ready ? true : undefined);
		await until(isReady, 'ClickHouse', settleMs);
	}

	#notePeak(): void {
		const pid = this.#product?.process.pid;
		if (pid !== undefined) this.peakBytes = Math.max(this.peakBytes, usageOf(pid).peakBytes);
	}

	/** SIGTERM. Throws what it logged when it doesn't end by itself, and well. */
	async stop(): Promise<void> {
		this.#notePeak();
		const { product } = this;
		const beganMs = performance.now();
		const code = await product.stop();
		this.slowestStopMs = Math.max(this.slowestStopMs, performance.now() - beganMs);
		this.#product = undefined;
		if (code !== 0) throw new Error(`SIGTERM ended it with ${code}:\n${product.log()}`);
	}

	/** kill -9 of ClickHouse: of the engine inside the product, or of the one beside it. Resolves when it is dead. */
	async killEngine(): Promise<void> {
		const pid = this.#engine?.pid ?? engineOf(this.product.process.pid ?? 0);
		if (pid === undefined) return;
		process.kill(pid, 'SIGKILL');
		this.kills += 1;
		const engine = this.#engine;
		if (engine === undefined) return;
		await engine.stop();
		await this.#startEngine(this.#storeFolder);
	}

	/** SIGSTOP or SIGCONT. */
	signalEngine(signal: 'SIGSTOP' | 'SIGCONT'): void {
		const pid = this.#engine?.pid;
		if (pid !== undefined) process.kill(pid, signal);
	}

	async status(): Promise<StatusAnswer> {
		const answer = await fetch(`http://127.0.0.1:${this.#ports.ui}/api/v1/status`);
		return (await answer.json()) as StatusAnswer;
	}

	/** Figures of `/metrics`, without labels added up. */
	async metrics(): Promise<Map<string, number>> {
		this.#notePeak();
		const text = await (await fetch(`http://127.0.0.1:${this.#ports.ui}/metrics`)).text();
		const sums = new Map<string, number>();
		for (const line of text.split('\n')) {
			const [, name = '', value] = /^(\w+)(?:\{.*\})? (\S+)$/.exec(line) ?? [];
			if (value !== undefined) sums.set(name, (sums.get(name) ?? 0) + Number(value));
		}
		return sums;
	}

	/** Waits until nothing acknowledged waits any more. */
	async settle(): Promise<void> {
		await until(
			async () => {
				const { spool, logSpool } = await this.status().catch(() => ({
					spool: { spans: -1 },
					logSpool: { records: -1 },
				}));
				return spool.spans === 0 && logSpool.records === 0 ? true : undefined;
			},
			'empty spools',
			settleMs,
		);
	}

	/** Settles, and compares what is stored with what clients were told. */
	async kept(): Promise<Kept & { logs: Kept }> {
		await this.settle();
		if (this.#options.isEmbedded) {
			await this.stop();
			await this.#startEngine(this.dataFolder);
		}
		try {
			const host = this.#host;
			host.#stored = await this.#ask(storedCopies);
			const [stored, before] = [host.#stored, host.#before];
			return {
				...keptOf(stored.spans, host.#ledger, before.spans),
				logs: keptOf(stored.logs, host.#logs, before.logs),
			};
		} finally {
			if (this.#options.isEmbedded) {
				await this.#engine?.stop();
				await this.#proxy?.close();
				this.#engine = this.#proxy = undefined;
			}
		}
	}

	/** Waits for it. Undefined where ClickHouse is inside the product, which is stopped by the time that it can be asked. */
	async rolledUp(): Promise<RolledUp | undefined> {
		return this.#options.isEmbedded ? undefined : this.#ask(rolledUp);
	}

	/**
	 * For another fault after one that has healed: clients and figures begin anew, and what is stored by now is not theirs. The
	 * product and ClickHouse go on as they are.
	 */
	async renew(service: string): Promise<void> {
		this.#ledger = this.#ledger.next(service);
		this.#logs = this.#logs.next(service);
		this.#before = this.#stored;
		this.proxy.heal();
		this.kills = this.slowestStartMs = this.slowestStopMs = 0;
		this.#setAsideBefore = this.#product === undefined ? 0 : (await this.status()).spool.quarantinedSpans;
	}

	/** Spans of this fault that ClickHouse has refused for good. */
	async setAside(): Promise<number> {
		return (await this.status()).spool.quarantinedSpans - this.#setAsideBefore;
	}

	/** The latest moment at which a span is filed. */
	async latestTimeMs(): Promise<number> {
		return this.#ask(async (clickhouse) => {
			const [row] = await clickhouse.rows<{ ms: number }>(
				'SELECT toUnixTimestamp64Milli(max(time)) AS ms FROM spans',
				{},
			);
			return row?.ms ?? 0;
		});
	}

	async #ask<Answer>(question: (clickhouse: ClickHouse) => Promise<Answer>): Promise<Answer> {
		const { address } = this.#host.#engine ?? {};
		if (address === undefined) throw new Error('there is no ClickHouse to ask');
		const clickhouse = new ClickHouse(address, { username: 'default', password: '' }, 'spanhouse');
		return question(clickhouse).finally(() => clickhouse.close());
	}

	async close(): Promise<void> {
		this.signalEngine('SIGCONT');
		await this.#product?.stop();
		for (const step of this.#closing) await step();
		if (this.#options.beside === undefined) {
			this.ledger.close();
			this.logs.close();
			await this.#proxy?.close();
		}
		await this.#engine?.stop();
		rmSync(this.#folder, { recursive: true, force: true });
	}

	/** Files of a fixture, in place of the product's own. */
	copyInto(folder: string, fixture: URL): void {
		cpSync(fixture, folder, { recursive: true });
	}

	/** Something to undo when all is over. */
	onClose(step: () => unknown): void {
		this.#closing.push(step);
	}
}

function diedAtStart(error: Error): undefined {
	if (!error.message.startsWith('exited with null')) throw error;
}

/** The engine is the child of the product that runs embedded-child. */
function engineOf(parent: number): number | undefined {
	return childrenOf(parent).find((pid) => {
		try {
			return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('embedded-child');
		} catch {
			return false; // It ended meanwhile.
		}
	});
}
