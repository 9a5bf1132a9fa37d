import type { TraceSpans } from '../../../schema/trace-spans.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import type { NativeTable } from '../native/native-reader.ts';
import { scopeParameters, SERVICE_NAME } from '../read-scope.ts';
import type { ServiceName, WindowScope } from '../reader-types.ts';
import { rowsOfTraces } from './rows-of-traces.ts';
import { ONCE } from '../span-rows.ts';
import { STRETCH_MS } from '../stretch.ts';
import { distinctTexts } from './trace-reader.ts';
import { spansInScope } from '../whole-partitions.ts';

/** Both ends count. */
export interface DurationBand {
	fromNano: number;
	toNano: number;
}

/** A span that stands for others like it. Ids in hexadecimal. */
export interface ChosenSpan {
	traceId: string;
	spanId: string;
	endMs: number;
	durationNano: number;
}

/** Some of the spans whose duration is in a band. */
export interface ChosenSpans {
	/** Of so many, which took so long on average. */
	of: number;
	meanNano: number;
	chosen: ChosenSpan[];
}

export interface OperationPathReader {
	/** The middle fifth of the operation's durations, and the slowest twentieth. Zeros where there are no spans. */
	bounds(
		scope: WindowScope,
		service: ServiceName,
		operation: string,
	): Promise<{ typical: DurationBand; slow: DurationBand }>;
	/** Of each band up to `limit` spans of the operation with such a duration, the same ones each time, of how many. */
	choose(
		scope: WindowScope,
		service: ServiceName,
		operation: string,
		bands: readonly DurationBand[],
		limit: number,
	): Promise<ChosenSpans[]>;
	/** The traces of chosen spans by id, some at a time, with operations for names: what ran while those spans did. */
	traces(scope: WindowScope, chosen: readonly ChosenSpan[]): AsyncIterable<Map<string, TraceSpans>>;
}

/** Traces that one query reads: as many as have so many spans together, if the others are as long as those before. */
const spansAtOnce = 50_000;
const firstAtOnce = 100;
/** Each is named with its five minutes in the query's parameters. */
const mostAtOnce = 500;
const leastAtOnce = 20;
/** A trace is looked for in so many stretches of five minutes at most, from the end of its span backwards. */
const maxStretches = 13;

const OF_OPERATION = ({
	namespace,
}: ServiceName): string => `service = {service:String} AND operation = {operation:String}
	${namespace === undefined ? '' : 'AND service_namespace = {namespace:String}'}`;

/** @param spans selects some columns of the operation's spans */
const DURATIONS = (spans: Spans) => `
	SELECT quantilesExactLow(0.4, 0.6, 0.95, 1)(duration_nano) AS bounds FROM (${spans('duration_nano')})`;

type Spans = (columns: string, condition?: string) => string;

const isIn = ({ fromNano, toNano }: DurationBand): string =>
	`(duration_nano >= ${fromNano} AND duration_nano <= ${toNano})`;

/** By hash: the same ones each time, and no matter when they ran. */
const ofBand = (band: DurationBand): string => `(countIf(${isIn(band)}), avgIf(duration_nano, ${isIn(band)}),
	arrayMap(row -> (lower(hex(row.2)), lower(hex(row.3)), toUnixTimestamp64Milli(row.4), toFloat64(row.5)),
		groupArraySortedIf({limit:UInt32})((cityHash64(trace_id, span_id), trace_id, span_id, time, duration_nano), ${isIn(band)})))`;

/** All bands in one reading of the window. */
const CHOSEN = (spans: Spans, bands: readonly DurationBand[]) => `
	SELECT [${bands.map(ofBand).join(', ')}] AS found
	FROM (${spans('trace_id, span_id, time, duration_nano', `(${bands.map(isIn).join(' OR ')})`)})`;

type FoundSpan = [traceId: string, spanId: string, endMs: number, durationNano: number];
type FoundBand = [spans: number, meanNano: number | null, spans: FoundSpan[]];

const PLACES = `(
	SELECT toDateTime(place.1, 'UTC'), toFixedString(unhex(place.2), 16)
	FROM (SELECT arrayJoin(arrayZip({stretches:Array(UInt32)}, {traceIds:Array(String)})) AS place))`;

/** The pairs are a prefix of the table's key: each is one granule, whatever else there is. Of rows in it no time is read. */
const SPANS = `
	SELECT trace_id, byteSwap(reinterpretAsUInt64(span_id)) AS spanId,
		byteSwap(reinterpretAsUInt64(parent_span_id)) AS parentId, start_nano,
		toFloat64(duration_nano) AS durationNano, kind AS kindNumber, resource_id AS resourceId,
		toLowCardinality(${SERVICE_NAME}) AS serviceName, operation AS spanOperation
	FROM spans
	WHERE project = {project:String} AND indexHint((toStartOfFiveMinutes(time), trace_id) IN ${PLACES})
		AND (stretch, trace_id) IN ${PLACES}
	ORDER BY trace_id, start_nano, span_id, kind, service
	${ONCE}`;

