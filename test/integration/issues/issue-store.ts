/** What the tests of issues need of a store, with time and background work in their own hands. */
import { randomUUID } from 'node:crypto';
import { silentLog } from '../../../collector/log.ts';
import { DERIVED_TABLES } from '../../../collector/store/derived/derived-tables.ts';
import { Deriver } from '../../../collector/store/derived/deriver.ts';
import { createFindingTable } from '../../../collector/store/issues/finding-table.ts';
import { compileQuery } from '../../../collector/analysis/query-to-sql.ts';
import type { CompiledQuery } from '../../../collector/analysis/query-to-sql.ts';
import { createDifferenceReader } from '../../../collector/store/search/difference-reader.ts';
import { IN_WINDOW, scopeParameters } from '../../../collector/store/read-scope.ts';
import type { WindowScope } from '../../../collector/store/reader-types.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import { createIssueReader } from '../../../collector/store/issues/issue-reader.ts';
import { SpanWriter } from '../../../collector/store/inserts/span-writer.ts';
import { createVariantTable } from '../../../collector/store/issues/variant-table.ts';
import { throwAwayTables } from '../../support/clickhouse.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';

export function compiled(q: string, prefix?: string): CompiledQuery {
	const parsed = parseQuery(q);
	const found = parsed.kind === 'query' ? compileQuery(parsed.query, prefix) : parsed;
	if ('kind' in found) throw new Error(found.message);
	return found;
}

export async function openIssueStore() {
	const { clickhouse, close } = await throwAwayTables();
	const writer = randomUUID();
	const deriver = await Deriver.open({ clickhouse, writer, tables: DERIVED_TABLES, log: silentLog, intervalMs: 1e9 });
	const spans = new SpanWriter({ clickhouse, untilReady: () => Promise.resolve(), commits: deriver.commits });
	/** Ids of the traces that a search finds, each once, in order. */
	async function tracesOf(scope: WindowScope, q: string): Promise<string[]> {
		const { where, parameters } = compiled(q);
		const sql = `SELECT DISTINCT lower(hex(trace_id)) AS traceId FROM spans WHERE ${IN_WINDOW} AND (${where}) ORDER BY traceId`;
		const rows = await clickhouse.rows<{ traceId: string }>(sql, { ...scopeParameters(scope), ...parameters });
		return rows.map(({ traceId }) => traceId);
	}
	return {
		clickhouse,
		mark: (table: string) => deriver.mark(table),
		tracesOf,
		difference: createDifferenceReader(clickhouse),
		issues: createIssueReader(clickhouse, () => deriver.mark('exceptions')),
		/** Whose lists have room for so many. */
		issuesUpTo: (most: number) => createIssueReader(clickhouse, () => deriver.mark('exceptions'), most),
		variantTable: createVariantTable(clickhouse, writer, 90 * 86_400_000),
		findingTable: createFindingTable(clickhouse, deriver, writer),
		write: (project: string, some: readonly PlainSpan[]) => spans.append(spanBlock(some, project)),
		derive: () => deriver.settle(20_000),
		close: async () => {
			await spans.close();
			await deriver.stop();
			await close();
		},
	};
}
