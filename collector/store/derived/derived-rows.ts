import type { Parameters } from '../clickhouse.ts';
import type { WindowScope } from '../reader-types.ts';
import type { DerivedTable } from './derived-table.ts';
import type { DerivedMark } from './deriver.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;

const ofDays = (from: string, to: string): string => `project = {project:String}
	AND _day >= toDate(fromUnixTimestamp64Milli({${from}:Int64}, 'UTC')) AND _day <= toDate(fromUnixTimestamp64Milli({${to}:Int64}, 'UTC'))`;

const between = (column: string, from: string, to: string): string =>
	`${column} >= fromUnixTimestamp64Milli({${from}:Int64}, 'UTC') AND ${column} < fromUnixTimestamp64Milli({${to}:Int64}, 'UTC')`;

/**
 * Of `minute`. Its hour is named as well, because an order key that has both is looked at for what is named alone: without it,
 * tables that lie by hour are read for whole days.
 */
const minutesBetween = (from: string, to: string): string => `${between('minute', from, to)}
	AND toStartOfHour(minute) > fromUnixTimestamp64Milli({${from}:Int64} - ${hourMs}, 'UTC')
	AND toStartOfHour(minute) < fromUnixTimestamp64Milli({${to}:Int64}, 'UTC')`;

const WHOLE_MINUTES = minutesBetween('wholeFromMs', 'wholeToMs');
const WHOLE_HOURS = minutesBetween('hourFromMs', 'hourToMs');
/** Minutes of the window before and after its whole hours, by days of their own: those between aren't opened. */
const OUTER_MINUTES = [
	['wholeFromMs', 'hourFromMs'],
	['hourToMs', 'wholeToMs'],
]
	.map(([from = '', to = '']) => `(${ofDays(from, to)} AND ${minutesBetween(from, to)})`)
	.join(' OR ');
const OWN = '_writer = {writer:UUID}';
const OTHERS = '_writer != {writer:UUID}';
const DERIVED = `(${OTHERS} OR _commit <= {derivedTo:UInt64})`;

/** Where rows of a window come from. What is empty is better left out: each place costs milliseconds before it is looked at. */
export interface Places {
	/** Minutes of whole hours that other collectors derived. */
	othersInHours: boolean;
	/** Minutes that are in the table by minute only, by commit. */
	recentMinutes: boolean;
	/** Minutes before and after the whole hours. */
	outerMinutes: boolean;
	/** Spans: not derived yet, and of the minutes that the window cuts. */
	recentSpans: boolean;
	firstSpans: boolean;
	lastSpans: boolean;
	/** Of the minute that the end of the window cuts: ranges that hold as they are, and spans of other collectors. */
	lastRanges: boolean;
	lastOfOthers: boolean;
}

const EVERYWHERE: Places = {
	othersInHours: true,
	recentMinutes: true,
	outerMinutes: true,
	recentSpans: true,
	firstSpans: true,
	lastSpans: true,
	lastRanges: true,
	lastOfOthers: true,
};

type Part = [isThere: boolean, where: string];

const anyOf = (parts: readonly Part[]): string[] => {
	const there = parts.filter(([isThere]) => isThere).map(([, where]) => `(${where})`);
	return there.length === 0 ? [] : [there.join(' OR ')];
};

const union = (places: readonly string[]): string => places.join('\n\tUNION ALL ');

/** What this collector derived of the minute in which the window ends. */
const IN_LAST_MINUTE = `project = {project:String} AND _day = toDate(fromUnixTimestamp64Milli({wholeToMs:Int64}, 'UTC'))
	AND minute = toDateTime(intDiv({wholeToMs:Int64}, 1000), 'UTC') AND {wholeToMs:Int64} % ${minuteMs} = 0
	AND toStartOfHour(minute) = toStartOfHour(toDateTime(intDiv({wholeToMs:Int64}, 1000), 'UTC'))
	AND ${OWN} AND _commit <= {derivedTo:UInt64}`;

