import type { Parameters } from '../clickhouse.ts';
import type { WindowScope } from '../reader-types.ts';
import type { DerivedTable } from './derived-table.ts';
import type { DerivedMark } from './deriver.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;

const IN_ROWS = `project = {project:String} AND _day >= toDate(fromUnixTimestamp64Milli({wholeFromMs:Int64}, 'UTC'))
	AND _day <= toDate(fromUnixTimestamp64Milli({wholeToMs:Int64}, 'UTC'))
	AND minute >= fromUnixTimestamp64Milli({wholeFromMs:Int64}, 'UTC') AND minute < fromUnixTimestamp64Milli({wholeToMs:Int64}, 'UTC')
	AND (_writer != {writer:UUID} OR _commit <= {derivedTo:UInt64})`;

const inSpans = (from: string, to: string): string => `project = {project:String}
	AND time >= fromUnixTimestamp64Milli({${from}:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({${to}:Int64}, 'UTC')`;

/** One place for both ends: the order key leaves out what lies between. */
const OUTER_SPANS = `${inSpans('fromMs', 'toMs')}
	AND (time < fromUnixTimestamp64Milli({wholeFromMs:Int64}, 'UTC') OR time >= fromUnixTimestamp64Milli({wholeToMs:Int64}, 'UTC'))`;

const NOT_DERIVED = '_writer = {writer:UUID} AND _commit > {derivedTo:UInt64}';

/** Where rows of a window come from. What is empty is better left out: each place costs milliseconds before it is looked at. */
export interface Places {
	hours: boolean;
	/** Minutes that are in the table by minute only, by commit. */
	recentMinutes: boolean;
	/** Minutes before and after the whole hours. */
	outerMinutes: boolean;
	/** Spans: not derived yet, and of the minutes that the window cuts. */
	recentSpans: boolean;
	firstSpans: boolean;
	lastSpans: boolean;
}

const EVERYWHERE: Places = {
	hours: true,
	recentMinutes: true,
	outerMinutes: true,
	recentSpans: true,
	firstSpans: true,
	lastSpans: true,
};

type Place = [isThere: boolean, sql: string];

const union = (first: string, others: readonly Place[]): string =>
	[first, ...others.filter(([isThere]) => isThere).map(([, sql]) => sql)].join('\n\tUNION ALL ');

/**
 * Rows that add up to all spans of the window, each once, as of the moment of `mark`: whole minutes from the derived table,
 * which has a column `minute`; the minutes that the window cuts, and what is stored but not derived yet, from spans. `and`
 * confines both: it may name what is a column of both tables.
 */
export function derivedRows(table: DerivedTable, and = '1', places: Places = EVERYWHERE): string {
	const { name, columns, select, ofSpans = select } = table;
	return union(`SELECT ${columns} FROM ${name} WHERE ${IN_ROWS} AND (${and})`, [
		[places.recentSpans, ofSpans(`${inSpans('wholeFromMs', 'wholeToMs')} AND ${NOT_DERIVED} AND (${and})`)],
		...outerSpans(table, and, places),
	]);
}

/** What this collector derived of the minute in which the window ends. */
const IN_LAST_MINUTE = `project = {project:String} AND _day = toDate(fromUnixTimestamp64Milli({wholeToMs:Int64}, 'UTC'))
	AND minute = toDateTime(intDiv({wholeToMs:Int64}, 1000), 'UTC') AND {wholeToMs:Int64} % ${minuteMs} = 0
	AND _writer = {writer:UUID} AND _commit <= {derivedTo:UInt64}`;

/**
 * The minute that the end of the window cuts. A window mostly ends now, when nothing or little that was derived of this minute
 * lies behind its end: the rows up to the first range with such a span hold as they are, and only what came after them is
 * counted from spans. Counted from spans whole, under load this minute would cost more than all others of the window
 * together. What other collectors inserted is counted from spans either way.
 */
