import type { Sort } from '../../schema/api.ts';
import type { CompiledQuery } from '../analysis/query-to-sql.ts';
import { IN_WINDOW, inScope } from './read-scope.ts';
import { FROM_SLICE } from './time-slices.ts';
import type { WindowScope } from './reader-types.ts';

/** How far outside a window the other spans of its traces are looked for. */
export const AROUND_MS = 3_600_000;

const AROUND_WINDOW = `project = {project:String}
	AND time >= fromUnixTimestamp64Milli({fromMs:Int64} - ${AROUND_MS}, 'UTC')
	AND time < fromUnixTimestamp64Milli({toMs:Int64} + ${AROUND_MS}, 'UTC')`;

/**
 * What a trace is sorted by: one number, which is the same whichever of its spans match. The end is that of its newest span
 * in the window, in milliseconds, because windows are cut there; start and duration are those of the whole trace.
 */
const keys: Record<Sort, { expression: string; from: string }> = {
	end: { expression: 'toUInt64(toUnixTimestamp64Milli(max(time)))', from: IN_WINDOW },
	// All traces that end in the slice have a span in it, so the others needn't be looked at.
	'-end': { expression: 'toUInt64(toUnixTimestamp64Milli(max(time)))', from: `${IN_WINDOW} AND ${FROM_SLICE}` },
	start: { expression: 'min(start_nano)', from: AROUND_WINDOW },
	'-start': { expression: 'min(start_nano)', from: AROUND_WINDOW },
	duration: { expression: 'max(start_nano + duration_nano) - min(start_nano)', from: AROUND_WINDOW },
	'-duration': { expression: 'max(start_nano + duration_nano) - min(start_nano)', from: AROUND_WINDOW },
};

/** A trace of a page. */
export interface TraceOfPage {
	id: string;
	sortKey: string;
	/** First and last end of its spans. */
	firstMs: number;
	lastMs: number;
}

/** Then a trace matches by being in the window. */
const matchesEverySpan = (scope: WindowScope, query: CompiledQuery): boolean =>
	query.where === '1' && scope.environment === undefined;

/** Whether a page can be read in slices: a condition would be evaluated over the whole window for each of them. */
export const tracesAreSliced = (scope: WindowScope, query: CompiledQuery, sort: Sort): boolean =>
	sort === '-end' && matchesEverySpan(scope, query);

/**
 * Which traces have a span that matches, in order, from a cursor on. Key and id together are unique and a trace has one of
 * each, so pages join without gaps or repetitions.
 */
export function tracePageSql(scope: WindowScope, query: CompiledQuery, sort: Sort, continued: boolean): string {
	const { expression, from } = keys[sort];
	const [direction, comparison] = sort.startsWith('-') ? ['DESC', '<'] : ['ASC', '>'];
	const matching =
		matchesEverySpan(scope, query) && from !== AROUND_WINDOW
			? '1'
			: `trace_id IN (SELECT trace_id FROM spans WHERE ${inScope(scope)} AND (${query.where}))`;
	const after = continued
		? `(sortNumber, trace_id) ${comparison} ({afterKey:UInt64}, toFixedString(unhex({afterTrace:String}), 16))`
		: '1';
	return `
	SELECT lower(hex(trace_id)) AS id, toString(sortNumber) AS sortKey,
		toUnixTimestamp64Milli(firstTime) AS firstMs, toUnixTimestamp64Milli(lastTime) AS lastMs
	FROM (
		SELECT trace_id, ${expression} AS sortNumber, min(time) AS firstTime, max(time) AS lastTime
		FROM spans WHERE ${from} AND ${matching} GROUP BY trace_id)
	WHERE ${after}
	ORDER BY sortNumber ${direction}, trace_id ${direction}
	LIMIT {limit:UInt32}`;
}
