/** Firings out of the history of their events. */
import type { Evidence, Firing, FiringDetail } from '../../schema/api-alerts.ts';
import type { AlertEventKind, AlertEventRow } from '../store/alerts/alert-types.ts';
import type { FiredDocument } from './make-transition.ts';

interface Note {
	tMs: number;
	author: string;
	text: string;
}

/** By firing, those that began last first. */
export function firingsOf(rows: readonly AlertEventRow[], silencedUntilMs: SilencedUntil): Firing[] {
	const byFiring = Map.groupBy(rows, ({ firingId }) => firingId);
	return [...byFiring.values()]
		.flatMap((events) => {
			const firing = firingOf(events, silencedUntilMs);
			return firing === undefined ? [] : [firing];
		})
		.sort((a, b) => b.startedMs - a.startedMs || (a.firingId < b.firingId ? -1 : 1));
}

/** Until when a group is silenced now; null where it isn't. */
export type SilencedUntil = (labels: FiredDocument['transition']) => number | null;

const firstOf = (events: readonly AlertEventRow[], kind: AlertEventKind): AlertEventRow | undefined =>
	events.find((event) => event.kind === kind);

export const firedDocumentOf = (events: readonly AlertEventRow[]): FiredDocument | undefined => {
	const fired = firstOf(events, 'fired');
	return fired === undefined ? undefined : (JSON.parse(fired.document) as FiredDocument);
};

/** Undefined where the beginning is not known any more. */
function firingOf(events: readonly AlertEventRow[], silencedUntilMs: SilencedUntil): Firing | undefined {
	const fired = firedDocumentOf(events);
	if (fired === undefined) return undefined;
	const { transition } = fired;
	const resolved = firstOf(events, 'resolved');
	const acknowledged = firstOf(events, 'acknowledged');
	const { firingId, rule, kind, severity, group, labels, services, title, query, startedMs } = transition;
	const { unit, value, threshold, budgetLeftRatio } = transition;
	return {
		firingId,
		alert: rule,
		kind,
		severity,
		group,
		labels,
		services: [...services],
		title,
		query,
		state: resolved === undefined ? 'firing' : 'resolved',
		startedMs,
		endedMs: resolved?.tMs ?? null,
		reason: resolved === undefined ? null : (resolved.text as Firing['reason']),
		unit,
		value,
		threshold,
		acknowledged: acknowledged === undefined ? null : noteOf(acknowledged),
		silencedUntilMs: resolved === undefined ? silencedUntilMs(transition) : null,
		budgetLeftRatio,
	};
}

const noteOf = ({ tMs, author, text }: AlertEventRow): Note => ({ tMs, author, text });

/** Everything that is kept of one firing; `points` are read elsewhere. */
export function firingDetailOf(
	events: readonly AlertEventRow[],
	silencedUntilMs: SilencedUntil,
): Omit<FiringDetail, 'points' | 'partial'> | undefined {
	const firing = firingOf(events, silencedUntilMs);
	if (firing === undefined) return undefined;
	const evidence = firstOf(events, 'evidence');
	return {
		...firing,
		evidence: evidence === undefined ? null : (JSON.parse(evidence.document) as Evidence),
		timeline: events.flatMap((event) => timelineOf(event)),
		notes: events.filter(({ kind }) => kind === 'note').map(noteOf),
	};
}

function timelineOf({ kind, tMs, text, author }: AlertEventRow): FiringDetail['timeline'] {
	if (kind === 'evidence') return [];
	return [{ tMs, kind, text, ...(author === '' ? {} : { author }) }];
}
