import type { Sort } from '../../../schema/api.ts';
import { amongTraces } from '../../analysis/query-candidates.ts';
import { asksLittle, looksAround } from '../../analysis/query-structures.ts';
import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import { partitionMs } from '../../spool/batch-sink.ts';
import { inEnvironment, inScope, IN_WINDOW } from '../read-scope.ts';
import { FROM_SLICE } from './time-slices.ts';
import type { WindowScope } from '../reader-types.ts';
import { inPartitions, outsideOf, PARTITION, wholePartitions } from '../whole-partitions.ts';

/** How far outside a window the other spans of its traces are looked for. */
export const AROUND_MS = 3_600_000;

const AROUND_WINDOW = `project = {project:String}
	AND time >= fromUnixTimestamp64Milli({fromMs:Int64} - ${AROUND_MS}, 'UTC')
	AND time < fromUnixTimestamp64Milli({toMs:Int64} + ${AROUND_MS}, 'UTC')`;

/**
 * What a trace is sorted by: one number. The end is that of its newest span that matches, in milliseconds: so a page of the
 * newest needs no span that is older than its last row. Start and duration are those of the whole trace.
 */
const keys: Record<Sort, { expression: string; isOfMatch: boolean }> = {
	end: { expression: 'toUInt64(toUnixTimestamp64Milli(max(time)))', isOfMatch: true },
	'-end': { expression: 'toUInt64(toUnixTimestamp64Milli(max(time)))', isOfMatch: true },
	start: { expression: 'min(start_nano)', isOfMatch: false },
	'-start': { expression: 'min(start_nano)', isOfMatch: false },
	duration: { expression: 'max(start_nano + duration_nano) - min(start_nano)', isOfMatch: false },
	'-duration': { expression: 'max(start_nano + duration_nano) - min(start_nano)', isOfMatch: false },
};

/** A trace of a page. */
export interface TraceOfPage {
	id: string;
	sortKey: string;
	/** First and last end of those of its spans that the page looked at. */
	firstMs: number;
	lastMs: number;
}

/**
 * The query for a slice, so that a page can be read in slices. One that looks at other spans, too, looks only at those of traces that have
 * a span in the slice which could match: undefined where that can't be said.
 */
export function ofSlice(scope: WindowScope, query: CompiledQuery): CompiledQuery | undefined {
	if (!looksAround(query)) return query;
	const traces = `SELECT trace_id FROM spans WHERE ${inScope(scope)} AND ${FROM_SLICE} AND (${query.own ?? '1'})`;
	const where = amongTraces(query, traces);
	return where === undefined ? undefined : { ...query, where };
}

/** Of all spans, those of traces that match. */
const ofMatchingTraces = (scope: WindowScope, query: CompiledQuery): string =>
	`trace_id IN (SELECT trace_id FROM spans WHERE ${inScope(scope)} AND (${query.where}))`;

/** When a span ended, as the first and last end of those of a trace. */
export const TIMES = 'toUnixTimestamp64Milli(time) AS fromMs, toUnixTimestamp64Milli(time) AS toMs';

/**
 * All spans around the window, and whether each matches. Of partitions that lie whole in the window their times aren't read: when a
 * trace ended is known of these to three hours, which is enough to find its spans.
 */
function spansAtOnce(scope: WindowScope, query: CompiledQuery): string {
	const select = (times: string, matches: string, place: string) =>
		`SELECT trace_id, start_nano, duration_nano, ${times}, toUInt8(${matches}) AS matches FROM spans WHERE ${place}`;
	const matches = `(${query.where})`;
	const whole = wholePartitions(scope.window);
	if (whole === undefined) return select(TIMES, `${inScope(scope)} AND ${matches}`, AROUND_WINDOW);
	const partition = `toInt64(toUnixTimestamp(${PARTITION})) * 1000`;
	const times = `${partition} AS fromMs, ${partition} + ${partitionMs} AS toMs`;
	return `${select(times, `${inEnvironment(scope)} AND ${matches}`, inPartitions(whole))}
		UNION ALL ${select(TIMES, `${inScope(scope)} AND ${matches}`, `${AROUND_WINDOW} AND ${outsideOf(whole)}`)}`;
}

export interface TraceOrder {
	sort: Sort;
	/** From a cursor on. */
	isContinued: boolean;
	/** Rows lie on several servers, which would send each other all traces to find out which of them match. */
	isSharded: boolean;
}

/** What a page is made of: spans, and whether each matches. */
function spansOfPage(scope: WindowScope, query: CompiledQuery, { sort, isSharded }: TraceOrder): string {
	const { isOfMatch } = keys[sort];
	if (!isOfMatch && !isSharded && asksLittle(query)) return spansAtOnce(scope, query);
	const looked = isOfMatch
		? `${inScope(scope)} AND ${FROM_SLICE} AND (${query.where})`
		: `${AROUND_WINDOW} AND ${ofMatchingTraces(scope, query)}`;
	return `SELECT trace_id, start_nano, duration_nano, time, ${TIMES}, 1 AS matches FROM spans WHERE ${looked}`;
}

/**
 * Which traces have a span that matches, in order, from a cursor on. Key and id together are unique and a trace has one of
 * each, so pages join without gaps or repetitions. `FROM_SLICE` is bound to the beginning of the window where it isn't cut.
 *
 * Start and duration need all spans of each trace that matches. Where it costs little to ask whether a span matches, spans are
 * read once and grouped, whether their traces match or not; otherwise traces that match are found first.
 * @param spans or what stands for them
 */
export function tracePageSql(
	scope: WindowScope,
	query: CompiledQuery,
	order: TraceOrder,
	spans: string = spansOfPage(scope, query, order),
): string {
	const { sort, isContinued } = order;
	const { expression } = keys[sort];
	const [direction, comparison] = sort.startsWith('-') ? ['DESC', '<'] : ['ASC', '>'];
	const after = isContinued
		? `(sortNumber, trace_id) ${comparison} ({afterKey:UInt64}, toFixedString(unhex({afterTrace:String}), 16))`
		: '1';
	return `
	SELECT lower(hex(trace_id)) AS id, toString(sortNumber) AS sortKey, firstMs, lastMs
	FROM (
		SELECT trace_id, ${expression} AS sortNumber, min(fromMs) AS firstMs, max(toMs) AS lastMs, max(matches) AS isMatch
		FROM (${spans}) GROUP BY trace_id)
	WHERE isMatch = 1 AND ${after}
	ORDER BY sortNumber ${direction}, trace_id ${direction}
	LIMIT {limit:UInt32}`;
}

/** Traces with a span that matches, and from when to when any of their spans in the window ended; the newest first. */
export const traceExtentsSql = (scope: WindowScope, query: CompiledQuery): string => `
	SELECT lower(hex(trace_id)) AS id, toString(lastMs) AS sortKey,
		toUnixTimestamp64Milli(min(time)) AS firstMs, toUnixTimestamp64Milli(max(time)) AS lastMs
	FROM spans WHERE ${IN_WINDOW} AND ${ofMatchingTraces(scope, query)}
	GROUP BY trace_id ORDER BY lastMs DESC, trace_id DESC
	LIMIT {limit:UInt32}`;
