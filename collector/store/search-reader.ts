import type { Sort } from '../../schema/api.ts';
import type { CompiledQuery } from '../analysis/query-to-sql.ts';
import type { ClickHouse, Parameters } from './clickhouse.ts';
import { startOfPage } from './cursor.ts';
import type { PageStart } from './cursor.ts';
import { inScope, scopeParameters } from './read-scope.ts';
import type { Page, SearchReader, WindowScope } from './reader-types.ts';
import { SPAN_ROW_COLUMNS, toSpanRow } from './span-rows.ts';
import type { SpanRowRecord } from './span-rows.ts';
import { tracePageSql } from './trace-page.ts';
import type { TraceOfPage } from './trace-page.ts';
import { summarise } from './trace-summaries.ts';

const COUNT = (scope: WindowScope, query: CompiledQuery) => `
	SELECT count() AS spans, uniqExact(trace_id) AS traces
	FROM spans WHERE ${inScope(scope)} AND (${query.where})`;

/** What a span is sorted by, in milliseconds or nanoseconds. */
const spanKeys: Record<Sort, string> = {
	end: 'toUInt64(toUnixTimestamp64Milli(time))',
	'-end': 'toUInt64(toUnixTimestamp64Milli(time))',
	start: 'start_nano',
	'-start': 'start_nano',
	duration: 'duration_nano',
	'-duration': 'duration_nano',
};

/** Decides between spans that share trace and span id, as both sides of a call do in Zipkin's model; equal for copies. */
const TIE = 'cityHash64(kind, service, start_nano)';

function spansSql(scope: WindowScope, query: CompiledQuery, sort: Sort, continued: boolean): string {
	const key = spanKeys[sort];
	const [direction, comparison] = sort.startsWith('-') ? ['DESC', '<'] : ['ASC', '>'];
	const place = `(${key}, trace_id, span_id, ${TIE})`;
	const after = continued
		? `${place} ${comparison} ({afterKey:UInt64}, toFixedString(unhex({afterTrace:String}), 16),
			toFixedString(unhex({afterSpan:String}), 8), {afterTie:UInt64})`
		: '1';
	return `
	SELECT ${SPAN_ROW_COLUMNS}, toString(${key}) AS sortKey, toString(${TIE}) AS tie
	FROM spans WHERE ${inScope(scope)} AND (${query.where}) AND ${after}
	ORDER BY ${key} ${direction}, trace_id ${direction}, span_id ${direction}, ${TIE} ${direction}
	LIMIT 1 BY ${key}, trace_id, span_id, ${TIE}
	LIMIT {limit:UInt32}`;
}

/** One more than the page holds, to know whether there is another. */
function pageParameters(start: PageStart, limit: number): Parameters {
	const { after } = start;
	if (after === undefined) return { limit: limit + 1 };
	const [afterTrace = '', afterSpan = '', afterTie = '0'] = after.id.split('.');
	return { limit: limit + 1, afterKey: after.key, afterTrace, afterSpan, afterTie };
}

/** Traces and spans that match a query, page by page, and how many there are. */
export function createSearchReader(clickhouse: ClickHouse): SearchReader {
	async function page<Row extends { sortKey: string }>(
		scope: WindowScope,
		query: CompiledQuery,
		{ sort, limit }: Page,
		start: PageStart,
		sqlOf: typeof tracePageSql,
		idOf: (row: Row) => string,
	): Promise<{ rows: Row[]; next: { nextCursor?: string } }> {
		const pinned = { ...scope, window: start.window };
		const sql = sqlOf(pinned, query, sort, start.after !== undefined);
		const parameters = { ...query.parameters, ...scopeParameters(pinned), ...pageParameters(start, limit) };
		const found = await clickhouse.rows<Row>(sql, parameters, scope.signal);
		const rows = found.slice(0, limit);
		const last = found.length > limit ? rows.at(-1) : undefined;
		return { rows, next: last === undefined ? {} : { nextCursor: start.cursorAfter(last.sortKey, idOf(last)) } };
	}
	return {
		async traces(scope, query, asked) {
			const start = startOfPage('traces', scope, query, asked);
			const { rows, next } = await page<TraceOfPage>(scope, query, asked, start, tracePageSql, (trace) => trace.id);
			return { traces: await summarise(clickhouse, scope, rows), ...next };
		},
		async spans(scope, query, asked) {
			const start = startOfPage('spans', scope, query, asked);
			type Row = SpanRowRecord & { sortKey: string; tie: string };
			const idOf = (row: Row) => `${row.traceId}.${row.spanId}.${row.tie}`;
			const { rows, next } = await page<Row>(scope, query, asked, start, spansSql, idOf);
			return { spans: rows.map(toSpanRow), ...next };
		},
		async count(scope, query) {
			const parameters = { ...query.parameters, ...scopeParameters(scope) };
			const [counts] = await clickhouse.rows<{ spans: number; traces: number }>(
				COUNT(scope, query),
				parameters,
				scope.signal,
			);
			return counts ?? { spans: 0, traces: 0 };
		},
	};
}
