import type { TraceSummary } from '../../../schema/api.ts';
import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { scopeParameters } from '../read-scope.ts';
import type { ReadScope, WindowScope } from '../reader-types.ts';
import { traceExtentsSql } from './trace-page.ts';
import type { TraceOfPage } from './trace-page.ts';
import { summarise } from './trace-summaries.ts';

/** For those who follow what comes in: which traces there are is asked often, what is in them only of the new ones. */
export interface LiveReader {
	/** Traces with a span in the window that matches, those that ended last first. */
	recent(scope: WindowScope, query: CompiledQuery, limit: number): Promise<TraceOfPage[]>;
	summaries(scope: ReadScope, traces: readonly TraceOfPage[]): Promise<TraceSummary[]>;
}

export const createLiveReader = (clickhouse: ClickHouse): LiveReader => ({
	recent: (scope, query, limit) => {
		const bound = { ...query.parameters, ...scopeParameters(scope), limit };
		return clickhouse.rows<TraceOfPage>(traceExtentsSql(scope, query), bound, scope.signal);
	},
	summaries: (scope, traces) => summarise(clickhouse, scope, traces),
});
