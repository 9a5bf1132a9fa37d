import type { InsertRow } from './insert-rows.ts';
import type { Bound, Times } from './window-times.ts';

const OWN = '_writer = {writer:UUID}';
const OTHERS = '_writer != {writer:UUID}';
const DERIVED = `(${OTHERS} OR _commit <= {derivedTo:UInt64})`;

const ofDays = ({ day }: Times, from: Bound, to: Bound): string => `_day >= ${day(from)} AND _day <= ${day(to)}`;

const hoursBetween = ({ second }: Times, from: Bound, to: Bound): string =>
	`hour >= ${second(from)} AND hour < ${second(to)}`;

/**
 * Its hour is named as well, because an order key that has both is looked at for what is named alone: without it, tables that lie
 * by hour are read for whole days.
 */
const minutesBetween = ({ second, hour }: Times, from: Bound, to: Bound): string =>
	`minute >= ${second(from)} AND minute < ${second(to)} AND toStartOfHour(minute) >= ${hour(from)} AND toStartOfHour(minute) < ${second(to)}`;

const timesBetween = ({ time }: Times, from: Bound, to: Bound): string =>
	`time >= ${time(from)} AND time < ${time(to)}`;

/** Where rows of a window come from. What is empty is better left out: each place costs milliseconds before it is looked at. */
export interface Places {
	/** Whole hours. */
	hours: boolean;
	/** Minutes of whole hours that other collectors derived. */
	othersInHours: boolean;
	/** Minutes that are in the table by minute only, by commit. */
	recentMinutes: boolean;
	/** Minutes before and after the whole hours. */
	outerMinutes: boolean;
	/** Whole minutes. */
	minutes: boolean;
	/** Spans: not derived yet, and of the minutes that the window cuts. */
	recentSpans: boolean;
	firstSpans: boolean;
	lastSpans: boolean;
	/** Of the minute that the end of the window cuts: ranges that hold as they are, and spans of other collectors. */
	lastRanges: boolean;
	lastOfOthers: boolean;
	/** Of this minute what this collector inserted after those ranges. */
	lastOwn: boolean;
}

/** A window that a statement reads. */
export interface ReadWindow {
	times: Times;
	places: Places;
	/** Which of its own inserts are counted from spans: of whole minutes, and of the minute that the end cuts. */
	commits: { recent: string; last: string };
	/** What of them is in memory. */
	inMemory: readonly InsertRow[];
}

/** By which rows of each table are those of some windows. Each is a place of its own; in those of a table no row is twice. */
export interface Conditions {
	hours: string[];
	minutes: string[];
	spans: string[];
}

/** One condition of those that are there, none of none. */
const anyOf = (parts: readonly string[]): string[] =>
	parts.length === 0 ? [] : [parts.map((part) => (parts.length === 1 ? part : `(${part})`)).join(' OR ')];

/** A place for what of these windows has rows there. */
const place = (
	windows: readonly ReadWindow[],
	isThere: (places: Places) => boolean,
	where: (times: Times) => readonly string[],
): string[] => anyOf(windows.flatMap(({ places, times }) => (isThere(places) ? where(times) : [])));

/** What this collector derived of the minute that the end of the window cuts, of which ranges hold as they are. */
const lastMinute = (times: Times): string =>
	`_day = ${times.day('wholeToMs')} AND minute = ${times.second('wholeToMs')}
	AND toStartOfHour(minute) = ${times.hour('wholeToMs')} AND ${OWN} AND _commit <= {derivedTo:UInt64} AND _commit <= ${times.lastWhole}`;

const lastMinutes = (windows: readonly ReadWindow[], hasLastTime: boolean): string[] =>
	place(
		windows,
		({ lastRanges }) => lastRanges && hasLastTime,
		(times) => [lastMinute(times)],
	);

/**
 * What is counted from spans: the minutes that a window cuts, and what is not derived yet. A place for each part, unlike in
 * the tables of rows: these parts are found by the indices on `_commit` and `_writer`, which conditions joined by `OR` can't be
 * trusted to use (docs/adr/0050-few-places-to-plan.md).
 *
 * The minute that the end of the window cuts: a window mostly ends now, when nothing or little that was derived of this minute
 * lies behind its end. The rows up to the first range with such a span hold as they are, and only what came after them is
 * counted from spans. Counted from spans whole, under load this minute would cost more than all others of the window
 * together. What other collectors inserted is counted from spans either way.
 */
