import type { PerformanceKind } from '../../analysis/issues/trace-calls.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import type { Deriver } from '../derived/deriver.ts';
import { noteProgress, readProgress } from '../derived/progress.ts';
import { SPANS_TO_SEARCH } from './finding-spans.ts';
import type { FindingRow, FindingTable } from '../job-types.ts';

const progressName = 'performance_findings';
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const TOUCHED = `
	SELECT toLowCardinality(project) AS projectText, trace_id, toFloat64(toUnixTimestamp64Milli(min(time))) AS fromMs,
		toFloat64(toUnixTimestamp64Milli(max(time))) AS toMs, toFloat64(count()) AS spans,
		toFloat64(min(_commit)) AS firstCommit
	FROM spans WHERE _writer = {writer:UUID} AND _commit > {after:UInt64} AND _commit <= {upTo:UInt64}
	GROUP BY project, trace_id`;

const STORED = `
	SELECT lower(hex(trace_id)) AS traceId, toString(issue) AS issueText, toUnixTimestamp64Milli(analysed) AS analysedMs,
		toUnixTimestamp64Milli(time) AS timeMs, lower(hex(span_id)) AS spanId, kind, service_namespace AS namespace,
		service AS serviceName, environment, version, operation, subject, places, spans, wasted_nano AS wastedNano, gone
	FROM performance_findings
	WHERE project = {project:String} AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traceIds:Array(String)})), 16))
	ORDER BY analysed DESC LIMIT 1 BY trace_id, issue`;

/** Ids come as hexadecimal text, times as Unix milliseconds. */
const INTO = `performance_findings (project, day, trace_id, issue, analysed, gone, time, span_id, kind, service_namespace,
		service, environment, version, operation, subject, places, spans, wasted_nano)
	SELECT project, toDate(day), toFixedString(unhex(traceId), 16), toUInt64(issue), fromUnixTimestamp64Milli(analysedMs, 'UTC'), gone,
		fromUnixTimestamp64Milli(timeMs, 'UTC'), toFixedString(unhex(spanId), 8), kind, namespace, serviceName, environment,
		version, operation, subject, places, spans, wastedNano
	FROM input('project String, day Int32, traceId String, issue String, analysedMs Int64, gone UInt8, timeMs Int64,
		spanId String, kind String, namespace String, serviceName String, environment String, version String,
		operation String, subject String, places UInt32, spans UInt32, wastedNano UInt64')`;

/** Nobody waits for it. */
const IN_BACKGROUND = { max_threads: 1, priority: '2' } as const;

interface StoredRow extends Omit<FindingRow, 'issue' | 'gone' | 'kind'> {
	issueText: string;
	kind: PerformanceKind;
	gone: number;
}

export function createFindingTable(clickhouse: ClickHouse, deriver: Deriver, writer: string): FindingTable {
	return {
		storedTo: () => deriver.mark('exceptions').derivedTo,
		progress: async () => (await readProgress(clickhouse, writer)).get(progressName) ?? 0,
		note: (commit) => noteProgress(clickhouse, writer, new Map([[progressName, commit]])),
		async touched(after, upTo) {
			const table = await clickhouse.columns(TOUCHED, { writer, after, upTo });
			return {
				rows: table.rows,
				project: table.dictionary('projectText'),
				traceId: table.fixed('trace_id'),
				fromMs: table.numbers('fromMs', 'float64'),
				toMs: table.numbers('toMs', 'float64'),
				spans: table.numbers('spans', 'float64'),
				firstCommit: table.numbers('firstCommit', 'float64'),
			};
		},
		async read(project, traces, limit) {
			const parameters = {
				project,
				traceIds: traces.map(({ traceId }) => traceId),
				fromMs: Math.min(...traces.map(({ fromMs }) => fromMs)) - hourMs,
				toMs: Math.max(...traces.map(({ toMs }) => toMs)) + hourMs,
				limit: limit + 1,
			};
			return clickhouse.native(SPANS_TO_SEARCH, parameters, undefined, IN_BACKGROUND);
		},
		async stored(project, traceIds) {
			const rows = await clickhouse.rows<StoredRow>(STORED, { project, traceIds });
			return rows.map(({ issueText, gone, ...row }) => ({ ...row, issue: issueText, gone: gone === 1 }));
		},
		async write(project, rows) {
			// One insert is one partition, so that it is there whole or not at all.
			for (const [day, ofDay] of Map.groupBy(rows, ({ timeMs }) => Math.floor(timeMs / dayMs))) {
				const lines = ofDay.map((row) => JSON.stringify({ ...row, project, day, gone: row.gone ? 1 : 0 }));
				await clickhouse.insert(INTO, 'JSONEachRow', [Buffer.from(lines.join('\n'))]);
			}
		},
	};
}
