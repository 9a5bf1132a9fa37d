import type { TimeWindow } from '../../../schema/api.ts';
import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import { partitionMs } from '../../spool/batch-sink.ts';
import { traceWaitMs } from '../buckets/bucket-spans.ts';
import { spansUpTo } from '../buckets/due-buckets.ts';
import { SLOWEST_ROW } from '../buckets/slowest-traces-sql.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { inEnvironment, inScope, projectParameters, scopeParameters } from '../read-scope.ts';
import type { WindowScope } from '../reader-types.ts';
import { STRETCH_MS } from '../stretch.ts';
import { PARTITION, spansByPartition } from '../whole-partitions.ts';
import { inStretches, stretchesOf } from './slowest-spans.ts';
import type { Stretches } from './slowest-spans.ts';
import { TIMES } from './trace-page.ts';

/** Stretches of a window by the longest trace that lies in each as a whole; traces that lie in several are in rows of buckets. */
export interface TraceStretches extends Stretches {
	/** Buckets whose rows don't hold: not derived since spans came to them or went, in seconds since the epoch. */
	doubtful: readonly number[];
}

/** What a column of seconds holds, in whole partitions. */
const lastMs = Math.floor(((2 ** 32 - 1) * 1_000) / partitionMs) * partitionMs;

const at = (ms: number): string => `toDateTime(${ms / 1_000}, 'UTC')`;

/**
 * Rows of the buckets of a time, with columns called as those of spans. Of every version: spans are added, so that an older one says
 * less than a newer one and nothing else, and what a deletion makes wrong is deleted with it.
 */
const rowsOf = ({ fromMs, toMs }: TimeWindow): string => `(
	SELECT bucket, stored.version AS derivation, type, stretch, service_namespace, service, environment, service_version AS version, error,
		entry, longest_nano, trace_id, first_nano, last_nano, own_spans, spans
	FROM slowest_traces AS stored
	WHERE project = {project:String} AND bucket >= ${at(fromMs)} AND bucket < ${at(toMs)})`;

const matches = (scope: WindowScope, { where }: CompiledQuery): string => `${inEnvironment(scope)} AND (${where})`;

const BUCKETS = (scope: WindowScope, query: CompiledQuery, around: TimeWindow): string => `
	SELECT toUnixTimestamp(bucket) AS start, maxIf(longest_nano, isLongest) AS mostNano, countIf(isLongest) AS found,
		argMaxIf(own_spans, derivation, type = ${SLOWEST_ROW.derived}) AS own,
		argMaxIf(spans, derivation, type = ${SLOWEST_ROW.derived}) AS seen,
		countIf(type = ${SLOWEST_ROW.tooMany}) AS tooMany
	FROM (SELECT *, type = ${SLOWEST_ROW.longest} AND ${matches(scope, query)} AS isLongest FROM ${rowsOf(around)})
	GROUP BY start`;

const SPANS_BY_STRETCH = (partitionsMs: readonly number[]): string => `
	SELECT toUnixTimestamp(stretch) * 1000 AS startMs, count() AS spans FROM spans
	WHERE _partition_value.1 = {project:String} AND ${PARTITION} IN (${partitionsMs.map(at).join(', ')}) GROUP BY startMs`;

interface Bucket {
	startMs: number;
	mostNano: bigint;
	/** Rows that match. */
	found: bigint;
	/** Spans that it was derived from, and those with which they make traces. */
	own: number;
	seen: number;
	isKept: boolean;
}

async function readBuckets(clickhouse: ClickHouse, scope: WindowScope, query: CompiledQuery, around: TimeWindow) {
	const parameters = { ...query.parameters, ...scopeParameters(scope) };
	const table = await clickhouse.columns(BUCKETS(scope, query, around), parameters, scope.signal);
	const numbers = (name: string) => Array.from(table.numbers(name, 'uint64'), Number);
	const [mostNano, found] = [table.numbers('mostNano', 'uint64'), table.numbers('found', 'uint64')];
	const [own, seen, tooMany] = [numbers('own'), numbers('seen'), numbers('tooMany')];
	return Array.from(table.numbers('start', 'uint32'), (seconds, index): Bucket => ({
		startMs: seconds * 1_000,
		mostNano: mostNano[index] ?? 0n,
		found: found[index] ?? 0n,
		own: own[index] ?? 0,
		seen: seen[index] ?? 0,
		isKept: tooMany[index] === 0,
	}));
}

/** How many spans there are by stretch: in partitions with as many as their buckets were derived from, as many as these. */
async function countSpans(
	clickhouse: ClickHouse,
	scope: WindowScope,
	buckets: readonly Bucket[],
	partitions: readonly { startMs: number; spans: number }[],
): Promise<ReadonlyMap<number, number>> {
	const counts = new Map<number, number>();
	const known = Map.groupBy(buckets, ({ startMs }) => floorTo(startMs, partitionMs));
	const changed: number[] = [];
	for (const { startMs, spans } of partitions) {
		const derived = known.get(startMs) ?? [];
		if (derived.reduce((sum, { own }) => sum + own, 0) !== spans) changed.push(startMs);
		else for (const bucket of derived) counts.set(bucket.startMs, bucket.own);
	}
	if (changed.length === 0) return counts;
	const sql = SPANS_BY_STRETCH(changed);
	const counted = await clickhouse.rows<{ startMs: number; spans: number }>(
		sql,
		projectParameters(scope),
		scope.signal,
	);
	for (const { startMs, spans } of counted) counts.set(startMs, spans);
	return counts;
}

