import type { TraceSummary } from '../../../schema/api.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { IN_WINDOW, SERVICE_NAME } from '../read-scope.ts';
import type { ReadScope } from '../reader-types.ts';
import { ONCE } from '../span-rows.ts';
import { AROUND_MS } from './trace-page.ts';
import type { TraceOfPage } from './trace-page.ts';

/** The root is the earliest span without a parent; where none has arrived, the earliest span stands for it. */
export const traceSummaries = (table: 'spans' | 'pinned_spans', where: string): string => `
	SELECT lower(hex(trace_id)) AS traceId, count() AS spanCount, sum(error) AS errorCount,
		toString(min(start_nano)) AS startUnixNano, max(start_nano + duration_nano) - min(start_nano) AS durationNano,
		toUnixTimestamp64Milli(max(time)) AS endMs, min(hasParent) AS rootMissing,
		argMin((serviceName, operation), (hasParent, start_nano, span_id)) AS root,
		sumMap([serviceName], [toUInt64(1)]) AS services
	FROM (
		SELECT trace_id, span_id, start_nano, duration_nano, time, error, operation,
			parent_span_id != toFixedString('', 8) AS hasParent, ${SERVICE_NAME} AS serviceName
		FROM ${table}
		WHERE ${where} AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({ids:Array(String)})), 16))
		${ONCE})
	GROUP BY trace_id`;

const SUMMARIES = traceSummaries('spans', IN_WINDOW);

export interface SummaryRow {
	traceId: string;
	spanCount: number;
	errorCount: number;
	startUnixNano: string;
	durationNano: number;
	endMs: number;
	rootMissing: number;
	root: [service: string, operation: string];
	services: [names: string[], spans: number[]];
}

/** Numbers of whole traces, in the order given. */
export async function summarise(
	clickhouse: ClickHouse,
	scope: ReadScope,
	traces: readonly TraceOfPage[],
): Promise<TraceSummary[]> {
	if (traces.length === 0) return [];
	const parameters = {
		project: scope.project,
		fromMs: Math.min(...traces.map((trace) => trace.firstMs)) - AROUND_MS,
		toMs: Math.max(...traces.map((trace) => trace.lastMs)) + AROUND_MS,
		ids: traces.map((trace) => trace.id),
	};
	const rows = await clickhouse.rows<SummaryRow>(SUMMARIES, parameters, scope.signal);
	const byId = new Map(rows.map((row) => [row.traceId, toSummary(row)]));
	// A trace whose spans went in between, by the TTL, is left out.
	return traces.flatMap((trace) => byId.get(trace.id) ?? []);
}

export function toSummary({
	root: [rootService, rootOperation],
	services: [names, spans],
	...row
}: SummaryRow): TraceSummary {
	return {
		...row,
		rootService,
		rootOperation,
		rootMissing: row.rootMissing === 1,
		services: names
			.map((service, index) => ({ service, spans: spans[index] ?? 0 }))
			.sort((a, b) => b.spans - a.spans || (a.service < b.service ? -1 : 1)),
	};
}
