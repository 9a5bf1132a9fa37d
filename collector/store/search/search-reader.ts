import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import type { ReadBudget } from '../read-budget.ts';
import { inScope, scopeParameters } from '../read-scope.ts';
import type { Page, SearchReader, WindowScope } from '../reader-types.ts';
import { toSpanRow } from '../span-rows.ts';
import type { PageStart } from './cursor.ts';
import { boundedIndex, readPage } from './search-page.ts';
import type { ReadRows } from './search-page.ts';
import { isWorthAsking, readSlowest, readStretches } from './slowest-spans.ts';
import { readTraceStretches, spansOfStretches } from './slowest-traces.ts';
import { readSpans, spanPageSql } from './span-page.ts';
import type { SpanPageRow } from './span-page.ts';
import { tracePageSql } from './trace-page.ts';
import type { TraceOfPage } from './trace-page.ts';
import { summarise } from './trace-summaries.ts';

/** Copies of a span, as retries leave them, count once: `ONCE` as a hash, which takes a fifth of the memory. */
const COUNT = (scope: WindowScope, query: CompiledQuery) => `
	SELECT uniqExact(cityHash64(trace_id, span_id, kind, service, start_nano)) AS spans, uniqExact(trace_id) AS traces
	FROM spans WHERE ${inScope(scope)} AND (${query.where})`;

interface Asked {
	clickhouse: ClickHouse;
	/** With the window that the page is of. */
	scope: WindowScope;
	query: CompiledQuery;
	page: Page;
	start: PageStart;
}

function tracesOfPage({ clickhouse, scope, query, page, start }: Asked): ReadRows<TraceOfPage> {
	const isSharded = clickhouse.shards.length > 1;
	const order = { sort: page.sort, isContinued: start.after !== undefined, isSharded };
	const bound = { ...query.parameters, ...scopeParameters(scope) };
	return async (asking, parameters, enough) => {
		const read = (spans?: string) => {
			const sql = tracePageSql(scope, asking, order, spans);
			const limited = { ...bound, ...parameters, limit: enough };
			return clickhouse.rows<TraceOfPage>(sql, limited, scope.signal, boundedIndex);
		};
		if (page.sort !== '-duration' || isSharded || !isWorthAsking(scope, query, enough)) return read();
		const stretches = await readTraceStretches(clickhouse, scope, query);
		return readSlowest(stretches, { window: scope.window, afterNano: start.after?.key, enough }, (starts) =>
			read(starts === undefined ? undefined : spansOfStretches(scope, query, starts, stretches)),
		);
	};
}

function spansOfPage({ clickhouse, scope, query, page, start }: Asked): ReadRows<SpanPageRow & { id: string }> {
	const isContinued = start.after !== undefined;
	const bound = { ...query.parameters, ...page.columns?.parameters, ...scopeParameters(scope) };
	return async (asking, parameters, enough) => {
		const read = (starts?: readonly number[]) => {
			const sql = spanPageSql(scope, asking, page, { isContinued, starts });
			return readSpans(clickhouse, sql, { parameters: { ...bound, ...parameters }, enough, signal: scope.signal });
		};
		if (page.sort !== '-duration' || !isWorthAsking(scope, query, enough)) return read();
		const stretches = await readStretches(clickhouse, scope, query);
		return readSlowest(stretches, { window: scope.window, afterNano: start.after?.key, enough }, read);
	};
}

/** Traces and spans that match a query, page by page, and how many there are. */
export function createSearchReader(clickhouse: ClickHouse, budget: ReadBudget): SearchReader {
	return {
		async traces(scope, query, page) {
			const search = { what: 'traces', scope, query, page } as const;
			const { rows, rest } = await readPage(budget, search, (start, pinned) =>
				tracesOfPage({ clickhouse, scope: pinned, query, page, start }),
			);
			return { traces: await summarise(clickhouse, scope, rows), ...rest };
		},
		async spans(scope, query, page) {
			const search = { what: 'spans', scope, query, page } as const;
			const { rows, rest } = await readPage(budget, search, (start, pinned) =>
				spansOfPage({ clickhouse, scope: pinned, query, page, start }),
			);
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