function lastMinute({ name, columns, select, ofSpans = select }: DerivedTable, and: string): string[] {
	const spans = inSpans('wholeToMs', 'toMs');
	const beyond = `SELECT if(count() = 0, {derivedTo:UInt64} + 1, min(_commit)) FROM ${name}
		WHERE ${IN_LAST_MINUTE} AND last_time >= fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')`;
	// 0 where there is none, and then all comes from spans.
	const upTo = `(SELECT max(_commit) FROM ${name} WHERE ${IN_LAST_MINUTE} AND _commit < (${beyond}))`;
	return [
		`SELECT ${columns} FROM ${name} WHERE ${IN_LAST_MINUTE} AND _commit <= ${upTo} AND (${and})`,
		ofSpans(`${spans} AND _writer = {writer:UUID} AND _commit > ${upTo} AND (${and})`),
		ofSpans(`${spans} AND _writer != {writer:UUID} AND (${and})`),
	];
}

/** Of the minutes that the window cuts. */
function outerSpans(table: DerivedTable, and: string, { firstSpans, lastSpans }: Places): Place[] {
	const { select, ofSpans = select, hasLastTime } = table;
	if (hasLastTime !== true) return [[firstSpans || lastSpans, ofSpans(`${OUTER_SPANS} AND (${and})`)]];
	return [
		[firstSpans, ofSpans(`${inSpans('fromMs', 'wholeFromMs')} AND (${and})`)],
		...lastMinute(table, and).map((sql): Place => [lastSpans, sql]),
	];
}

const ofDays = (from: string, to: string): string => `project = {project:String}
	AND _day >= toDate(fromUnixTimestamp64Milli({${from}:Int64}, 'UTC')) AND _day <= toDate(fromUnixTimestamp64Milli({${to}:Int64}, 'UTC'))`;

const between = (column: string, from: string, to: string): string =>
	`${column} >= fromUnixTimestamp64Milli({${from}:Int64}, 'UTC') AND ${column} < fromUnixTimestamp64Milli({${to}:Int64}, 'UTC')`;

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
	const { select, ofSpans = select } = minutes;
	const asHours = minutes.columns.replace(/\bminute\b/, 'minute AS hour');
	const inHours = `${ofDays('hourFromMs', 'hourToMs')} AND ${between('minute', 'hourFromMs', 'hourToMs')}`;
	const outerMinutes = `${ofDays('wholeFromMs', 'wholeToMs')} AND ${between('minute', 'wholeFromMs', 'wholeToMs')}
		AND NOT (${between('minute', 'hourFromMs', 'hourToMs')}) AND (_writer != {writer:UUID} OR _commit <= {derivedTo:UInt64})`;
	const ofMinutes = (where: string): string => `SELECT ${asHours} FROM ${minutes.name} WHERE ${where} AND (${and})`;
	const spans = (where: string): string => `SELECT ${asHours} FROM (${ofSpans(`${where} AND (${and})`)})`;
	const first = `SELECT ${hours.columns} FROM ${hours.name}
		WHERE ${ofDays('hourFromMs', 'hourToMs')} AND ${between('hour', 'hourFromMs', 'hourToMs')}
			AND _writer = {writer:UUID} AND _commit <= {hoursTo:UInt64} AND (${and})`;
	return union(first, [
		[
			places.recentMinutes,
			ofMinutes(
				`${inHours} AND _writer = {writer:UUID} AND _commit > {hoursTo:UInt64} AND _commit <= {derivedTo:UInt64}`,
			),
		],
		[places.hours, ofMinutes(`${inHours} AND _writer != {writer:UUID}`)],
		[places.outerMinutes, ofMinutes(outerMinutes)],
		[places.recentSpans, spans(`${inSpans('wholeFromMs', 'wholeToMs')} AND ${NOT_DERIVED}`)],
		...outerSpans(minutes, and, places).map(([isThere, sql]): Place => [isThere, `SELECT ${asHours} FROM (${sql})`]),
	]);
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
		hours: hasHours,
		recentMinutes: hasHours && hours.derivedTo < minutes.derivedTo,
		outerMinutes: wholeFromMs < hourFromMs || hourToMs < wholeToMs,
		recentSpans: minutes.isBehind && wholeFromMs < wholeToMs,
		firstSpans: fromMs < wholeFromMs,
		lastSpans: wholeToMs < toMs,
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
	{ writer, derivedTo }: Omit<DerivedMark, 'isBehind'>,
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
		...(environment === undefined ? {} : { environment }),
	};
}
