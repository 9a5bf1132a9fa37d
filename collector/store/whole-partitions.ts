import type { TimeWindow } from '../../schema/api.ts';
import { partitionMs } from '../spool/batch-sink.ts';
import { inEnvironment, inScope } from './read-scope.ts';
import type { WindowScope } from './reader-types.ts';

/** What a column of seconds holds. */
const lastMs = (2 ** 32 - 1) * 1_000;

/** From the first to the end of the last partition of `spans` that lies in a window with all that it has. */
export function wholePartitions({ fromMs, toMs }: TimeWindow): TimeWindow | undefined {
	const from = Math.ceil(Math.max(fromMs, 0) / partitionMs) * partitionMs;
	const to = Math.floor(Math.min(toMs, lastMs) / partitionMs) * partitionMs;
	return from < to ? { fromMs: from, toMs: to } : undefined;
}

/** When a row's partition begins. A constant of its part, so that no row is read to know it. */
export const PARTITION = '_partition_value.2';

/** Rows of these partitions, told by their parts: neither project nor time is read. */
export const inPartitions = ({ fromMs, toMs }: TimeWindow): string => `_partition_value.1 = {project:String}
	AND ${PARTITION} >= toDateTime(${fromMs / 1_000}, 'UTC') AND ${PARTITION} < toDateTime(${toMs / 1_000}, 'UTC')`;

/** How many spans each of these partitions has. Answered from the ranges of parts: no span is read. */
export const spansByPartition = (whole: TimeWindow): string => `
	SELECT toUnixTimestamp(${PARTITION}) * 1000 AS startMs, count() AS spans, 1 AS isPartition
	FROM spans WHERE ${inPartitions(whole)} GROUP BY startMs`;

const at = (ms: number): string => `fromUnixTimestamp64Milli(toInt64(${ms}), 'UTC')`;

/** Rows of others. */
export const outsideOf = ({ fromMs, toMs }: TimeWindow): string => `(time < ${at(fromMs)} OR time >= ${at(toMs)})`;

/**
 * What is selected of the spans in a scope that fulfil a condition. Of partitions that lie whole in the window their times aren't read,
 * which is half of what a short condition costs. `isSharded`: what a part is a constant of isn't known through several servers.
 */
export function spansInScope(selected: string, condition: string, scope: WindowScope, isSharded: boolean): string {
	const select = (place: string) => `SELECT ${selected} FROM spans WHERE ${place} AND ${condition}`;
	const whole = isSharded ? undefined : wholePartitions(scope.window);
	if (whole === undefined) return select(inScope(scope));
	return `${select(`${inPartitions(whole)} AND ${inEnvironment(scope)}`)}
	UNION ALL ${select(`${inScope(scope)} AND ${outsideOf(whole)}`)}`;
}

/** How many spans there are; of whole partitions from the ranges of parts. */
export const countInScope = (scope: WindowScope, isSharded: boolean): string =>
	`SELECT sum(n) AS spans FROM (${spansInScope('count() AS n', '1', scope, isSharded)})`;
