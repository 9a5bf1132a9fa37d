import type { Parameters } from './clickhouse.ts';
import { derivedParameters, derivedRows } from './derived/derived-rows.ts';
import type { DerivedMark } from './derived/deriver.ts';
import { RED_MINUTES, redRowsOfSpans } from './derived/red-minutes.ts';
import { IN_WINDOW } from './read-scope.ts';
import type { WindowScope } from './reader-types.ts';

const minuteMs = 60_000;

/** What is counted, where, and in steps of how long. */
export interface RedQuestion {
	scope: WindowScope;
	/** Names columns that `spans` and the rollup both have. */
	where: string;
	parameters: Parameters;
	stepMs: number;
}

/** Rows with the columns of the rollup and `step`, the number of the step since the epoch. Whole minutes suffice for most. */
export function redRows({ scope, where, stepMs }: RedQuestion): string {
	const and = scope.environment === undefined ? where : `environment = {environment:String} AND (${where})`;
	if (stepMs % minuteMs === 0) {
		return `SELECT *, toInt64(intDiv(toUnixTimestamp(minute) * 1000, {stepMs:Int64})) AS step
			FROM (${derivedRows(RED_MINUTES, and)})`;
	}
	return redRowsOfSpans(
		`${IN_WINDOW} AND (${and})`,
		'toInt64(intDiv(toUnixTimestamp64Milli(time), {stepMs:Int64})) AS step',
	);
}

/** What `redRows` binds. */
export const redParameters = ({ scope, parameters, stepMs }: RedQuestion, mark: DerivedMark): Parameters => ({
	...derivedParameters(scope, mark),
	...parameters,
	stepMs,
});
