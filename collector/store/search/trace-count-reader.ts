import type { TraceId } from '../../../schema/span.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { IN_WINDOW } from '../read-scope.ts';
import type { WindowScope } from '../reader-types.ts';

export interface TraceCountReader {
	/** Distinct spans of the trace that ended in the window, whatever their environment; copies of pinned ones aside. */
	spans(scope: WindowScope, traceId: TraceId): Promise<number>;
}

const COUNT = `
	SELECT uniqExact(span_id, kind, service, start_nano) AS spans FROM spans
	WHERE ${IN_WINDOW} AND trace_id = toFixedString(unhex({traceId:String}), 16)`;

export const createTraceCountReader = (clickhouse: ClickHouse): TraceCountReader => ({
	async spans({ project, window, signal }, traceId) {
		const parameters = { project, traceId, fromMs: window.fromMs, toMs: window.toMs };
		const [counted] = await clickhouse.rows<{ spans: number }>(COUNT, parameters, signal);
		return counted?.spans ?? 0;
	},
});
