import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';
import { messageOf, ProblemError } from '../problem.ts';
import type { ServerAddress, ServerState } from './embedded-server.ts';
import { readNative } from './native-reader.ts';
import type { NativeTable } from './native-reader.ts';
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

const maxExecutionSeconds = 30;
const mebibyte = 1024 ** 2;

/**
 * Every read carries these. `readonly = 1` forbids writing, changing settings, and table functions that reach files or
 * hosts; the answer is held back until it is whole, so that an error never hides behind status 200.
 */
const readSettings: ClickHouseSettings = {
	readonly: '1',
	max_execution_time: maxExecutionSeconds,
	max_memory_usage: String(1024 * mebibyte),
	priority: '1',
	// Groups beyond this go to disk and take longer, where the query would have failed.
	max_bytes_before_external_group_by: String(384 * mebibyte),
	max_result_bytes: String(256 * mebibyte),
	result_overflow_mode: 'throw',
	wait_end_of_query: 1,
	cancel_http_readonly_queries_on_client_close: 1,
	output_format_json_quote_64bit_integers: 0,
};

/** Pinned, because their defaults differ between versions: one insert is one block is one part, committed when it is answered. */
const insertSettings: ClickHouseSettings = {
	async_insert: 0,
	insert_deduplicate: 0,
	max_insert_threads: '1',
	input_format_parallel_parsing: 0,
	min_insert_block_size_rows: '1048449',
	min_insert_block_size_bytes: String(256 * mebibyte),
	wait_end_of_query: 1,
};

/**
 * What is made of stored rows while nobody waits for it: on one thread, and standing back while a read runs. One block, so
 * that it is one part.
 */
const deriveSettings: ClickHouseSettings = {
	...insertSettings,
	max_threads: 1,
	priority: '2',
	max_memory_usage: String(1024 * mebibyte),
	// More than one partition would make more than one part, which isn't atomic: rather fail than that.
	max_partitions_per_insert_block: '1',
	throw_on_max_partitions_per_insert_block: 1,
};

/** What a caller of a read may bind; arrays and numbers keep their type by the placeholder, `{name:Type}`. */
export type Parameters = Record<string, unknown>;

/** The only way to ClickHouse. Reads and writes have connections of their own, so that slow reads never hold back inserts. */
export class ClickHouse {
	readonly database: string;
	readonly #credentials: Credentials;
	readonly #queryDuration: { observe(seconds: number): void } | undefined;
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
		this.#reads = this.#client(address, 16);
		this.#writes = this.#client(address, 4);
	}

	/** From now on at another address. Queries that still run at the old one end by themselves. */
	connect(address: ServerAddress): void {
		const old = [this.#reads, this.#writes];
		this.#reads = this.#client(address, 16);
		this.#writes = this.#client(address, 4);
		for (const client of old) void client.close();
	}

	/** What the last query found. */
	state(): ServerState {
		return this.#state;
	}

	#client(address: ServerAddress, connections: number): ClickHouseClient {
		return createClient({
			url: address.url,
			http_headers: address.headers,
			...this.#credentials,
			application: 'spanhouse',
			max_open_connections: connections,
			// The client's own timer outlives the reuse of a connection that was offered to a query its caller had given up, and
			// then cuts the query that runs on it. Node's agent closes idle ones a second before the server says it will.
			keep_alive: { enabled: true, idle_socket_ttl: 0 },
			request_timeout: (maxExecutionSeconds + 30) * 1_000,
			use_multipart_params_auto: true,
			log: { level: ClickHouseLogLevel.OFF },
		});
	}

	/** Rows as objects. 64-bit numbers lose precision beyond 2^53: select those as text. */
	async rows<Row>(sql: string, parameters: Parameters, signal?: AbortSignal): Promise<Row[]> {
		const bytes = await this.#read(sql, 'JSONEachRow', parameters, signal);
		const rows: Row[] = [];
		for (const line of bytes.toString().split('\n')) if (line !== '') rows.push(JSON.parse(line) as Row);
		return rows;
	}

	/** Columns as typed arrays: for many rows or wide ones. */
	async columns(
		sql: string,
		parameters: Parameters,
		signal?: AbortSignal,
		settings?: ClickHouseSettings,
	): Promise<NativeTable> {
		return readNative(await this.#read(sql, 'Native', parameters, signal, settings));
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
			const { stream } = await this.#reads.exec({
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

	/** Resolves when the rows are committed. */
	async insert(
		into: string,
		format: string,
		chunks: Iterable<Uint8Array>,
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
		{ settings = {}, signal }: { settings?: ClickHouseSettings; signal?: AbortSignal } = {},
	): Promise<void> {
		const clickhouse_settings = { ...this.#database(), ...deriveSettings, ...settings };
		const abort = signal === undefined ? {} : { abort_signal: signal };
		await this.#ask(
			() =>
				this.#writes.command({
					query: sql,
					query_params: parameters,
					query_id: queryId,
					clickhouse_settings,
					...abort,
				}),
			signal,
			queryId,
		);
	}

	/** Said with each query, not with the client: the first statement of all makes the database. */
	#database(): ClickHouseSettings {
		return { database: this.database };
	}

	/** A statement without an answer, such as DDL. */
	async command(sql: string, settings: ClickHouseSettings = {}): Promise<void> {
		const clickhouse_settings = { wait_end_of_query: 1, ...settings } as const;
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

async function collect(stream: NodeJS.ReadableStream): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of stream) chunks.push(chunk as Buffer);
	return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

const problemOfCode: Record<string, [status: number, code: string, detail: string]> = {
	'158': [503, 'QUERY_TOO_LARGE', 'the query reads too much; narrow the window'],
	'159': [503, 'QUERY_TIMEOUT', `the query took longer than ${maxExecutionSeconds} s; narrow the window`],
	'202': [503, 'STORE_BUSY', 'the store runs too many queries; try again'],
	'241': [503, 'QUERY_TOO_LARGE', 'the query needs more memory than it may; narrow the window'],
	'396': [503, 'QUERY_TOO_LARGE', 'the answer is too large; narrow the window'],
	'427': [400, 'BAD_REGULAR_EXPRESSION', 'the regular expression is not valid RE2'],
};

/** ClickHouse's numbers are stable. Everything that isn't an answer of ClickHouse means that it can't be reached. */
function queryProblem(error: unknown, queryId: string): ProblemError {
	if (error instanceof ProblemError) return error;
	if (!(error instanceof ClickHouseError)) {
		return new QueryError(503, 'STORE_UNAVAILABLE', `ClickHouse can't be reached: ${messageOf(error)}`, queryId);
	}
	const [status, code, detail] = problemOfCode[error.code] ?? [500, 'QUERY_FAILED', `ClickHouse: ${error.message}`];
	return new QueryError(status, code, detail, queryId, error.code);
}
