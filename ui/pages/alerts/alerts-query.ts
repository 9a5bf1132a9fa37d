import { choiceParameter, flagParameter, sortParameter, textParameter } from '../../lib/query-state.ts';

export const ALERT_TABS = ['all', 'firing', 'pending', 'normal', 'noData', 'error', 'muted'] as const;
export type AlertTab = (typeof ALERT_TABS)[number];
const ALERT_SORTS = ['state', 'name', 'since', 'fired'] as const;
export type AlertSort = (typeof ALERT_SORTS)[number];

export const alertsQuery = {
	state: choiceParameter(ALERT_TABS, 'all'),
	f: textParameter(),
	sort: sortParameter(ALERT_SORTS, 'state'),
};

/** How much of the past a rule is tried on. */
export const BACKTEST_LENGTHS = ['24h', '7d', '30d'] as const;
export const BACKTEST_WORDS = { '24h': 'Last 24 hours', '7d': 'Last 7 days', '30d': 'Last 30 days' } as const;

/** What the sentence of a new rule says; a chart that offers "Alert on this" fills it in. `from` is the time range's. */
export const newAlertQuery = {
	q: textParameter(),
	spans: choiceParameter(['entry', 'all'], 'entry'),
	measure: textParameter('p95'),
	way: choiceParameter(['above', 'below'], 'above'),
	bound: textParameter(),
	hold: textParameter('5m'),
	by: textParameter(),
	notify: textParameter(),
	name: textParameter(),
	past: choiceParameter(BACKTEST_LENGTHS, '7d'),
};

/** `edit`: the editor is open; `copy`: on another rule that begins as this one. */
export const alertQuery = {
	edit: flagParameter(),
	copy: flagParameter(),
	past: choiceParameter(BACKTEST_LENGTHS, '7d'),
};
