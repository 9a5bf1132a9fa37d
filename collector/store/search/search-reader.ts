import type { Sort } from '../../../schema/api.ts';
import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import type { ClickHouse, Parameters } from '../engine/clickhouse.ts';
import type { ReadBudget } from '../read-budget.ts';
import { inScope, scopeParameters } from '../read-scope.ts';
import type { Page, SearchReader, WindowScope } from '../reader-types.ts';
import { readPage } from './search-page.ts';
import { inStretches, isWorthAsking, readSlowest, readStretches } from './slowest-spans.ts';
import { SPAN_ROW_COLUMNS, toSpanRow } from '../span-rows.ts';
import type { SpanRowRecord } from '../span-rows.ts';
import { readTraceStretches, spansOfStretches } from './slowest-traces.ts';
import { FROM_SLICE } from './time-slices.ts';
import { tracePageSql } from './trace-page.ts';
import type { TraceOfPage } from './trace-page.ts';
import { summarise } from './trace-summaries.ts';

/** Copies of a span, as retries leave them, count once: `ONCE` as a hash, which takes a fifth of the memory. */
const COUNT = (scope: WindowScope, query: CompiledQuery) => `
	SELECT uniqExact(cityHash64(trace_id, span_id, kind, service, start_nano)) AS spans, uniqExact(trace_id) AS traces
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

/** No `LIMIT BY`: with it, ClickHouse would sort everything before it could cut. */
function spanPageSql(
	scope: WindowScope,
	query: CompiledQuery,
	{ sort, columns }: Page,
	{ isContinued, starts }: { isContinued: boolean; starts?: readonly number[] | undefined },
): string {
	const key = spanKeys[sort];
	const [direction, comparison] = sort.startsWith('-') ? ['DESC', '<'] : ['ASC', '>'];
	const after = isContinued
		? `(${key}, trace_id, span_id, ${TIE}) ${comparison} ({afterKey:UInt64}, toFixedString(unhex({afterTrace:String}), 16),
			toFixedString(unhex({afterSpan:String}), 8), {afterTie:UInt64})`
		: '1';
	return `
	SELECT ${SPAN_ROW_COLUMNS}${columns === undefined ? '' : `, [${columns.values.map((value) => `toString(${value})`).join(', ')}] AS chosen`},
		toString(${key}) AS sortKey, toString(${TIE}) AS tie
	FROM spans WHERE ${inScope(scope)} AND ${starts === undefined ? FROM_SLICE : inStretches(starts)} AND (${query.where}) AND ${after}
	ORDER BY ${key} ${direction}, trace_id ${direction}, span_id ${direction}, ${TIE} ${direction}
	LIMIT {limit:UInt32}`;
}

/**
 * Of more traces than this nearly every granule has one, by the filter at least, and to ask it for each of them takes longer than to read
 * the ids of all spans.
 */
const boundedIndex = { use_index_for_in_with_subqueries_max_values: '2000' };

interface SpanPageRow extends SpanRowRecord {
	sortKey: string;
	tie: string;
}

/** Traces and spans that match a query, page by page, and how many there are. */
export function createSearchReader(clickhouse: ClickHouse, budget: ReadBudget): SearchReader {
	const isSharded = clickhouse.shards.length > 1;
	/** Copies of a span stand next to each other: of each only one is kept, and more are read until there are enough. */
	async function readSpans(sql: string, parameters: Parameters, limit: number, signal: AbortSignal | undefined) {
		for (let most = limit * 2; ; most *= 4) {
			const read = await clickhouse.rows<SpanPageRow>(sql, { ...parameters, limit: most }, signal, boundedIndex);
			const rows = read.map((row) => ({ ...row, id: `${row.traceId}.${row.spanId}.${row.tie}` }));
			const distinct = rows.filter((row, index) => row.id !== rows[index - 1]?.id);
			if (distinct.length >= limit || read.length < most) return distinct.slice(0, limit);
		}
	}

	return {
		async traces(scope, query, asked) {
			const { rows, rest } = await readPage(budget, { what: 'traces', scope, query, page: asked }, (start, pinned) => {
				const isContinued = start.after !== undefined;
				const order = { sort: asked.sort, isContinued, isSharded };
				const bound = { ...query.parameters, ...scopeParameters(pinned) };
				const readerOf = (asking: CompiledQuery, parameters: Parameters, limit: number) => (spans?: string) => {
					const sql = tracePageSql(pinned, asking, order, spans);
					return clickhouse.rows<TraceOfPage>(sql, { ...bound, ...parameters, limit }, scope.signal, boundedIndex);
				};
				return async (asking, parameters, enough) => {
					const read = readerOf(asking, parameters, enough);
					if (asked.sort !== '-duration' || isSharded || !isWorthAsking(pinned, query, enough)) return read();
					const stretches = await readTraceStretches(clickhouse, pinned, query);
					const asOf = { window: pinned.window, afterNano: start.after?.key, enough };
					return readSlowest(stretches, asOf, (starts) =>
						read(starts === undefined ? undefined : spansOfStretches(pinned, query, starts, stretches)),
					);
				};
			});
			return { traces: await summarise(clickhouse, scope, rows), ...rest };
		},
		async spans(scope, query, asked) {
			const { rows, rest } = await readPage(budget, { what: 'spans', scope, query, page: asked }, (start, pinned) => {
				const bound = { ...query.parameters, ...asked.columns?.parameters, ...scopeParameters(pinned) };
				const isContinued = start.after !== undefined;
				const readerOf = (asking: CompiledQuery, parameters: Parameters, limit: number) => (starts?: readonly number[]) => {
					const sql = spanPageSql(pinned, asking, asked, { isContinued, starts });
					return readSpans(sql, { ...bound, ...parameters }, limit, scope.signal);
				};
				return async (asking, parameters, enough) => {
					const read = readerOf(asking, parameters, enough);
					if (asked.sort !== '-duration' || !isWorthAsking(pinned, query, enough)) return read();
					const stretches = await readStretches(clickhouse, pinned, query);
					return readSlowest(stretches, { window: pinned.window, afterNano: start.after?.key, enough }, read);
				};
			});
			return { spans: rows.map(toSpanRow), ...rest };
		},
		async count(scope, query) {
			const { scope: within, partial } = await budget.within(scope, query);
			const parameters = { ...query.parameters, ...scopeParameters(within) };
			const [counts] = await clickhouse.rows<{ spans: number; traces: number }>(
				COUNT(scope, query),
				parameters,
				scope.signal,
			);
			return { ...(counts ?? { spans: 0, traces: 0 }), ...(partial === undefined ? {} : { partial }) };
		},
	};
}
