import type { SpanDetail } from '../../../schema/api.ts';
import type { SpanId, TraceId } from '../../../schema/span.ts';
import type { TraceSpans } from '../../../schema/trace-spans.ts';
import type { ClickHouse, Parameters } from '../engine/clickhouse.ts';
import type { DictionaryTexts } from '../native/native-columns.ts';
import type { NativeTable } from '../native/native-reader.ts';
import { fromTrace } from '../keeping/pinned-traces.ts';
import type { PinnedTraces } from '../keeping/pinned-traces.ts';
import { otlpDocument } from './otlp-document.ts';
import { IN_WINDOW, SERVICE_NAME } from '../read-scope.ts';
import type { ReadScope, TraceReader } from '../reader-types.ts';
import { spanDetail } from './span-detail.ts';
import { ONCE, SPAN_ROW_COLUMNS, toSpanRow } from '../span-rows.ts';
import type { SpanRowRecord } from '../span-rows.ts';
import { HostReader, readSources } from './stored-sources.ts';
import { IS_DATABASE_CALL, QUERY } from '../database-calls.ts';
import { STORED_SPAN_COLUMNS, storedSpans } from './stored-span.ts';
import type { StoredSpan } from './stored-span.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const maxLinkedFrom = 20;

const OF_TRACE = 'trace_id = toFixedString(unhex({traceId:String}), 16)';

/** Which rows are looked at, and whether the trace is pinned: then they are among the copies too. */
interface Place {
	near: boolean;
	isPinned: boolean;
}

/** `IN_WINDOW` around the time that the caller knows, else all of the project. */
const spansAt = ({ near, isPinned }: Place, and = '1'): string =>
	fromTrace('spans', `${near ? IN_WINDOW : 'project = {project:String}'} AND ${OF_TRACE} AND ${and}`, isPinned);

/** What a waterfall draws, narrow enough for a hundred thousand spans. */
const SPANS = (place: Place) => `
	SELECT byteSwap(reinterpretAsUInt64(span_id)) AS spanId, byteSwap(reinterpretAsUInt64(parent_span_id)) AS parentId,
		start_nano, toFloat64(duration_nano) AS durationNano, kind AS kindNumber, type AS typeNumber,
		status AS statusNumber, error AS errorNumber, marks AS markBits,
		toUInt16(least(greatest(attr_http_response_status_code, 0), 65535)) AS httpStatus,
		toUInt16(least(length(event_time_nano), 65535)) AS events, toUInt16(least(length(link_flags), 65535)) AS links,
		resource_id AS resourceId, toLowCardinality(${SERVICE_NAME}) AS serviceName, name AS spanName,
		operation AS spanOperation
	FROM ${spansAt(place)}
	ORDER BY start_nano, span_id, kind, service
	${ONCE} LIMIT {limit:UInt32}`;

const TOTAL = (place: Place) => `
	SELECT uniqExact(span_id, kind, service, start_nano) AS total FROM ${spansAt(place)}`;

const STORED = (place: Place) => `
	SELECT ${STORED_SPAN_COLUMNS} FROM ${spansAt(place)}
	ORDER BY start_nano, span_id, kind, service
	${ONCE}`;

/** Both sides of a call may share an id: the earlier one is meant. */
const STORED_SPAN = (place: Place) => `
	SELECT ${STORED_SPAN_COLUMNS}, if(${IS_DATABASE_CALL}, ${QUERY}, 0) AS called_query
	FROM ${spansAt(place, 'span_id = toFixedString(unhex({spanId:String}), 8)')}
	ORDER BY start_nano, kind, service LIMIT 1`;

const LINKED_FROM = `
	SELECT ${SPAN_ROW_COLUMNS}, uniqExact((trace_id, span_id, kind, service, start_nano)) OVER () AS linking FROM spans
	WHERE ${IN_WINDOW} AND notEmpty(link_trace_id)
		AND arrayExists((t, s) -> lower(hex(t)) = {traceId:String} AND lower(hex(s)) = {spanId:String}, link_trace_id, link_span_id)
	ORDER BY time DESC, trace_id, span_id, kind, service, start_nano
	${ONCE} LIMIT ${maxLinkedFrom}`;

