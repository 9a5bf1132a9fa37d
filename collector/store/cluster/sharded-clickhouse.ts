import type { ClickHouseSettings } from '@clickhouse/client';
import { missingShards } from '../../missing-shards.ts';
import { ProblemError } from '../../problem.ts';
import { ClickHouse } from '../engine/clickhouse.ts';
import type { Credentials, DeriveOptions, Parameters } from '../engine/clickhouse.ts';
import type { ServerAddress, ServerState } from '../engine/embedded-server.ts';
import type { NativeTable } from '../native/native-reader.ts';
import { tracePlaces } from './trace-places.ts';

/** One shard: the replica that takes its rows. */
export interface ShardServer {
	/** As `system.clusters` counts, from 1. */
	number: number;
	host: string;
	weight: number;
	address: ServerAddress;
}

export interface ShardedOptions {
	/** Servers that can be asked for everything, in the order in which they are tried. */
	entries: readonly ServerAddress[];
	credentials: Credentials;
	/** Of `Distributed` tables, and of the tables that hold the rows. */
	database: string;
	localDatabase: string;
	shards: readonly ShardServer[];
	queryDuration?: { observe(seconds: number): void };
}

/** A subquery is asked of all shards whatever table the query around it reads, as it would be of one server. */
const clusterSettings: ClickHouseSettings = {
	distributed_product_mode: 'global',
	// A host that drops packets instead of refusing them must not hold up every read.
	connect_timeout_with_failover_ms: 1_000,
	connections_with_failover_max_tries: '1',
};

/** Rows go to their shards before the insert is answered, rather than to a queue on the disk of one of them. */
const insertSettings: ClickHouseSettings = { ...clusterSettings, distributed_foreground_insert: 1 };

const pingTimeoutMs = 1_000;

/** A cluster: what is asked of it is asked of all shards; rows of spans are written to one shard at a time. */
export class ShardedClickHouse extends ClickHouse {
	readonly #options: ShardedOptions;
	readonly #shards: readonly ClickHouse[];
	/** Of the same rows it is asked for each portion of them. */
	readonly #places = new WeakMap<Uint8Array, Uint16Array>();
	#entry = 0;
	#isPruned = false;

	constructor(options: ShardedOptions) {
		const { entries, credentials, database, localDatabase, shards, queryDuration } = options;
		super(entries[0] ?? noAddress, credentials, database, queryDuration);
		this.#options = options;
		this.#shards = shards.map(({ address }) => new ClickHouse(address, credentials, localDatabase));
	}

