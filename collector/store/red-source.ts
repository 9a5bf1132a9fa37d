import type { Parameters } from './clickhouse.ts';
import { derivedRows, derivedRowsByHour, hourlyParameters } from './derived/derived-rows.ts';
import type { DerivedMark } from './derived/deriver.ts';
import { RED_HOURS, RED_MINUTES, redRowsOfSpans } from './derived/red-minutes.ts';
import { IN_WINDOW } from './read-scope.ts';
import type { WindowScope } from './reader-types.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;

/** What is counted, where, and in steps of how long. */
export interface RedQuestion {
	scope: WindowScope;
	/** Names columns that `spans` and the rollup both have. */
	where: string;
	parameters: Parameters;
	stepMs: number;
}

/** Up to where the rollups may be believed at this moment. */
export interface RedMarks {
	minutes: DerivedMark;
	hours: DerivedMark;
	/** Of service_versions. */
	versions: DerivedMark;
}

/** Rows with the columns of the rollup and `step`, the number of the step since the epoch. */
export function redRows({ scope, where, stepMs }: RedQuestion): string {
	const and = scope.environment === undefined ? where : `environment = {environment:String} AND (${where})`;
	if (stepMs % hourMs === 0) {
		return `SELECT *, toInt64(intDiv(toUnixTimestamp(hour) * 1000, {stepMs:Int64})) AS step
			FROM (${derivedRowsByHour(RED_HOURS, RED_MINUTES, and)})`;
	}
	if (stepMs % minuteMs === 0) {
		return `SELECT *, toInt64(intDiv(toUnixTimestamp(minute) * 1000, {stepMs:Int64})) AS step
			FROM (${derivedRows(RED_MINUTES, and)})`;
	}
	const step = 'toInt64(intDiv(toUnixTimestamp64Milli(time), {stepMs:Int64})) AS step';
	return redRowsOfSpans(`${IN_WINDOW} AND (${and})`, step);
}

/** What `redRows` binds. */
export const redParameters = ({ scope, parameters, stepMs }: RedQuestion, marks: RedMarks): Parameters => ({
	...hourlyParameters(scope, marks.minutes, marks.hours),
	...parameters,
	stepMs,
});