export function createTraceReader(clickhouse: ClickHouse, pinned: Pick<PinnedTraces, 'has'>): TraceReader {
	const hosts = new HostReader(clickhouse);
	/**
	 * An hour around the known time first. Where the trace turns out to have begun before that, from its beginning; and
	 * everything when nothing is there.
	 */
	async function find(
		scope: ReadScope,
		sql: (place: Place) => string,
		parameters: Parameters & { traceId: TraceId },
		atMs: number | undefined,
	): Promise<{ table: NativeTable; place: Place; bound: Parameters }> {
		const bound = { project: scope.project, ...parameters };
		const isPinned = pinned.has(scope.project, parameters.traceId);
		const [nearPlace, anyPlace] = [
			{ near: true, isPinned },
			{ near: false, isPinned },
		];
		if (atMs !== undefined) {
			const nearby = { ...bound, fromMs: atMs - hourMs, toMs: atMs + hourMs };
			const table = await clickhouse.columns(sql(nearPlace), nearby, scope.signal);
			const beganMs = earliestMs(table);
			if (table.rows > 0 && beganMs >= nearby.fromMs) return { table, place: nearPlace, bound: nearby };
			if (table.rows > 0) {
				// No span of it ends before the first has started, give or take clocks that differ.
				const whole = { ...nearby, fromMs: beganMs - hourMs };
				return { table: await clickhouse.columns(sql(nearPlace), whole, scope.signal), place: nearPlace, bound: whole };
			}
		}
		return { table: await clickhouse.columns(sql(anyPlace), bound, scope.signal), place: anyPlace, bound };
	}

	return {
		async spans(scope, traceId: TraceId, atMs, limit) {
			const { table, place, bound } = await find(scope, SPANS, { traceId, limit }, atMs);
			if (table.rows === 0) return undefined;
			const spans = toTraceSpans(table, await clocks(hosts, scope, table));
			if (table.rows < limit) return { spans, total: table.rows };
			const [counted] = await clickhouse.rows<{ total: number }>(TOTAL(place), bound, scope.signal);
			return { spans, total: counted?.total ?? table.rows };
		},
		async otlp(scope, traceId: TraceId, atMs) {
			const { table } = await find(scope, STORED, { traceId }, atMs);
			if (table.rows === 0) return undefined;
			const spans = storedSpans(table);
			return otlpDocument(spans, await readSources(clickhouse, scope, spans));
		},
		async span(scope, traceId: TraceId, spanId: SpanId, atMs) {
			const { table } = await find(scope, STORED_SPAN, { traceId, spanId }, atMs);
			const spans = storedSpans(table);
			const [span] = spans;
			if (span === undefined) return undefined;
			const [sources, linking] = await Promise.all([
				readSources(clickhouse, scope, spans),
				linkedFrom(clickhouse, scope, span),
			]);
			const [query = 0n] = table.numbers('called_query', 'uint64');
			return {
				...spanDetail(span, sources, linking),
				...(query === 0n ? {} : { databaseQuery: query.toString(16).padStart(16, '0') }),
			};
		},
	};
}

type LinkedFrom = Pick<SpanDetail, 'linkedFrom' | 'linkedFromOf'>;

async function linkedFrom(clickhouse: ClickHouse, scope: ReadScope, span: StoredSpan): Promise<LinkedFrom> {
	const { traceId, spanId, timeMs } = span;
	// What links to a span mostly runs after it; a batch names its members up to a day later.
	const parameters = { project: scope.project, traceId, spanId, fromMs: timeMs - hourMs, toMs: timeMs + dayMs };
	const rows = await clickhouse.rows<SpanRowRecord & { linking: number }>(LINKED_FROM, parameters, scope.signal);
	return { linkedFrom: rows.map(toSpanRow), linkedFromOf: rows[0]?.linking ?? 0 };
}

/** One number for each host, and for each service that does not tell its host. */
async function clocks(reader: HostReader, scope: ReadScope, table: NativeTable): Promise<Uint32Array> {
	const resources = table.numbers('resourceId', 'uint64');
	const { ids: service, dictionary: services } = table.dictionary('serviceName');
	const hosts = await reader.read(scope, new Set(resources));
	const numbers = new Map<string, number>();
	return Uint32Array.from(resources, (resource, row) => {
		const clock = hosts.get(resource) ?? `service ${services[service[row] ?? 0]}`;
		const number = numbers.get(clock) ?? numbers.size;
		numbers.set(clock, number);
		return number;
	});
}

/**
 * The texts that the rows of some columns have, each once. ClickHouse sends a dictionary with every block, so that one text
 * stands in several places as soon as a trace lies in several parts.
 */
export function distinctTexts(columns: readonly DictionaryTexts[]): { ids: Uint32Array[]; texts: string[] } {
	const placeOf = new Map<string, number>();
	const ids = columns.map(({ ids, dictionary }) => {
		// By entry of the dictionary, not by row: there are far fewer.
		const places = new Int32Array(dictionary.length).fill(-1);
		const own = new Uint32Array(ids.length);
		for (let row = 0; row < ids.length; row++) {
			const id = ids[row] ?? 0;
			let place = places[id] ?? -1;
			if (place < 0) {
				const text = dictionary[id] ?? '';
				place = placeOf.get(text) ?? placeOf.size;
				placeOf.set(text, place);
				places[id] = place;
			}
			own[row] = place;
		}
		return own;
	});
	return { ids, texts: [...placeOf.keys()] };
}

/** Infinity for no rows. */
function earliestMs(table: NativeTable): number {
	let earliest = Infinity;
	for (const nano of table.numbers('start_nano', 'uint64')) earliest = Math.min(earliest, Number(nano / 1_000_000n));
	return earliest;
}

function toTraceSpans(table: NativeTable, clock: Uint32Array): TraceSpans {
	const services = distinctTexts([table.dictionary('serviceName')]);
	const names = distinctTexts([table.dictionary('spanName'), table.dictionary('spanOperation')]);
	return {
		count: table.rows,
		spanId: table.numbers('spanId', 'uint64'),
		parentSpanId: table.numbers('parentId', 'uint64'),
		startUnixNano: table.numbers('start_nano', 'uint64'),
		durationNano: table.numbers('durationNano', 'float64'),
		kind: table.numbers('kindNumber', 'uint8'),
		type: table.numbers('typeNumber', 'uint8'),
		statusCode: table.numbers('statusNumber', 'uint8'),
		error: table.numbers('errorNumber', 'uint8'),
		marks: table.numbers('markBits', 'uint32'),
		httpStatus: table.numbers('httpStatus', 'uint16'),
		events: table.numbers('events', 'uint16'),
		links: table.numbers('links', 'uint16'),
		clock,
		service: services.ids[0] ?? new Uint32Array(0),
		name: names.ids[0] ?? new Uint32Array(0),
		operation: names.ids[1] ?? new Uint32Array(0),
		services: services.texts,
		names: names.texts,
	};
}
