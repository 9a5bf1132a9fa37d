import { stepRate } from '../../charts/step-rate.ts';
import { formatCompact, formatCount, formatCounted } from '../../lib/format.ts';
import type { QueriesAnswer, QueryGroup, QueryRows } from '../../../schema/api-database.ts';
import type { Router } from '../../lib/router.svelte.ts';
import type { QuerySort } from './database-address.ts';

const MEASURES: Readonly<Record<Exclude<QuerySort, 'query'>, (group: QueryGroup) => number>> = {
	total: (group) => group.totalNano,
	calls: (group) => group.calls,
	errors: (group) => (group.calls === 0 ? 0 : group.errors / group.calls),
	p50: (group) => group.p50Nano ?? -1,
	p95: (group) => group.p95Nano ?? -1,
	p99: (group) => group.p99Nano ?? -1,
	rows: ({ rows }) => (rows === null ? -1 : rowsOfCall(rows)),
	repeats: (group) => group.repeats?.busyNano ?? -1,
};
const MEASURE_NAMES = ['total', 'calls', 'errors', 'p50', 'p95', 'p99', 'rows', 'repeats'] as const;

/** What a group is called: its text, or where calls say none, their operation. */
export const queryTitle = ({ text, summary }: Pick<QueryGroup, 'text' | 'summary'>): string =>
	text || summary || '(no name)';

/** `postgresql · shop`: either may be missing. */
export const querySource = ({ system, namespace }: Pick<QueryGroup, 'system' | 'namespace'>): string =>
	[system || 'unknown system', namespace].filter((part) => part !== '').join(' · ');

/** How much of each second went to its calls, step by step; null where the window has too little of a step. */
export function queryCourse(
	{ points }: Pick<QueryGroup, 'points'>,
	{ window, stepMs }: Pick<QueriesAnswer, 'window' | 'stepMs'>,
): (number | null)[] {
	const firstMs = Math.floor(window.fromMs / stepMs) * stepMs;
	return points.map((nano, step) => stepRate(nano, firstMs + step * stepMs, stepMs, window));
}

/** On average, of the calls of which it is known. */
export const rowsOfCall = ({ returned, calls }: QueryRows): number => returned / calls;

/** `1.4 a call, at most 90`; `1 a call` where it is always the same. */
export function rowsInBrief(rows: QueryRows): string {
	const average = `${formatCompact(rowsOfCall(rows))} a call`;
	return rowsOfCall(rows) === rows.most ? average : `${average}, at most ${formatCompact(rows.most)}`;
}

/** Of how many calls the rows are known, and what they are together. */
export function rowsInWords({ rows, calls }: Pick<QueryGroup, 'rows' | 'calls'>): string {
	if (rows === null) return 'It is not known of any call how many rows it returned';
	const most = `at most ${formatCount(rows.most)} by one`;
	return `${formatCounted(rows.returned, 'row')} of ${formatCount(rows.calls)} of ${formatCounted(calls, 'call')}, ${most}`;
}

/** With a part of the text anywhere in text, name, system, namespace or services; sorted, equals by their text. */
export function arrangeQueries(
	queries: readonly QueryGroup[],
	{ sort, f, n1 }: { sort: QuerySort | `-${QuerySort}`; f: string; n1: boolean },
): QueryGroup[] {
	const sought = f.trim().toLowerCase();
	const found = queries.filter((group) => {
		if (n1 && group.repeats === null) return false;
		const texts = [group.text, group.summary, group.system, group.namespace, ...group.services];
		return texts.some((text) => text.toLowerCase().includes(sought));
	});
	const sign = sort.startsWith('-') ? -1 : 1;
	const by = MEASURE_NAMES.find((name) => name === sort.replace('-', ''));
	return found.sort((a, b) => {
		const texts = compare(queryTitle(a), queryTitle(b)) || compare(querySource(a), querySource(b));
		if (by === undefined) return sign * texts;
		return sign * (MEASURES[by](a) - MEASURES[by](b)) || texts;
	});
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The page of one query. */
export const queryHref = (
	router: Router,
	group: Pick<QueryGroup, 'fingerprint' | 'system' | 'namespace'>,
	svc = '',
): string => router.href(`/db/${group.fingerprint}`, { sys: group.system, ns: group.namespace, svc });
