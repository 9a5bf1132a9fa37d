/** An embedded ClickHouse with spans in it, to be searched. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { compileQuery } from '../../../collector/analysis/query-to-sql.ts';
import { silentLog } from '../../../collector/log.ts';
import { deriveColumns } from '../../../collector/pipeline/derive-columns.ts';
import { ClickHouse } from '../../../collector/store/engine/clickhouse.ts';
import { CommitLog } from '../../../collector/store/derived/commit-log.ts';
import { EmbeddedServer } from '../../../collector/store/engine/embedded-server.ts';
import { migrate, readMigrations } from '../../../collector/store/engine/migrations.ts';
import type { Migration } from '../../../collector/store/engine/migrations.ts';
import { SpanWriter } from '../../../collector/store/inserts/span-writer.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import { dataFolders } from '../../support/data-folders.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import type { SearchedSpan } from './search-oracle.ts';

export interface Window {
	fromMs: number;
	toMs: number;
}

export interface SearchStore {
	clickhouse: ClickHouse;
	/** Through the pipeline, as if they had been received. */
	insert(spans: readonly PlainSpan[], project?: string): Promise<void>;
	/** Spans that were inserted, each with what the pipeline derived of it. */
	asStored(spans: readonly PlainSpan[]): Promise<SearchedSpan[]>;
	/** Span ids that a query finds in the window, sorted. */
	find(q: string, window?: Window): Promise<string[]>;
	/** Trace ids, likewise. */
	findTraces(q: string, window?: Window): Promise<string[]>;
	/** How many rows ClickHouse reads for a query beyond those that its indexes leave out. */
	rowsRead(q: string): Promise<number>;
	/** What ClickHouse would do for a query: which columns it reads, among other things. */
	explained(q: string): Promise<string>;
	close(): Promise<void>;
}

const allTime = { fromMs: 0, toMs: 4_000_000_000_000 };

/** @param rowsPerGranule so few that indexes tell parts of some hundred spans apart, as they do of millions */
export async function openSearchStore(rowsPerGranule?: number): Promise<SearchStore> {
	const folder = await mkdtemp(join(dataFolders, 'spanhouse-search-'));
	const server = await EmbeddedServer.start(folder, silentLog);
	const clickhouse = new ClickHouse(server.address, { username: 'default', password: '' }, 'spanhouse');
	await migrate(clickhouse, withGranules(readMigrations(), rowsPerGranule), 'test', silentLog);
	const writer = new SpanWriter({
		clickhouse,
		untilReady: () => Promise.resolve(),
		commits: new CommitLog(randomUUID(), 0),
	});
	async function read<Row>(sql: (where: string) => string, q: string, window: Window): Promise<Row[]> {
		const parsed = parseQuery(q);
		if (parsed.kind === 'error') throw new Error(`${q}: ${parsed.message}`);
		const compiled = compileQuery(parsed.query);
		if ('kind' in compiled) throw new Error(`${q}: ${compiled.message}`);
		const where = `project = {project:String} AND time >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
			AND time < fromUnixTimestamp64Milli({toMs:Int64}, 'UTC') AND (${compiled.where})`;
		return clickhouse.rows<Row>(sql(where), { ...compiled.parameters, project: 'default', ...window });
	}
	async function select(column: 'span_id' | 'trace_id', q: string, window: Window): Promise<string[]> {
		const sql = (where: string) => `SELECT DISTINCT lower(hex(${column})) AS id FROM spans WHERE ${where} ORDER BY id`;
		return (await read<{ id: string }>(sql, q, window)).map(({ id }) => id);
	}
	return {
		clickhouse,
		insert: (spans, project) => writer.append(deriveColumns(spanBlock(spans, project))),
		async asStored(spans) {
			type Derived = { id: string; operation: string; type: number; error: number; entry: number };
			const rows = await clickhouse.rows<Derived>(
				'SELECT lower(hex(span_id)) AS id, operation, type, error, entry FROM spans',
				{},
			);
			const derived = new Map(rows.map((row) => [row.id, row]));
			return spans.map((span) => {
				const { operation, type, error, entry } = derived.get(span.spanId)!;
				return { ...span, operation, type, error: error === 1, entry: entry === 1 };
			});
		},
		find: (q, window = allTime) => select('span_id', q, window),
		findTraces: (q, window = allTime) => select('trace_id', q, window),
		async rowsRead(q) {
			const sql = (where: string) => `EXPLAIN ESTIMATE SELECT span_id FROM spans WHERE ${where}`;
			const tables = await read<{ table: string; rows: number }>(sql, q, allTime);
			return tables.reduce((sum, { table, rows }) => sum + (table === 'spans' ? rows : 0), 0);
		},
		async explained(q) {
			const sql = (where: string) => `EXPLAIN actions = 1 SELECT span_id FROM spans WHERE ${where}`;
			const lines = await read<{ explain: string }>(sql, q, allTime);
			return lines.map(({ explain }) => explain).join('\n');
		},
		async close() {
			await clickhouse.close();
			await server.stop();
			await rm(folder, { recursive: true, force: true });
		},
	};
}

function withGranules(migrations: Migration[], rows: number | undefined): Migration[] {
	if (rows === undefined) return migrations;
	return migrations.map((migration) => ({
		...migration,
		template: migration.template.replace(/index_granularity = \d+/, `index_granularity = ${rows}`),
	}));
}
