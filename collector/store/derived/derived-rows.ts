import type { Parameters } from '../engine/clickhouse.ts';
import type { WindowScope } from '../reader-types.ts';
import { conditionsByHour, conditionsByMinute } from './derived-conditions.ts';
import type { Places, ReadWindow } from './derived-conditions.ts';
import type { DerivedTable } from './derived-table.ts';
import type { DerivedMark } from './derived-mark.ts';
import type { CommitSpan, WaitingInserts } from './insert-counts.ts';
import { boundsOf, writtenTimes } from './window-times.ts';

/** Rows of one project, as `derivedParameters` binds it and what conditions name. */
export const within = (where: string, and: string): string => `project = {project:String} AND (${where}) AND (${and})`;

const selectsOf = ({ name, columns }: DerivedTable, conditions: readonly string[], and: string): string[] =>
	conditions.map((where) => `SELECT ${columns} FROM ${name} WHERE ${within(where, and)}`);

function countsOf({ select, ofSpans = select }: DerivedTable, conditions: readonly string[], and: string): string[] {
	return conditions.map((where) => ofSpans(within(where, and)));
}

const union = (places: readonly string[]): string => places.join('\n\tUNION ALL ');

/**
 * Rows that add up to all spans of the window, each once, as of the moment of `mark`: whole minutes from the derived table,
 * which has a column `minute`; the minutes that the window cuts, and what is stored but not derived yet, from spans. `and`
 * confines both: it may name what is a column of both tables.
 */
export function derivedRows(table: DerivedTable, and: string, window: ReadWindow): string {
	const windows = [{ ...window, places: { ...window.places, minutes: true } }];
	const { minutes, spans } = conditionsByMinute(windows, table.hasLastTime === true);
	return union([...selectsOf(table, minutes, and), ...countsOf(table, spans, and)]);
}

/**
 * As `derivedRows`, with what lies in whole hours from a table by hour, which is made from the one by minute; `hour` takes the
 * place of `minute`. What this collector derived by minute and not by hour yet, and what others derived, comes from minutes.
 */
export function derivedRowsByHour(hours: DerivedTable, minutes: DerivedTable, and: string, window: ReadWindow): string {
	// The names of all columns are those of the first place.
	const windows = [{ ...window, places: { ...window.places, hours: true } }];
	const found = conditionsByHour(windows, minutes.hasLastTime === true);
	return union([
		...selectsOf(hours, found.hours, and),
		...selectsOf(minutes, found.minutes, and),
		...countsOf(minutes, found.spans, and),
	]);
}

/** Where there is anything for a window to be read from. */
function placesOf({ window }: WindowScope, minutes: DerivedMark, hours: DerivedMark): Places {
	const { fromMs, wholeFromMs, hourFromMs, hourToMs, wholeToMs, toMs } = boundsOf(window);
	const hasHours = hourFromMs < hourToMs;
	return {
		hours: hasHours,
		minutes: wholeFromMs < wholeToMs,
		othersInHours: hasHours && hourFromMs < minutes.othersRowsToMs,
		recentMinutes: hasHours && hours.derivedTo < minutes.derivedTo,
		outerMinutes: wholeFromMs < hourFromMs || hourToMs < wholeToMs,
		recentSpans: wholeFromMs < wholeToMs && minutes.waitingFromMs < wholeToMs,
		firstSpans: fromMs < wholeFromMs,
		lastSpans: wholeToMs < toMs,
		lastRanges: wholeToMs < toMs && minutes.lastBefore(toMs) > 0,
		lastOfOthers: wholeToMs < minutes.aloneFromMs,
		lastOwn: true,
	};
}

const commitsIn = ({ after, upTo }: CommitSpan): string =>
	upTo === Infinity ? `_commit > ${after}` : `_commit > ${after} AND _commit <= ${upTo}`;

/** A window with its bounds written out: with others it can stand in one statement. `hours`: where a table has some. */
export function readWindow(scope: WindowScope, minutes: DerivedMark, hours: DerivedMark = minutes): ReadWindow {
	const { derivedTo } = minutes;
	const lastWhole = minutes.lastBefore(scope.window.toMs);
	return {
		times: writtenTimes(boundsOf(scope.window), lastWhole),
		places: placesOf(scope, minutes, hours),
		commits: {
			recent: commitsIn({ after: derivedTo, upTo: Infinity }),
			last: commitsIn({ after: lastWhole, upTo: Infinity }),
		},
		inMemory: [],
	};
}

/**
 * The same for who adds to what the statement answers what of the window is in memory, for the same moment as the marks. Of the
 * minute that its end cuts that is known even before any range is.
 */
export function readBeside(
	scope: WindowScope,
	minutes: DerivedMark,
	hours: DerivedMark,
	{ whole, cut }: WaitingInserts,
): ReadWindow {
	const read = readWindow(scope, minutes, hours);
	const { wholeFromMs, wholeToMs, toMs } = boundsOf(scope.window);
	const last = cut(minutes.lastBefore(toMs), wholeToMs, toMs);
	const ofLast = wholeToMs < toMs ? last.inMemory.filter(({ minuteMs }) => minuteMs === wholeToMs) : [];
	const inMinutes = whole.inMemory.filter(({ minuteMs }) => minuteMs >= wholeFromMs && minuteMs < wholeToMs);
	const { places, commits } = read;
	return {
		...read,
		places: {
			...places,
			recentSpans: places.recentSpans && whole.inSpans !== undefined,
			lastRanges: places.lastRanges || ofLast.length > 0,
			lastOwn: last.inSpans !== undefined,
		},
		commits: {
			recent: whole.inSpans === undefined ? commits.recent : commitsIn(whole.inSpans),
			last: last.inSpans === undefined ? commits.last : commitsIn(last.inSpans),
		},
		inMemory: [...inMinutes, ...ofLast],
	};
}

/** What the rows of a window bind, whichever it is, and its ends. `hours`: where a table has some. */
export const derivedParameters = (
	{ project, window, environment }: WindowScope,
	{ writer, derivedTo }: Pick<DerivedMark, 'writer' | 'derivedTo'>,
	hours: Pick<DerivedMark, 'derivedTo'> = { derivedTo },
): Parameters => ({
	project,
	...window,
	writer,
	derivedTo,
	hoursTo: hours.derivedTo,
	...(environment === undefined ? {} : { environment }),
});
