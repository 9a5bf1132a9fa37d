import type { Parameters } from '../engine/clickhouse.ts';
import type { ReadWindow } from '../derived/derived-conditions.ts';
import { derivedParameters, derivedRows, derivedRowsByHour, readWindow } from '../derived/derived-rows.ts';
import type { DerivedTable } from '../derived/derived-table.ts';
import type { DerivedMark } from '../derived/derived-mark.ts';
import type { WaitingInserts } from '../derived/insert-counts.ts';
import { RED_HOURS, RED_MINUTES, redRowsOfSpans } from '../derived/red-minutes.ts';
import { SERVICE_HOURS, SERVICE_MINUTES } from '../derived/service-minutes.ts';
import { IN_WINDOW } from '../read-scope.ts';
import type { WindowScope } from '../reader-types.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;

/** What is counted, where, and in steps of how long. */
export interface RedQuestion {
	scope: WindowScope;
	/** Names columns that `spans` and the rollup both have. */
	where: string;
	parameters: Parameters;
	stepMs: number;
	/** Operations, kinds and types are asked for neither by `where` nor in the answer: then far fewer rows say it. */
	ofServices?: boolean;
}

interface MarksOf {
	minutes: DerivedMark;
	hours: DerivedMark;
}

/** Up to where the rollups may be believed at this moment. */
export interface RedMarks extends MarksOf {
	services: MarksOf & {
		/** What of a project waits to be derived, at this moment. */
		waiting?: (project: string) => WaitingInserts;
	};
	/** Of service_versions. */
	versions: DerivedMark;
}

/** A subquery, and what it binds. */
export interface RedSource {
	/** Yields rows with the columns of the rollup and `step`, the number of the step since the epoch. */
	rows: string;
	parameters: Parameters;
}

const ROLLUPS: { [of in 'services' | 'operations']: { minutes: DerivedTable; hours: DerivedTable } } = {
	services: { minutes: SERVICE_MINUTES, hours: SERVICE_HOURS },
	operations: { minutes: RED_MINUTES, hours: RED_HOURS },
};

/** The tables that a question is answered from, up to where they may be believed, and by which of their rows. */
export const rollupOf = ({ scope, where, ofServices = false }: RedQuestion, marks: RedMarks) => ({
	tables: ROLLUPS[ofServices ? 'services' : 'operations'],
	marks: ofServices ? marks.services : marks,
	and: scope.environment === undefined ? where : `environment = {environment:String} AND (${where})`,
});

export function redSource(question: RedQuestion, allMarks: RedMarks): RedSource {
	const { scope, parameters, stepMs } = question;
	const { tables, marks, and } = rollupOf(question, allMarks);
	return {
		rows: rowsOf(tables, and, stepMs, readWindow(scope, marks.minutes, marks.hours)),
		parameters: { ...derivedParameters(scope, marks.minutes, marks.hours), ...parameters, stepMs },
	};
}

function rowsOf(
	{ minutes, hours }: (typeof ROLLUPS)['services'],
	and: string,
	stepMs: number,
	window: ReadWindow,
): string {
	if (stepMs % hourMs === 0) {
		return `SELECT *, toInt64(intDiv(toUnixTimestamp(hour) * 1000, {stepMs:Int64})) AS step
			FROM (${derivedRowsByHour(hours, minutes, and, window)})`;
	}
	if (stepMs % minuteMs === 0) {
		return `SELECT *, toInt64(intDiv(toUnixTimestamp(minute) * 1000, {stepMs:Int64})) AS step
			FROM (${derivedRows(minutes, and, window)})`;
	}
	const step = 'toInt64(intDiv(toUnixTimestamp64Milli(time), {stepMs:Int64})) AS step';
	return redRowsOfSpans(`${IN_WINDOW} AND (${and})`, step);
}
