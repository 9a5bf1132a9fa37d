import type { ObjectiveAnswer } from '../../../schema/api-objectives.ts';
import type { DesiredDocument, ObjectiveSpec } from '../../../schema/desired-state.ts';
import type { IconName } from '../../components/icon-paths.ts';
import { MISSING, threeDigits } from '../../lib/format.ts';
import { formatAgo } from '../../lib/time-format.ts';
import { spaced } from '../../../collector/alerting/evaluate/in-words.ts';

export const objectiveSpecOf = (document: DesiredDocument): ObjectiveSpec | undefined =>
	document.kind === 'SLO' ? document.spec : undefined;

export type ObjectiveHealth = 'page' | 'ticket' | 'spent' | 'ok' | 'none';

export const HEALTH_WORDS: Record<
	ObjectiveHealth,
	{ name: string; icon: IconName; look: 'error' | 'warn' | 'ok' | 'none' }
> = {
	page: { name: 'Burning', icon: 'flame', look: 'error' },
	ticket: { name: 'Burning slowly', icon: 'flame', look: 'warn' },
	spent: { name: 'Spent', icon: 'error', look: 'error' },
	ok: { name: 'Kept', icon: 'ok', look: 'ok' },
	none: { name: 'No events', icon: 'minus', look: 'none' },
};

/** What is worst about an objective: what wakes somebody, then a budget that is gone. */
export function healthOf({
	firing,
	budgetLeftRatio,
	total,
}: Pick<ObjectiveAnswer, 'firing' | 'budgetLeftRatio' | 'total'>): ObjectiveHealth {
	if (firing === 'page') return 'page';
	if (budgetLeftRatio !== null && budgetLeftRatio <= 0) return 'spent';
	if (firing === 'ticket') return 'ticket';
	return total === 0 || budgetLeftRatio === null ? 'none' : 'ok';
}

/** `99.5 %`, with as many digits as tell it from 100. */
export function formatTarget(percent: number | null): string {
	if (percent === null || !Number.isFinite(percent)) return MISSING;
	const missing = 100 - percent;
	const decimals = missing <= 0 ? 0 : Math.min(5, Math.max(0, 1 - Math.floor(Math.log10(missing))));
	return `${Number(percent.toFixed(decimals))}\u00a0%`;
}

/** `28 %`, `−140 %`: of the whole budget. */
export function formatBudget(ratio: number | null): string {
	if (ratio === null || !Number.isFinite(ratio)) return MISSING;
	const percent = ratio * 100;
	return `${percent < 0 ? '−' : ''}${Math.abs(percent) < 1 ? threeDigits(Math.abs(percent)) : Math.round(Math.abs(percent))}\u00a0%`;
}

/** `6.2×`: how many times faster than a budget that lasts just the window. */
export const formatBurn = (rate: number | null): string => (rate === null ? MISSING : `${threeDigits(rate)}×`);

/** `30 d rolling`, `30 d by the calendar`. */
export const windowInWords = ({ window }: ObjectiveSpec): string =>
	`${spaced(window.duration)} ${window.rolling ? 'rolling' : 'by the calendar'}`;

/** When the budget is gone: `in 32 h`, `already`; `–` where it isn't going. */
export function goneInWords(
	{ budgetLeftRatio, exhaustedMs }: Pick<ObjectiveAnswer, 'budgetLeftRatio' | 'exhaustedMs'>,
	nowMs: number,
): string {
	if (budgetLeftRatio !== null && budgetLeftRatio <= 0) return 'already';
	return exhaustedMs === null ? MISSING : formatAgo(exhaustedMs, nowMs);
}

/** How full a bar of the budget is, and how it looks. */
export function budgetBar(ratio: number | null): { fill: number; look: 'ok' | 'warn' | 'error' | 'none' } {
	if (ratio === null) return { fill: 0, look: 'none' };
	// Overspent: the bar grows again, in another colour, up to twice the budget.
	if (ratio <= 0) return { fill: Math.min(1, Math.abs(ratio)), look: 'error' };
	return { fill: Math.min(1, ratio), look: ratio < 0.25 ? 'warn' : 'ok' };
}

/** Finds events that were not good. */
export function badQuery({ total, good, spans }: Pick<ObjectiveSpec, 'total' | 'good' | 'spans'>): string {
	const parts = [
		total.trim() === '' ? '' : `(${total.trim()})`,
		`NOT (${good.trim()})`,
		spans === 'entry' ? 'entry:true' : '',
	];
	return parts.filter((part) => part !== '').join(' ');
}

/** All events, and of them those that were not good. */
export const badSides = ({ total, good, spans }: Pick<ObjectiveSpec, 'total' | 'good' | 'spans'>) => ({
	q: [total.trim() === '' ? '' : `(${total.trim()})`, spans === 'entry' ? 'entry:true' : ''].filter(Boolean).join(' '),
	pick: `NOT (${good.trim()})`,
});

/** Finds events that were good, within the total. */
export const goodQuery = ({ total, good }: Pick<ObjectiveSpec, 'total' | 'good'>): string =>
	[total, good]
		.filter((part) => part.trim() !== '')
		.map((part) => `(${part.trim()})`)
		.join(' ');