/**
 * The minute that the end of the window cuts. A window mostly ends now, when nothing or little that was derived of this minute
 * lies behind its end: the rows up to the first range with such a span hold as they are, and only what came after them is
 * counted from spans. Counted from spans whole, under load this minute would cost more than all others of the window
 * together. What other collectors inserted is counted from spans either way.
 */
const rowsOfLastMinute = ({ hasLastTime }: DerivedTable, { lastRanges }: Places): Part => [
	lastRanges && hasLastTime === true,
	`${IN_LAST_MINUTE} AND _commit <= {lastWhole:UInt64}`,
];

/**
 * What is counted from spans: the minutes that the window cuts, and what is not derived yet. A place for each part, unlike in
 * the tables of rows: these parts are found by the indices on `_commit` and `_writer`, which conditions joined by `OR` can't be
 * trusted to use (docs/adr/0050-few-places-to-plan.md).
 */
function spansOf(table: DerivedTable, and: string, places: Places): string[] {
	const { firstSpans, recentSpans, lastSpans, lastRanges, lastOfOthers } = places;
	const { select, ofSpans = select, hasLastTime } = table;
	const count = (where: string): string => ofSpans(`project = {project:String} AND ${where} AND (${and})`);
	const whole = between('time', 'wholeFromMs', 'wholeToMs');
	const recent = recentSpans ? [count(`${whole} AND ${OWN} AND _commit > {derivedTo:UInt64}`)] : [];
	if (hasLastTime !== true || !lastRanges) {
		// One place for both ends: the order key leaves out what lies between.
		const outer = `${between('time', 'fromMs', 'toMs')} AND (${between('time', 'fromMs', 'wholeFromMs')} OR ${between('time', 'wholeToMs', 'toMs')})`;
		return firstSpans || lastSpans ? [...recent, count(outer)] : recent;
	}
	const last = between('time', 'wholeToMs', 'toMs');
	return [
		...recent,
		...(firstSpans ? [count(between('time', 'fromMs', 'wholeFromMs'))] : []),
		...(lastSpans ? [count(`${last} AND ${OWN} AND _commit > {lastWhole:UInt64}`)] : []),
		...(lastSpans && lastOfOthers ? [count(`${last} AND ${OTHERS}`)] : []),
	];
}

/**
 * Rows that add up to all spans of the window, each once, as of the moment of `mark`: whole minutes from the derived table,
 * which has a column `minute`; the minutes that the window cuts, and what is stored but not derived yet, from spans. `and`
 * confines both: it may name what is a column of both tables.
 */
export function derivedRows(table: DerivedTable, and = '1', places: Places = EVERYWHERE): string {
	const { name, columns } = table;
	const parts = anyOf([[true, `${WHOLE_MINUTES} AND ${DERIVED}`], rowsOfLastMinute(table, places)]);
	return union([
		...parts.map(
			(where) =>
				`SELECT ${columns} FROM ${name} WHERE ${ofDays('wholeFromMs', 'wholeToMs')} AND (${where}) AND (${and})`,
		),
		...spansOf(table, and, places),
	]);
}

/**
 * As `derivedRows`, with what lies in whole hours from a table by hour, which is made from the one by minute; `hour` takes the
 * place of `minute`. What this collector derived by minute and not by hour yet, and what others derived, comes from minutes.
 */
