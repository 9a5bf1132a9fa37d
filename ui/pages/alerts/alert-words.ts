import type { AlertAnswer } from '../../../schema/api-alerts.ts';
import type { AlertSpec, ConditionDocument, DesiredDocument } from '../../../schema/desired-state.ts';
import type { AlertState, Severity } from '../../../schema/alert.ts';
import type { IconName } from '../../components/icon-paths.ts';
import { measureInWords, spaced } from '../../../collector/alerting/evaluate/in-words.ts';
import { formatCompact, formatDuration, formatRate, MISSING, threeDigits } from '../../lib/format.ts';

export const STATE_WORDS: Record<AlertState, { name: string; icon: IconName; explains: string }> = {
	firing: { name: 'Firing', icon: 'error', explains: 'The condition holds' },
	recovering: { name: 'Recovering', icon: 'arrow-down', explains: 'Below the threshold, not yet below the recovery' },
	pending: { name: 'Pending', icon: 'clock', explains: 'Violated, not for long enough yet' },
	normal: { name: 'Normal', icon: 'ok', explains: 'The condition does not hold' },
	noData: { name: 'No data', icon: 'minus', explains: 'No request in the window' },
	error: { name: 'Error', icon: 'warning', explains: 'The rule could not be evaluated' },
	stale: { name: 'Stale', icon: 'pause', explains: 'Ingest is behind; the state before is kept' },
};

/** What a reader should look at first. */
export const STATE_ORDER: readonly AlertState[] = [
	'firing',
	'error',
	'recovering',
	'pending',
	'stale',
	'noData',
	'normal',
];
export const urgencyOf = (state: AlertState): number => STATE_ORDER.length - STATE_ORDER.indexOf(state);

export const SEVERITY_WORDS: Record<Severity, string> = { page: 'Page', ticket: 'Ticket' };

type Unit = AlertAnswer['unit'];

/** A value of a rule in its unit: `812 ms`, `4.2 %`, `12/s`, `0.94`. */
export function formatMeasured(value: number | null, unit: Unit): string {
	if (value === null || !Number.isFinite(value)) return MISSING;
	if (unit === 'nanoseconds') return formatDuration(value);
	if (unit === 'percent') return `${threeDigits(value)}\u00a0%`;
	if (unit === 'perSecond') return formatRate(value);
	return unit === 'count' ? formatCompact(value) : threeDigits(value);
}

/** `above 800 ms`, `below 5`, `+50 % against 1 w before`. */
export function boundInWords(condition: ConditionDocument): string {
	if (condition.above !== undefined) return `above ${spaced(condition.above)}`;
	if (condition.below !== undefined) return `below ${spaced(condition.below)}`;
	return `${spaced(condition.changedBy ?? '')} against ${spaced(condition.against ?? '')} before`;
}

/** `for 5 of 6`, `for 30 m`; nothing where the first evaluation decides. */
export const holdInWords = (hold: string): string => (hold === '1 of 1' ? '' : ` for ${spaced(hold)}`);

/** `p95 above 800 ms for 5 of 6`; of several conditions the most urgent first. */
export const conditionsInWords = (spec: AlertSpec): string =>
	spec.conditions
		.map((condition, index) => {
			const what = index === 0 ? `${measureInWords(spec.measure)} ` : '';
			const severity = spec.conditions.length > 1 ? ` (${condition.severity})` : '';
			return `${what}${boundInWords(condition)}${holdInWords(condition.for)}${severity}`;
		})
		.join(', ');

/** `http.route=/cart, env=prod`; empty for a rule without groups. */
export const groupInWords = (group: Readonly<Record<string, string>>): string =>
	Object.entries(group)
		.map(([key, value]) => `${key}=${value === '' ? '(none)' : value}`)
		.join(', ');

/** The same for the same group, whatever the order of its keys. */
export const groupKey = (group: Readonly<Record<string, string>>): string =>
	JSON.stringify(Object.entries(group).sort(([a], [b]) => (a < b ? -1 : 1)));

export const alertSpecOf = (document: DesiredDocument): AlertSpec | undefined =>
	document.kind === 'Alert' ? document.spec : undefined;
