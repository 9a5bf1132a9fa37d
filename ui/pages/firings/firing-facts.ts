import type { AlertAnswer, Firing, FiringDetail } from '../../../schema/api-alerts.ts';
import type { ObjectiveDetail } from '../../../schema/api-objectives.ts';
import { groupKey } from '../alerts/alert-words.ts';
import { termOf } from '../../lib/query-text.ts';

const HOUR_MS = 3_600_000;

/** The time around a firing that its links show: from an hour before it began until it ended, or until now. */
export function windowOf({ startedMs, endedMs }: Pick<Firing, 'startedMs' | 'endedMs'>, nowMs: number) {
	return { fromMs: startedMs - HOUR_MS, toMs: Math.max(startedMs + 60_000, endedMs ?? nowMs) };
}

/** Parameters of a link that shows exactly a window, whatever time range the screen has. */
export const linkWindow = ({ fromMs, toMs }: { fromMs: number; toMs: number }) => ({
	t: undefined,
	live: undefined,
	from: Math.round(fromMs),
	to: Math.round(toMs),
});

/** Spans of the firing that have a value of an attribute. */
export const narrowed = (query: string, key: string, value: string): string =>
	`${query} ${value === '' ? `-has:${quotedKey(key)}` : `${quotedKey(key)}:${valueOf(value)}`}`.trim();

const quotedKey = (key: string): string =>
	/^[A-Za-z_][\w.-]*$/.test(key) ? key : `"${key.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
const valueOf = (value: string): string => termOf('name', value).slice('name:'.length);

/** What fired, as it is now. */
export interface StateNow {
	state: string;
	value: number | null;
	sinceMs?: number;
}

/** How fast an objective that fired burns now, over the slower of the two windows of that alert; undefined when it has no such any more. */
export function burnNow(
	objective: ObjectiveDetail | undefined,
	firing: Pick<Firing, 'severity' | 'threshold'>,
): StateNow | undefined {
	const found = objective?.alerts.find(
		({ severity, rate }) => severity === firing.severity && rate === firing.threshold,
	);
	if (found === undefined) return undefined;
	const { state, longBurn, shortBurn } = found;
	return { state, value: longBurn === null || shortBurn === null ? null : Math.min(longBurn, shortBurn) };
}

/** How the group that fired is now; undefined when it is gone, or the rule is. */
export function stateNow(
	alert: AlertAnswer | undefined,
	firing: Pick<Firing, 'group' | 'severity'>,
): StateNow | undefined {
	return alert?.groups.find(
		({ group, severity }) => severity === firing.severity && groupKey(group) === groupKey(firing.group),
	);
}

/** Share of the requests that violated; null where there were none, or nothing is known. */
export function hitRatio(evidence: FiringDetail['evidence']): number | null {
	return evidence === null || evidence.ofRequests === 0 ? null : evidence.requests / evidence.ofRequests;
}