	override as(credentials: Credentials): ShardedClickHouse {
		const other = new ShardedClickHouse({ ...this.#options, credentials });
		if (this.#isPruned) other.prune();
		return other;
	}

	override get shards(): readonly ClickHouse[] {
		return this.#shards;
	}

	override get weights(): readonly number[] {
		return this.#options.shards.map(({ weight }) => weight);
	}

	override placesOf(traceIds: Uint8Array): Uint16Array {
		const places = this.#places.get(traceIds) ?? tracePlaces(traceIds, this.weights);
		this.#places.set(traceIds, places);
		return places;
	}

	/** Reads of one trace go to its shard alone from now on: right as long as all rows lie where new ones go. */
	prune(): void {
		this.#isPruned = true;
	}

	override state(): ServerState {
		const entry = super.state();
		if (!entry.ready) return entry;
		const at = this.#shards.findIndex((shard) => !shard.state().ready);
		return at < 0 ? entry : { ready: false, reason: `${this.#nameOf(at)} can't be reached` };
	}

	override rows<Row>(
		sql: string,
		parameters: Parameters,
		signal?: AbortSignal,
		settings?: ClickHouseSettings,
	): Promise<Row[]> {
		return this.#read((own) => super.rows<Row>(sql, parameters, signal, { ...own, ...settings }));
	}

	override columns(
		sql: string,
		parameters: Parameters,
		signal?: AbortSignal,
		settings?: ClickHouseSettings,
	): Promise<NativeTable> {
		return this.#read((own) => super.columns(sql, parameters, signal, { ...own, ...settings }));
	}

	override async native(
		sql: string,
		parameters: Parameters,
		signal?: AbortSignal,
		settings: ClickHouseSettings = {},
	): Promise<Uint8Array> {
		return this.#read((own) => super.native(sql, parameters, signal, { ...own, ...settings }));
	}

	override async everywhere<Row>(sql: string, parameters: Parameters, signal?: AbortSignal): Promise<Row[]> {
		const missing = missingShards();
		const answers = await Promise.all(
			this.#shards.map(async (shard, at) => {
				try {
					return await shard.rows<Row>(sql, parameters, signal);
				} catch (error) {
					if (missing === undefined || !isAway(error)) throw error;
					this.#note([this.#nameOf(at)]);
					return [];
				}
			}),
		);
		return answers.flat();
	}

	override async insert(
		into: string,
		format: string,
		chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
		settings: ClickHouseSettings = {},
		queryId?: string,
	): Promise<void> {
		await this.#write(() => super.insert(into, format, chunks, { ...insertSettings, ...settings }, queryId));
	}

	override async derive(
		sql: string,
		parameters: Parameters,
		queryId: string,
		options: DeriveOptions = {},
	): Promise<void> {
		const settings = { ...insertSettings, ...options.settings };
		await this.#write(() => super.derive(sql, parameters, queryId, { ...options, settings }));
	}

	/** Each shard rewrites its own rows. */
	override async mutate(table: string, change: string, signal?: AbortSignal): Promise<void> {
		for (const shard of this.#shards) await shard.mutate(table, change, signal);
	}

	override async close(): Promise<void> {
		await Promise.all([super.close(), ...this.#shards.map((shard) => shard.close())]);
	}

	/** All shards; or, where somebody says so, those that answer. */
	async #read<Answer>(ask: (settings: ClickHouseSettings) => Promise<Answer>): Promise<Answer> {
		const settings = { ...clusterSettings, optimize_skip_unused_shards: this.#isPruned ? 1 : 0 } as const;
		const withoutSome = { ...settings, skip_unavailable_shards: 1 } as const;
		const mayMiss = missingShards() !== undefined;
		try {
			return await this.#atAnyEntry(() => ask(settings));
		} catch (error) {
			if (!mayMiss || !isAway(error)) throw error;
			const names = await this.#whoIsAway();
			// The servers don't reach each other, whoever reaches them from here.
			this.#note(names.length > 0 ? names : ['a shard']);
			return this.#atAnyEntry(() => ask(withoutSome));
		}
	}

	/** Any server can be asked; one that is gone is left for the next. */
	async #atAnyEntry<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
		for (let tries = 1; ; tries += 1) {
			const entry = this.#entry;
			try {
				return await ask();
			} catch (error) {
				const isGone = error instanceof ProblemError && error.code === 'STORE_UNAVAILABLE';
				if (!isGone || tries >= this.#options.entries.length) throw error;
				this.#leave(entry);
			}
		}
	}

	/** What is written isn't repeated here: whoever writes decides that. */
	async #write(write: () => Promise<void>): Promise<void> {
		const entry = this.#entry;
		try {
			await write();
		} catch (error) {
			if (error instanceof ProblemError && error.code === 'STORE_UNAVAILABLE') this.#leave(entry);
			throw error;
		}
	}

	/** Unless another query has left it already. */
	#leave(entry: number): void {
		if (entry !== this.#entry) return;
		this.#entry = (entry + 1) % this.#options.entries.length;
		this.connect(this.#options.entries[this.#entry] ?? noAddress);
	}

	async #whoIsAway(): Promise<string[]> {
		const answers = await Promise.all(
			this.#shards.map((shard) =>
				shard.rows('SELECT 1', {}, AbortSignal.timeout(pingTimeoutMs)).then(
					() => true,
					() => false,
				),
			),
		);
		return answers.flatMap((answered, at) => (answered ? [] : [this.#nameOf(at)]));
	}

	#note(names: readonly string[]): void {
		const missing = missingShards();
		if (missing === undefined) return;
		for (const name of names) missing.names.add(name);
		missing.of = this.#shards.length;
	}

	#nameOf(at: number): string {
		const { number = at + 1, host = '' } = this.#options.shards[at] ?? {};
		return `shard ${number} (${host})`;
	}
}

const noAddress: ServerAddress = { url: '', headers: {} };

const isAway = (error: unknown): boolean =>
	error instanceof ProblemError && (error.code === 'SHARD_UNAVAILABLE' || error.code === 'STORE_UNAVAILABLE');