export function createOperationPathReader(clickhouse: ClickHouse): OperationPathReader {
	const isSharded = clickhouse.shards.length > 1;
	const spansOf =
		(scope: WindowScope, service: ServiceName): Spans =>
		(columns, condition) =>
			spansInScope(
				columns,
				condition === undefined ? OF_OPERATION(service) : `${OF_OPERATION(service)} AND ${condition}`,
				scope,
				isSharded,
			);
	const bind = (scope: WindowScope, service: ServiceName, operation: string) => ({
		...scopeParameters(scope),
		...service,
		operation,
	});
	return {
		async bounds(scope, service, operation) {
			const parameters = bind(scope, service, operation);
			const [row] = await clickhouse.rows<{ bounds: number[] }>(
				DURATIONS(spansOf(scope, service)),
				parameters,
				scope.signal,
			);
			const [from = 0, to = 0, slow = 0, longest = 0] = row?.bounds ?? [];
			return { typical: { fromNano: from, toNano: to }, slow: { fromNano: slow, toNano: longest } };
		},
		async choose(scope, service, operation, bands, limit) {
			const sql = CHOSEN(spansOf(scope, service), bands);
			// Copies of a span stand next to each other: of each only one is kept, and more are read until there are enough.
			for (let most = limit * 2; ; most *= 4) {
				const parameters = { ...bind(scope, service, operation), limit: most };
				const [row] = await clickhouse.rows<{ found: FoundBand[] }>(sql, parameters, scope.signal);
				const found = (row?.found ?? []).map((band) => toChosen(band));
				const isEnough = ({ chosen, read }: (typeof found)[number]) => chosen.length >= limit || read < most;
				if (found.every(isEnough))
					return found.map(({ of, meanNano, chosen }) => ({ of, meanNano, chosen: chosen.slice(0, limit) }));
			}
		},
		async *traces(scope, chosen) {
			let atOnce = firstAtOnce;
			for (let from = 0; from < chosen.length;) {
				const some = chosen.slice(from, from + atOnce);
				const parameters = { project: scope.project, ...placesOf(some) };
				const table = await clickhouse.columns(SPANS, parameters, scope.signal);
				yield byTrace(table);
				from += some.length;
				const tracesInRoom = Math.floor((spansAtOnce * some.length) / Math.max(table.rows, 1));
				atOnce = Math.max(leastAtOnce, Math.min(mostAtOnce, tracesInRoom));
			}
		},
	};
}

function toChosen([of, meanNano, rows]: FoundBand): ChosenSpans & { read: number } {
	const isOther = ([traceId, spanId]: FoundSpan, before: FoundSpan | undefined) =>
		traceId !== before?.[0] || spanId !== before[1];
	const chosen = rows
		.filter((row, index) => isOther(row, rows[index - 1]))
		.map(([traceId, spanId, endMs, durationNano]) => ({ traceId, spanId, endMs, durationNano }));
	return { of, meanNano: meanNano ?? 0, chosen, read: rows.length };
}

/** Where spans lie that began and ended while the chosen ones ran; a little beyond, for clocks that differ. */
function placesOf(chosen: readonly ChosenSpan[]): { stretches: number[]; traceIds: string[] } {
	const stretches: number[] = [];
	const traceIds: string[] = [];
	for (const { traceId, endMs, durationNano } of chosen) {
		const last = Math.floor((endMs + 60_000) / STRETCH_MS);
		const first = Math.max(last - maxStretches + 1, Math.floor((endMs - durationNano / 1e6) / STRETCH_MS));
		for (let stretch = first; stretch <= last; stretch += 1) {
			stretches.push((stretch * STRETCH_MS) / 1_000);
			traceIds.push(traceId);
		}
	}
	return { stretches, traceIds };
}

/** The rows are sorted by trace: each is a stretch of every column. */
function byTrace(table: NativeTable): Map<string, TraceSpans> {
	const all = allSpans(table);
	const traces = new Map<string, TraceSpans>();
	for (const { traceId, from, to } of rowsOfTraces(table.fixed('trace_id'))) traces.set(traceId, rowsOf(all, from, to));
	return traces;
}

function allSpans(table: NativeTable): TraceSpans {
	const services = distinctTexts([table.dictionary('serviceName')]);
	const operations = distinctTexts([table.dictionary('spanOperation')]);
	const operation = operations.ids[0] ?? new Uint32Array(0);
	const clocks = new Map<bigint, number>();
	const clock = Uint32Array.from(table.numbers('resourceId', 'uint64'), (resource) => {
		const number = clocks.get(resource) ?? clocks.size;
		clocks.set(resource, number);
		return number;
	});
	return {
		count: table.rows,
		spanId: table.numbers('spanId', 'uint64'),
		parentSpanId: table.numbers('parentId', 'uint64'),
		startUnixNano: table.numbers('start_nano', 'uint64'),
		durationNano: table.numbers('durationNano', 'float64'),
		kind: table.numbers('kindNumber', 'uint8'),
		clock,
		service: services.ids[0] ?? new Uint32Array(0),
		operation,
		services: services.texts,
		names: operations.texts,
		// What a critical path doesn't ask for.
		name: operation,
		type: new Uint8Array(table.rows),
		statusCode: new Uint8Array(table.rows),
		error: new Uint8Array(table.rows),
		marks: new Uint32Array(table.rows),
		httpStatus: new Uint16Array(table.rows),
		events: new Uint16Array(table.rows),
		links: new Uint16Array(table.rows),
	};
}

const rowsOf = (all: TraceSpans, from: number, to: number): TraceSpans => ({
	...all,
	count: to - from,
	spanId: all.spanId.subarray(from, to),
	parentSpanId: all.parentSpanId.subarray(from, to),
	startUnixNano: all.startUnixNano.subarray(from, to),
	durationNano: all.durationNano.subarray(from, to),
	kind: all.kind.subarray(from, to),
	type: all.type.subarray(from, to),
	statusCode: all.statusCode.subarray(from, to),
	error: all.error.subarray(from, to),
	marks: all.marks.subarray(from, to),
	httpStatus: all.httpStatus.subarray(from, to),
	events: all.events.subarray(from, to),
	links: all.links.subarray(from, to),
	clock: all.clock.subarray(from, to),
	service: all.service.subarray(from, to),
	name: all.name.subarray(from, to),
	operation: all.operation.subarray(from, to),
});
