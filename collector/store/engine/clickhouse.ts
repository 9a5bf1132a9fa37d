import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { ClickHouseClient, ClickHouseSettings, ExecParams } from '@clickhouse/client';
import { releaseMemory } from '../../release-memory.ts';
import { deriveSettings, insertSettings, maxExecutionSeconds, readSettings } from './clickhouse-settings.ts';
import type { ServerAddress, ServerState } from './embedded-server.ts';
import { readNative } from '../native/native-reader.ts';
import type { NativeTable } from '../native/native-reader.ts';
import { withoutLongAddress } from './large-parameters.ts';
import { queryProblem } from './query-problem.ts';
import { QueryError } from './store-error.ts';

export interface Credentials {
	username: string;
	password: string;
}

/** Names of mutations are `mutation_7.txt`, and `0000000007` where tables are replicated. */
const MUTATION_NUMBER = "toUInt64OrZero(extract(mutation_id, '\\\\d+'))";
const NEWEST_MUTATION = `
	SELECT max(${MUTATION_NUMBER}) AS newest FROM system.mutations WHERE database = currentDatabase() AND table = {table:String}`;
const MUTATIONS_SINCE = `
	SELECT countIf(NOT is_done) AS running, anyIf(latest_fail_reason, NOT is_done AND latest_fail_reason != '') AS failure
	FROM system.mutations
	WHERE database = currentDatabase() AND table = {table:String} AND ${MUTATION_NUMBER} > {after:UInt64}`;

interface MutationState {
	newest?: number;
	running?: number;
	failure?: string;
}

/** What a caller of a read may bind; arrays and numbers keep their type by the placeholder, `{name:Type}`. */
export type Parameters = Record<string, unknown>;

/** The only way to ClickHouse. Reads and writes have connections of their own, so that slow reads never hold back inserts. */
export class ClickHouse {
	readonly database: string;
	readonly #credentials: Credentials;
	readonly #queryDuration: { observe(seconds: number): void } | undefined;
	#address: ServerAddress;
	#reads: ClickHouseClient;
	#writes: ClickHouseClient;
	#state: ServerState = { ready: true };

	constructor(
		address: ServerAddress,
		credentials: Credentials,
		database: string,
		queryDuration?: { observe(seconds: number): void },
	) {
		this.database = database;
		this.#credentials = credentials;
		this.#queryDuration = queryDuration;
		this.#address = address;
		this.#reads = this.#client(address, 16);
		this.#writes = this.#client(address, 4);
	}

