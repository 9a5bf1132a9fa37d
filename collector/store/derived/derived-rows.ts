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

const NOT_DERIVED = '_writer = {writer:UUID} AND _commit > {derivedTo:UInt64}';

/**
 * Rows that add up to all spans of the window, each once, as of the moment of `mark`: whole minutes from the derived table,
 * which has a column `minute`; the minutes that the window cuts, and what is stored but not derived yet, from spans. `and`
 * confines both: it may name what is a column of both tables.
 */
export function derivedRows({ name, columns, select }: DerivedTable, and = '1'): string {
	return `
	SELECT ${columns} FROM ${name} WHERE ${IN_ROWS} AND (${and})
	UNION ALL ${select(`${inSpans('wholeFromMs', 'wholeToMs')} AND ${NOT_DERIVED} AND (${and})`)}
	UNION ALL ${select(`${inSpans('fromMs', 'wholeFromMs')} AND (${and})`)}
	UNION ALL ${select(`${inSpans('wholeToMs', 'toMs')} AND (${and})`)}`;
}

const ofDays = (from: string, to: string): string => `project = {project:String}
	AND _day >= toDate(fromUnixTimestamp64Milli({${from}:Int64}, 'UTC')) AND _day <= toDate(fromUnixTimestamp64Milli({${to}:Int64}, 'UTC'))`;

const between = (column: string, from: string, to: string): string =>
	`${column} >= fromUnixTimestamp64Milli({${from}:Int64}, 'UTC') AND ${column} < fromUnixTimestamp64Milli({${to}:Int64}, 'UTC')`;

/**
 * As `derivedRows`, with what lies in whole hours from a table by hour, which is made from the one by minute; `hour` takes the
 * place of `minute`. What this collector derived by minute and not by hour yet, and what others derived, comes from minutes.
 */
export function derivedRowsByHour(hours: DerivedTable, minutes: DerivedTable, and = '1'): string {
	const hourly = hours.columns;
	const asHours = minutes.columns.replace(/\bminute\b/, 'minute AS hour');
	const inHours = `${ofDays('hourFromMs', 'hourToMs')} AND ${between('minute', 'hourFromMs', 'hourToMs')}`;
	const inMinutes = (from: string, to: string): string =>
		`${ofDays(from, to)} AND ${between('minute', from, to)} AND (_writer != {writer:UUID} OR _commit <= {derivedTo:UInt64})`;
	const ofSpans = (where: string): string => `SELECT ${asHours} FROM (${minutes.select(`${where} AND (${and})`)})`;
	return [
		`SELECT ${hourly} FROM ${hours.name} WHERE ${ofDays('hourFromMs', 'hourToMs')} AND ${between('hour', 'hourFromMs', 'hourToMs')}
			AND _writer = {writer:UUID} AND _commit <= {hoursTo:UInt64} AND (${and})`,
		`SELECT ${asHours} FROM ${minutes.name} WHERE ${inHours}
			AND _writer = {writer:UUID} AND _commit > {hoursTo:UInt64} AND _commit <= {derivedTo:UInt64} AND (${and})`,
		`SELECT ${asHours} FROM ${minutes.name} WHERE ${inHours} AND _writer != {writer:UUID} AND (${and})`,
		`SELECT ${asHours} FROM ${minutes.name} WHERE ${inMinutes('wholeFromMs', 'hourFromMs')} AND (${and})`,
		`SELECT ${asHours} FROM ${minutes.name} WHERE ${inMinutes('hourToMs', 'wholeToMs')} AND (${and})`,
		ofSpans(`${inSpans('wholeFromMs', 'wholeToMs')} AND ${NOT_DERIVED}`),
		ofSpans(inSpans('fromMs', 'wholeFromMs')),
		ofSpans(inSpans('wholeToMs', 'toMs')),
	].join('\n\tUNION ALL ');
}

/** What `derivedRowsByHour` binds. */
export function hourlyParameters(scope: WindowScope, minutes: DerivedMark, hours: DerivedMark): Parameters {
	const { wholeFromMs, wholeToMs, ...rest } = derivedParameters(scope, minutes) as Parameters & Whole;
	const hourFromMs = Math.min(Math.ceil(wholeFromMs / hourMs) * hourMs, wholeToMs);
	const hourToMs = Math.max(Math.floor(wholeToMs / hourMs) * hourMs, hourFromMs);
	return { ...rest, wholeFromMs, wholeToMs, hourFromMs, hourToMs, hoursTo: hours.derivedTo };
}

interface Whole {
	wholeFromMs: number;
	wholeToMs: number;
}

/** What `derivedRows` binds. */
export function derivedParameters({ project, window, environment }: WindowScope, mark: DerivedMark): Parameters {
	const { fromMs, toMs } = window;
	// Within one minute there is no whole one: then all of it comes from spans.
	const wholeFromMs = Math.min(Math.ceil(fromMs / minuteMs) * minuteMs, toMs);
	const wholeToMs = Math.max(Math.floor(toMs / minuteMs) * minuteMs, wholeFromMs);
	return {
		project,
		fromMs,
		toMs,
		wholeFromMs,
		wholeToMs,
		...mark,
		...(environment === undefined ? {} : { environment }),
	};
}
