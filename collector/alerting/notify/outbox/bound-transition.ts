import { oneLine } from '../channel/plain-text.ts';
import type { Transition } from '../../transition.ts';

const mostEntries = 30;
const longestName = 255;
const longestValue = 1_024;

/**
 * As much of it as is ever shown: names and values come from telemetry, and whoever sends that could fill the disk. What tells
 * one alert from another stays whole.
 */
export function boundTransition(transition: Transition): Transition {
	const { evidence } = transition;
	return {
		...transition,
		labels: boundEntries(transition.labels),
		annotations: boundEntries(transition.annotations),
		query: transition.query.slice(0, 4_096),
		services: transition.services.slice(0, mostEntries).map((service) => oneLine(service, longestName)),
		title: oneLine(transition.title, longestValue),
		evidence: evidence === null ? null : boundEvidence(evidence),
	};
}

const boundEntries = (entries: Readonly<Record<string, string>>): Record<string, string> =>
	Object.fromEntries(
		Object.entries(entries)
			.slice(0, mostEntries)
			.map(([name, value]) => [name.slice(0, longestName), value.slice(0, longestValue)]),
	);

function boundEvidence(evidence: NonNullable<Transition['evidence']>): NonNullable<Transition['evidence']> {
	const { difference, change, violating } = evidence;
	return {
		...evidence,
		difference: difference && {
			...difference,
			key: oneLine(difference.key, longestName),
			value: oneLine(difference.value, longestValue),
		},
		change: change && {
			...change,
			title: oneLine(change.title, longestValue),
			service: oneLine(change.service, longestName),
		},
		violating: violating && { ...violating, operation: oneLine(violating.operation, longestName) },
	};
}
