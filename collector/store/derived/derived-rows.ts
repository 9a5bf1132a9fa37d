import type { Parameters } from '../clickhouse.ts';
import type { WindowScope } from '../reader-types.ts';
import type { DerivedTable } from './derived-table.ts';
import type { DerivedMark } from './deriver.ts';

const minuteMs = 60_000;

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
