import type { AlertAnswer, StateOfGroup } from '../../../schema/api-alerts.ts';
import type { AlertState } from '../../../schema/alert.ts';
import { alertSpecOf, conditionsInWords, urgencyOf } from './alert-words.ts';
import type { AlertSort, AlertTab } from './alerts-query.ts';

const TAB_STATES: Record<Exclude<AlertTab, 'all' | 'muted'>, readonly AlertState[]> = {
	firing: ['firing', 'recovering'],
	pending: ['pending'],
	normal: ['normal'],
	noData: ['noData'],
	error: ['error', 'stale'],
};

export function isInTab(alert: AlertAnswer, tab: AlertTab): boolean {
	if (tab === 'all') return true;
	return tab === 'muted' ? alert.silenced : TAB_STATES[tab].includes(alert.state);
}

/** The group that made the alert's state, first of those that are most urgent and began first. */
export function leadingGroup({ groups }: Pick<AlertAnswer, 'groups'>): StateOfGroup | undefined {
	return groups.toSorted(
		(a, b) =>
			urgencyOf(b.state) - urgencyOf(a.state) ||
			Number(b.severity === 'page') - Number(a.severity === 'page') ||
			a.sinceMs - b.sinceMs,
	)[0];
}

const VALUES: Record<AlertSort, (alert: AlertAnswer) => number | string> = {
	/** Ascending is most urgent first. */
	state: (alert) => -urgencyOf(alert.state) - (alert.severity === 'page' ? 0.5 : 0),
	name: (alert) => alert.document.metadata.name.toLowerCase(),
	since: (alert) => leadingGroup(alert)?.sinceMs ?? 0,
	fired: (alert) => alert.firings7d,
};

/** Those of a tab whose name, query, condition or labels hold the text, sorted; the same way each time. */
export function arrangeAlerts(
	alerts: readonly AlertAnswer[],
	{ state, f, sort }: { state: AlertTab; f: string; sort: AlertSort | `-${AlertSort}` },
): AlertAnswer[] {
	const isDown = sort.startsWith('-');
	const valueOf = VALUES[(isDown ? sort.slice(1) : sort) as AlertSort];
	const text = f.trim().toLowerCase();
	const order = (a: AlertAnswer, b: AlertAnswer) => {
		const [left, right] = [valueOf(a), valueOf(b)];
		return left === right ? 0 : left < right ? -1 : 1;
	};
	return alerts
		.filter((alert) => isInTab(alert, state) && textOf(alert).includes(text))
		.sort((a, b) => (isDown ? order(b, a) : order(a, b)) || nameOrder(a, b));
}

const nameOrder = (a: AlertAnswer, b: AlertAnswer): number =>
	a.document.metadata.name < b.document.metadata.name ? -1 : 1;

function textOf({ document }: AlertAnswer): string {
	const spec = alertSpecOf(document);
	const labels = Object.entries(document.metadata.labels).map(([key, value]) => `${key}=${value}`);
	const words = spec === undefined ? [] : [spec.query, conditionsInWords(spec), ...spec.notify];
	return [document.metadata.name, ...words, ...labels].join(' ').toLowerCase();
}