	/** From now on at another address. Queries that still run at the old one end by themselves. */
	connect(address: ServerAddress): void {
		const old = [this.#reads, this.#writes];
		this.#address = address;
		this.#reads = this.#client(address, 16);
		this.#writes = this.#client(address, 4);
		for (const client of old) void client.close();
	}

	/** The same servers as another user, from where they are now. */
	as(credentials: Credentials): ClickHouse {
		return new ClickHouse(this.#address, credentials, this.database, this.#queryDuration);
	}

	/** What the last query found. */
	state(): ServerState {
		return this.#state;
	}

	#client(address: ServerAddress, connections: number): ClickHouseClient {
		return createClient({
			url: address.url,
			http_headers: address.headers,
			clickhouse_settings: address.settings ?? {},
			...this.#credentials,
			application: 'spanhouse',
			max_open_connections: connections,
			// The client's own timer outlives the reuse of a connection that was offered to a query its caller had given up, and
			// then cuts the query that runs on it. Node's agent closes idle ones a second before the server says it will.
			keep_alive: { enabled: true, idle_socket_ttl: 0 },
			request_timeout: (maxExecutionSeconds + 30) * 1_000,
			log: { level: ClickHouseLogLevel.OFF },
		});
	}

	/** The servers that hold rows, each a part of them, in order: here one that holds all. */
	get shards(): readonly ClickHouse[] {
		return [this];
	}

	/** Of the shards the one at a place. */
	shard(place: number): ClickHouse {
		const shard = this.shards[place];
		if (shard === undefined) throw new Error(`there are ${this.shards.length} shards, and none at place ${place}`);
		return shard;
	}

	/** Of all traces how many shares each shard has. */
	get weights(): readonly number[] {
		return [1];
	}

	/** Where everything lies that is decided rather than measured. */
	get home(): ClickHouse {
		return this.shard(0);
	}

	/** At which of several shards the rows of traces lie, by ids of 16 bytes each; undefined where there is one. */
	placesOf(_traceIds: Uint8Array): Uint16Array | undefined {
		return undefined;
	}

	/** What each shard says of itself, such as its parts. */
	everywhere<Row>(sql: string, parameters: Parameters, signal?: AbortSignal): Promise<Row[]> {
		return this.rows(sql, parameters, signal);
	}

	/** Rows as objects. 64-bit numbers lose precision beyond 2^53: select those as text. */
	async rows<Row>(
		sql: string,
		parameters: Parameters,
		signal?: AbortSignal,
		settings?: ClickHouseSettings,
	): Promise<Row[]> {
		const bytes = await this.#read(sql, 'JSONEachRow', parameters, signal, settings);
		const text = bytes.toString();
		releaseMemory(bytes);
		const rows: Row[] = [];
		for (const line of text.split('\n')) if (line !== '') rows.push(JSON.parse(line) as Row);
		return rows;
	}

	/** Columns as typed arrays: for many rows or wide ones. */
	async columns(
		sql: string,
		parameters: Parameters,
		signal?: AbortSignal,
		settings?: ClickHouseSettings,
	): Promise<NativeTable> {
		const bytes = await this.#read(sql, 'Native', parameters, signal, settings);
		const table = readNative(bytes);
		releaseMemory(bytes);
		return table;
	}

	/** In ClickHouse's Native format, to be handed on. */
	native(
		sql: string,
		parameters: Parameters,
		signal?: AbortSignal,
		settings?: ClickHouseSettings,
	): Promise<Uint8Array> {
		return this.#read(sql, 'Native', parameters, signal, settings);
	}

	/** In ClickHouse's Native format as it comes, for what no memory holds. */
	async stream(sql: string, parameters: Parameters, settings: ClickHouseSettings): Promise<AsyncIterable<Uint8Array>> {
		return this.#ask(async (queryId) => {
			const { stream } = await this.#execRead({
				query: `${sql}\nFORMAT Native`,
				query_params: parameters,
				query_id: queryId,
				clickhouse_settings: { ...this.#database(), ...readSettings, ...settings },
			});
			return stream;
		});
	}

	async #read(
		sql: string,
		format: string,
		parameters: Parameters,
		signal: AbortSignal | undefined,
		settings: ClickHouseSettings = {},
	): Promise<Buffer> {
		signal?.throwIfAborted();
		return this.#ask(async (queryId) => {
			const startedMs = performance.now();
			const { stream } = await this.#execRead({
				query: `${sql}\nFORMAT ${format}`,
				query_params: parameters,
				query_id: queryId,
				clickhouse_settings: { ...this.#database(), ...readSettings, ...settings },
				...(signal === undefined ? {} : { abort_signal: signal }),
			});
			const bytes = await collect(stream);
			this.#queryDuration?.observe((performance.now() - startedMs) / 1_000);
			return bytes;
		}, signal);
	}

	/**
	 * A connection that the server closed while it lay idle is found out by the next query on it, where this process was too
	 * busy, or asleep, to notice: a read is asked once more then, under an id that begins with that of the first. What writes is
	 * sent again by those who know what was written.
	 */
	async #execRead(asked: ExecParams): ReturnType<ClickHouseClient['exec']> {
		const query = withoutLongAddress(asked);
		try {
			return await this.#reads.exec(query);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
			return this.#reads.exec({ ...query, query_id: `${query.query_id}-again` });
		}
	}

	/** Resolves when the rows are committed. */
	async insert(
		into: string,
		format: string,
		chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
		settings: ClickHouseSettings = {},
		queryId: string = randomUUID(),
	): Promise<void> {
		await this.#ask(
			async () => {
				const { stream } = await this.#writes.exec({
					query: `INSERT INTO ${into} FORMAT ${format}`,
					values: Readable.from(chunks, { objectMode: false }),
					query_id: queryId,
					clickhouse_settings: { ...this.#database(), ...insertSettings, ...settings },
				});
				await collect(stream);
			},
			undefined,
			queryId,
		);
	}

	/** `INSERT INTO … SELECT …` in the background. Resolves when the rows are committed: all of them, or none. */
	async derive(
		sql: string,
		parameters: Parameters,
		queryId: string,
		{ settings = {}, signal, rows }: DeriveOptions = {},
	): Promise<void> {
		await this.#ask(
			async () => {
				const asked = {
					query: sql,
					query_params: parameters,
					query_id: queryId,
					clickhouse_settings: { ...this.#database(), ...deriveSettings, ...settings },
					...(signal === undefined ? {} : { abort_signal: signal }),
				};
				const { stream } = await this.#writes.exec(
					rows === undefined
						? withoutLongAddress(asked)
						: { ...asked, query: `${sql}\nFORMAT Native`, values: Readable.from(rows, { objectMode: false }) },
				);
				await collect(stream);
			},
			signal,
			queryId,
		);
	}

	/** Said with each query, not with the client: the first statement of all makes the database. */
	#database(): ClickHouseSettings {
		return { database: this.database };
	}

	/**
	 * A statement without an answer, such as DDL. What it makes of stored rows goes on in the background: ClickHouse 26 would
	 * wait for that, longer than a request or a start may.
	 */
	async command(sql: string, settings: ClickHouseSettings = {}): Promise<void> {
		const clickhouse_settings = { wait_end_of_query: 1, mutations_sync: '0', ...settings } as const;
		await this.#ask((queryId) => this.#writes.command({ query: sql, query_id: queryId, clickhouse_settings }));
	}

	/**
	 * `ALTER TABLE table …` on the rows of a table. Resolves when all parts are rewritten, however long that takes; throws why
	 * they can't be. `change` is SQL without anything that a stranger wrote.
	 */
	async mutate(table: string, change: string, signal?: AbortSignal): Promise<void> {
		const began = await this.rows<MutationState>(NEWEST_MUTATION, { table }, signal);
		await this.command(`ALTER TABLE \`${this.database}\`.${table} ${change}`, this.#database());
		for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 1_000)) {
			const [state] = await this.rows<MutationState>(MUTATIONS_SINCE, { table, after: began[0]?.newest ?? 0 }, signal);
			if (state?.failure) throw new QueryError(500, 'MUTATION_FAILED', `ClickHouse: ${state.failure}`, '');
			if (state?.running === 0) return;
			await sleep(pauseMs, undefined, signal === undefined ? {} : { signal });
		}
	}

	async #ask<Answer>(
		query: (queryId: string) => Promise<Answer>,
		signal?: AbortSignal,
		queryId: string = randomUUID(),
	): Promise<Answer> {
		try {
			const answer = await query(queryId);
			this.#state = { ready: true };
			return answer;
		} catch (error) {
			// The caller went away: nothing is wrong with ClickHouse.
			signal?.throwIfAborted();
			const problem = queryProblem(error, queryId);
			if (problem.code === 'STORE_UNAVAILABLE') this.#state = { ready: false, reason: problem.message };
			throw problem;
		}
	}

	async close(): Promise<void> {
		await Promise.all([this.#reads.close(), this.#writes.close()]);
	}
}

export interface DeriveOptions {
	settings?: ClickHouseSettings;
	signal?: AbortSignal;
	/** What `input` in the statement reads, as Native. */
	rows?: readonly Uint8Array[];
}

async function collect(stream: NodeJS.ReadableStream): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of stream) chunks.push(chunk as Buffer);
	const [first] = chunks;
	if (chunks.length === 1 && first !== undefined) return first;
	const bytes = Buffer.concat(chunks);
	for (const chunk of chunks) releaseMemory(chunk);
	return bytes;
}
