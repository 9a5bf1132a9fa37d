import type { LogRow } from '../../../schema/api-logs.ts';
import { SPAN_MARKS } from '../../../schema/span-block.ts';
import type { TraceId } from '../../../schema/span.ts';
import { untagAttributes, untagValue } from './any-value.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { fromTrace, LOG_KEY } from '../keeping/pinned-traces.ts';
import type { PinnedTraces } from '../keeping/pinned-traces.ts';
import { IN_WINDOW } from '../read-scope.ts';
import type { LogReader, ReadScope } from '../reader-types.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const MOMENT = 'if(time_nano = 0, observed_nano, time_nano)';
/** Some records say no time at all: then it is that of their receipt. */
const DISTANCE = `abs(toInt128(if(${MOMENT} = 0, toUnixTimestamp64Milli(time) * 1000000, ${MOMENT})) - {around:UInt64})`;

interface Place {
	near: boolean;
	isPinned: boolean;
	/** The records nearest to a moment rather than the first. */
	isAround: boolean;
}

/** Of a pinned trace, records that say the same are shown once: the copies are among them. */
const OF_TRACE = ({ near, isPinned, isAround }: Place) => `
	SELECT toUnixTimestamp64Milli(time) AS tMs, toString(${MOMENT}) AS timeUnixNano,
		lower(hex(span_id)) AS spanId, service, service_namespace AS namespace, environment, scope_name AS scope,
		severity, severity_text AS severityText, event_name AS eventName, body,
		exception_type AS exceptionType, exception_message AS exceptionMessage, exception_stacktrace AS exceptionStacktrace,
		attributes, dropped_attributes AS droppedAttributes, marks
	FROM ${fromTrace('logs', `${near ? IN_WINDOW : 'project = {project:String}'} AND trace_id = toFixedString(unhex({traceId:String}), 16)`, isPinned)}
	ORDER BY ${isAround ? DISTANCE : MOMENT}, span_id, body
	${isPinned ? `LIMIT 1 BY ${LOG_KEY}` : ''} LIMIT {limit:UInt32}`;

interface StoredLog {
	tMs: string | number;
	timeUnixNano: string;
	spanId: string;
	service: string;
	namespace: string;
	environment: string;
	scope: string;
	severity: number;
	severityText: string;
	eventName: string;
	body: string;
	exceptionType: string;
	exceptionMessage: string;
	exceptionStacktrace: string;
	attributes: Record<string, string>;
	droppedAttributes: number;
	marks: number;
}

export function createLogReader(clickhouse: ClickHouse, pinned: Pick<PinnedTraces, 'has'>): LogReader {
	return {
		async ofTrace(scope: ReadScope, traceId: TraceId, { at: atMs, around, limit }) {
			const isAround = around !== undefined;
			const bound = { project: scope.project, traceId, limit: limit + 1, ...(isAround ? { around } : {}) };
			const isPinned = pinned.has(scope.project, traceId);
			const read = (near: boolean, window: object) =>
				clickhouse.rows<StoredLog>(OF_TRACE({ near, isPinned, isAround }), { ...bound, ...window }, scope.signal);
			// A trace rarely lasts a day; when nothing is there, it may have been told apart by another clock.
			const near = atMs === undefined ? [] : await read(true, { fromMs: atMs - dayMs, toMs: atMs + hourMs });
			const rows = near.length > 0 ? near : await read(false, {});
			const logs = rows.slice(0, limit).map(toLogRow);
			return { logs: isAround ? logs.toSorted(byTime) : logs, truncated: rows.length > limit };
		},
	};
}

/** Those of one moment stay as they came. */
function byTime(a: LogRow, b: LogRow): number {
	const [left, right] = [momentOf(a), momentOf(b)];
	return left === right ? 0 : left < right ? -1 : 1;
}

const momentOf = ({ timeUnixNano, tMs }: LogRow): bigint =>
	timeUnixNano === '0' ? BigInt(tMs) * 1_000_000n : BigInt(timeUnixNano);

function toLogRow(log: StoredLog): LogRow {
	const { exceptionType, exceptionMessage, exceptionStacktrace, body, marks, ...row } = log;
	const isException = exceptionType !== '' || exceptionMessage !== '' || exceptionStacktrace !== '';
	return {
		...row,
		tMs: Number(row.tMs),
		spanId: /[^0]/.test(row.spanId) ? row.spanId : '',
		body: body === '' ? null : untagValue(body),
		exception: isException ? { type: exceptionType, message: exceptionMessage, stacktrace: exceptionStacktrace } : null,
		attributes: untagAttributes(Object.entries(row.attributes)),
		marks: Object.entries(SPAN_MARKS)
			.filter(([, bit]) => (marks & bit) !== 0)
			.map(([name]) => name),
	};
}