function conditionsOfSpans(windows: readonly ReadWindow[], hasLastTime: boolean): string[] {
	const cutsRanges = ({ lastSpans, lastRanges }: Places): boolean => hasLastTime && lastSpans && lastRanges;
	// Mostly these are the same commits of two stretches of time that touch.
	const isOne = ({ places, commits }: ReadWindow): boolean =>
		places.recentSpans && cutsRanges(places) && places.lastOwn && commits.recent === commits.last;
	const recent = windows.flatMap((window) =>
		window.places.recentSpans ? [timesBetween(window.times, 'wholeFromMs', isOne(window) ? 'toMs' : 'wholeToMs')] : [],
	);
	const ends = windows.flatMap(({ places, times }) => [
		...(places.firstSpans ? [timesBetween(times, 'fromMs', 'wholeFromMs')] : []),
		...(places.lastSpans && !cutsRanges(places) ? [timesBetween(times, 'wholeToMs', 'toMs')] : []),
	]);
	const last = windows.flatMap((window) => {
		const { places, times, commits } = window;
		if (!cutsRanges(places)) return [];
		const ended = timesBetween(times, 'wholeToMs', 'toMs');
		return [
			...(places.lastOwn && !isOne(window) ? [`${ended} AND ${OWN} AND ${commits.last}`] : []),
			...(places.lastOfOthers ? [`${ended} AND ${OTHERS}`] : []),
		];
	});
	// They are the same for all windows of a statement.
	const [{ commits } = { commits: { recent: '1' } }] = windows;
	return [...anyOf(recent).map((where) => `(${where}) AND ${OWN} AND ${commits.recent}`), ...anyOf(ends), ...last];
}

/** Rows that add up to all spans of the windows, each once, as of the moment of their marks; `hours` is empty. */
export function conditionsByMinute(windows: readonly ReadWindow[], hasLastTime: boolean): Conditions {
	const whole = place(
		windows,
		({ minutes }) => minutes,
		(times) => [
			`${ofDays(times, 'wholeFromMs', 'wholeToMs')} AND ${minutesBetween(times, 'wholeFromMs', 'wholeToMs')}`,
		],
	).map((where) => `(${where}) AND ${DERIVED}`);
	return {
		hours: [],
		minutes: anyOf([...whole, ...lastMinutes(windows, hasLastTime)]),
		spans: conditionsOfSpans(windows, hasLastTime),
	};
}

/** As `conditionsByMinute`, with what lies in whole hours by hour. */
export function conditionsByHour(windows: readonly ReadWindow[], hasLastTime: boolean): Conditions {
	const ofHours = place(
		windows,
		({ hours }) => hours,
		(times) => [`${ofDays(times, 'hourFromMs', 'hourToMs')} AND ${hoursBetween(times, 'hourFromMs', 'hourToMs')}`],
	);
	/** Minutes of a window before and after its whole hours, by days of their own: those between aren't opened. */
	const outer = place(
		windows,
		({ outerMinutes }) => outerMinutes,
		(times) =>
			([['wholeFromMs', 'hourFromMs'], ['hourToMs', 'wholeToMs']] as const).map(
				([from, to]) => `${ofDays(times, from, to)} AND ${minutesBetween(times, from, to)}`,
			),
	).map((where) => `(${where}) AND ${DERIVED}`); // prettier-ignore
	const inHours = (times: Times): string[] => [
		`${ofDays(times, 'hourFromMs', 'hourToMs')} AND ${minutesBetween(times, 'hourFromMs', 'hourToMs')}`,
	];
	// Places of their own, because joined by `OR` with minutes around the hours they would read those of the whole window: the
	// indices on `_writer` and `_commit` find how few these are.
	const recent = place(windows, ({ recentMinutes }) => recentMinutes, inHours).map(
		(where) => `(${where}) AND ${OWN} AND _commit > {hoursTo:UInt64} AND _commit <= {derivedTo:UInt64}`,
	);
	const others = place(windows, ({ othersInHours }) => othersInHours, inHours).map(
		(where) => `(${where}) AND ${OTHERS}`,
	);
	return {
		hours: ofHours.map((where) => `(${where}) AND ${OWN} AND _commit <= {hoursTo:UInt64}`),
		minutes: [...anyOf([...outer, ...lastMinutes(windows, hasLastTime)]), ...recent, ...others],
		spans: conditionsOfSpans(windows, hasLastTime),
	};
}