const floorTo = (ms: number, step: number): number => Math.floor(ms / step) * step;
const ceilTo = (ms: number, step: number): number => Math.ceil(ms / step) * step;
const isIn = ({ fromMs, toMs }: TimeWindow, ms: number): boolean => ms >= fromMs && ms < toMs;

/** From the first stretch that the window touches to the end of the last, and as far before and behind them as its traces are looked for. */
function touched(window: TimeWindow): { inside: TimeWindow; around: TimeWindow } {
	const { first, end } = stretchesOf(window);
	const inside = { fromMs: first * 1_000, toMs: Math.min(ceilTo(end * 1_000, STRETCH_MS), lastMs) };
	return {
		inside,
		around: {
			fromMs: Math.max(0, inside.fromMs - traceWaitMs),
			toMs: Math.min(inside.toMs + traceWaitMs, lastMs),
		},
	};
}

/** Whole partitions with all that the buckets of a time were derived from. */
const partitionsOf = ({ fromMs, toMs }: TimeWindow): TimeWindow => ({
	fromMs: Math.max(0, floorTo(fromMs - traceWaitMs, partitionMs)),
	toMs: Math.min(ceilTo(toMs, partitionMs), lastMs),
});

/** Buckets whose rows don't hold, and stretches that are read for want of them, or because the window cuts them. */
function whatIsMissing(window: TimeWindow, buckets: readonly Bucket[], counts: ReadonlyMap<number, number>) {
	const known = new Map(buckets.map((bucket) => [bucket.startMs, bucket]));
	const { inside, around } = touched(window);
	const [doubtful, unknown] = [new Set<number>(), new Set<number>()];
	for (const startMs of new Set([...known.keys(), ...counts.keys()])) {
		const bucket = known.get(startMs);
		const holds = bucket?.isKept === true && bucket.seen === spansUpTo(counts, startMs);
		if (holds || !isIn(around, startMs)) continue;
		doubtful.add(startMs);
		if (!counts.has(startMs)) continue;
		for (let backMs = 0; backMs <= traceWaitMs; backMs += STRETCH_MS)
			unknown.add(Math.max(startMs - backMs, around.fromMs));
	}
	for (const startMs of [inside.fromMs, inside.toMs - STRETCH_MS])
		if (startMs < window.fromMs || startMs + STRETCH_MS > window.toMs) unknown.add(startMs);
	return { doubtful, unknown };
}

/**
 * What is known of the window's traces. It is as exact as spans are: a bucket says from how many spans it was derived, and of
 * one that has others by now, and of what its traces may reach into, the spans are read.
 */
export async function readTraceStretches(
	clickhouse: ClickHouse,
	scope: WindowScope,
	query: CompiledQuery,
): Promise<TraceStretches> {
	const { inside, around } = touched(scope.window);
	const partitions = partitionsOf(around);
	const [buckets, spans] = await Promise.all([
		readBuckets(clickhouse, scope, query, partitions),
		clickhouse.rows<{ startMs: number; spans: number }>(
			spansByPartition(partitions),
			projectParameters(scope),
			scope.signal,
		),
	]);
	const counts = await countSpans(clickhouse, scope, buckets, spans);
	const { doubtful, unknown } = whatIsMissing(scope.window, buckets, counts);
	const ranked = buckets
		.filter(({ startMs, found }) => found > 0n && isIn(inside, startMs))
		.filter(({ startMs }) => counts.has(startMs) && !unknown.has(startMs) && !doubtful.has(startMs))
		.sort((a, b) => (a.mostNano < b.mostNano ? 1 : a.mostNano > b.mostNano ? -1 : 0));
	return {
		starts: Uint32Array.from(ranked, ({ startMs }) => startMs / 1_000),
		mostNano: BigUint64Array.from(ranked, ({ mostNano }) => mostNano),
		unknown: [...unknown].filter((startMs) => counts.has(startMs)).map((startMs) => startMs / 1_000),
		doubtful: [...doubtful].map((startMs) => startMs / 1_000),
	};
}

/** Spans of some stretches, and in place of those elsewhere of traces that lie in several, what their buckets say of these. */
export function spansOfStretches(
	scope: WindowScope,
	query: CompiledQuery,
	starts: readonly number[],
	{ doubtful }: TraceStretches,
): string {
	const { fromMs, toMs } = scope.window;
	const whole = `stretch >= ${at(Math.max(0, ceilTo(fromMs, STRETCH_MS)))} AND stretch < ${at(Math.min(floorTo(toMs, STRETCH_MS), lastMs))}`;
	const holds = doubtful.length === 0 ? '1' : `toUnixTimestamp(bucket) NOT IN (${doubtful.join(', ')})`;
	return `
	SELECT trace_id, start_nano, duration_nano, ${TIMES}, toUInt8(${inScope(scope)} AND (${query.where})) AS matches
	FROM spans WHERE project = {project:String} AND ${inStretches(starts)}
	UNION ALL
	SELECT trace_id, first_nano AS start_nano, toUInt64(last_nano - first_nano) AS duration_nano,
		greatest(toInt64(intDiv(first_nano, 1000000)), toInt64(toUnixTimestamp(bucket)) * 1000 - ${traceWaitMs}) AS fromMs,
		toInt64(toUnixTimestamp(bucket)) * 1000 + ${STRETCH_MS} AS toMs, toUInt8(${whole} AND ${matches(scope, query)}) AS matches
	FROM ${rowsOf(touched(scope.window).around)} WHERE type = ${SLOWEST_ROW.crossing} AND ${holds}`;
}