export function derivedRowsByHour(
	hours: DerivedTable,
	minutes: DerivedTable,
	and = '1',
	places: Places = EVERYWHERE,
): string {
	const ofHours = `SELECT ${hours.columns} FROM ${hours.name}
		WHERE ${ofDays('hourFromMs', 'hourToMs')} AND ${between('hour', 'hourFromMs', 'hourToMs')}
			AND ${OWN} AND _commit <= {hoursTo:UInt64} AND (${and})`;
	const minutesOf = (from: string, to: string, where: string): string =>
		`SELECT ${minutes.columns} FROM ${minutes.name} WHERE ${ofDays(from, to)} AND (${where}) AND (${and})`;
	const outer = anyOf([
		[places.outerMinutes, `(${OUTER_MINUTES}) AND ${DERIVED}`],
		rowsOfLastMinute(minutes, places),
	]).map((where) => minutesOf('wholeFromMs', 'wholeToMs', where));
	// Places of their own, because joined by `OR` with minutes around the hours they would read those of the whole window: the
	// indices on `_writer` and `_commit` find how few these are.
	const recent = `${WHOLE_HOURS} AND ${OWN} AND _commit > {hoursTo:UInt64} AND _commit <= {derivedTo:UInt64}`;
	const others = `${WHOLE_HOURS} AND ${OTHERS}`;
	const inHours = [...(places.recentMinutes ? [recent] : []), ...(places.othersInHours ? [others] : [])];
	const ofMinutes = [...outer, ...inHours.map((where) => minutesOf('hourFromMs', 'hourToMs', where))];
	// The names of all columns are those of the first place.
	return union([ofHours, ...ofMinutes, ...spansOf(minutes, and, places)]);
}

interface Bounds {
	fromMs: number;
	wholeFromMs: number;
	hourFromMs: number;
	hourToMs: number;
	wholeToMs: number;
	toMs: number;
}

function boundsOf({ fromMs, toMs }: WindowScope['window']): Bounds {
	// Within one minute there is no whole one: then all of it comes from spans.
	const wholeFromMs = Math.min(Math.ceil(fromMs / minuteMs) * minuteMs, toMs);
	const wholeToMs = Math.max(Math.floor(toMs / minuteMs) * minuteMs, wholeFromMs);
	const hourFromMs = Math.min(Math.ceil(wholeFromMs / hourMs) * hourMs, wholeToMs);
	const hourToMs = Math.max(Math.floor(wholeToMs / hourMs) * hourMs, hourFromMs);
	return { fromMs, wholeFromMs, hourFromMs, hourToMs, wholeToMs, toMs };
}

/** Where there is anything for a window to be read from. */
export function placesOf({ window }: WindowScope, minutes: DerivedMark, hours: DerivedMark): Places {
	const { fromMs, wholeFromMs, hourFromMs, hourToMs, wholeToMs, toMs } = boundsOf(window);
	const hasHours = hourFromMs < hourToMs;
	return {
		othersInHours: hasHours && hourFromMs < minutes.othersRowsToMs,
		recentMinutes: hasHours && hours.derivedTo < minutes.derivedTo,
		outerMinutes: wholeFromMs < hourFromMs || hourToMs < wholeToMs,
		recentSpans: wholeFromMs < wholeToMs && minutes.waitingFromMs < wholeToMs,
		firstSpans: fromMs < wholeFromMs,
		lastSpans: wholeToMs < toMs,
		lastRanges: wholeToMs < toMs && minutes.lastBefore(toMs) > 0,
		lastOfOthers: wholeToMs < minutes.aloneFromMs,
	};
}

/** What `derivedRowsByHour` binds. */
export function hourlyParameters(scope: WindowScope, minutes: DerivedMark, hours: DerivedMark): Parameters {
	const { hourFromMs, hourToMs } = boundsOf(scope.window);
	return { ...derivedParameters(scope, minutes), hourFromMs, hourToMs, hoursTo: hours.derivedTo };
}

/** What `derivedRows` binds. */
export function derivedParameters(
	{ project, window, environment }: WindowScope,
	{ writer, derivedTo, lastBefore }: Pick<DerivedMark, 'writer' | 'derivedTo' | 'lastBefore'>,
): Parameters {
	const { fromMs, wholeFromMs, wholeToMs, toMs } = boundsOf(window);
	return {
		project,
		fromMs,
		toMs,
		wholeFromMs,
		wholeToMs,
		writer,
		derivedTo,
		lastWhole: lastBefore(toMs),
		...(environment === undefined ? {} : { environment }),
	};
}
