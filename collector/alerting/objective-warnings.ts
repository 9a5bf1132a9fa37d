/** What is wrong with alerts on burn rates: they can't fire, or one bad event sets them off. Pure. */
import type { DocumentOf } from '../../schema/desired-state.ts';
import type { Measured } from './evaluate/evaluate.ts';
import { burnWarnings, lowTrafficWarnings } from './objectives/burn-rates.ts';
import { objectiveOf } from './objectives/objective.ts';
import type { Objective } from './objectives/objective.ts';

/** A tick of an objective is a minute, and says how many events came in the hour before. */
const ticksOfHour = 60;

/** `perHour`: events of an hour; 0 where nobody knows. */
export function warningsAt({ burnRates, targetRatio, minBadEvents, slice }: Objective, perHour: number): string[] {
	return [
		...burnWarnings(burnRates, targetRatio),
		...(slice === undefined ? lowTrafficWarnings(burnRates, targetRatio, perHour, minBadEvents) : []),
	];
}

/** On the traffic that was measured; none of an alert that is no objective. */
export function burnRateWarnings(
	document: DocumentOf<'Alert'> | DocumentOf<'SLO'>,
	measured: readonly Measured[],
): string[] {
	const read = document.kind === 'SLO' ? objectiveOf(document) : undefined;
	return read?.kind === 'objective' ? warningsAt(read.objective, eventsPerHour(measured)) : [];
}

/** On average, once events have come for an hour; 0 where they have not. */
function eventsPerHour(measured: readonly Measured[]): number {
	const counted = measured.flatMap((one) => (one.kind === 'values' ? [...one.groups.values()] : []));
	const first = counted.findIndex(({ requests }) => requests > 0);
	const whole = first < 0 ? [] : counted.slice(first + ticksOfHour);
	return whole.reduce((sum, { requests }) => sum + requests, 0) / Math.max(1, whole.length);
}
