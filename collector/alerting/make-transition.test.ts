import { expect, test } from 'vitest';
import { documentSchema } from '../../schema/desired-state.ts';
import type { DeclaredDocument } from '../desired/documents.ts';
import { firedTransition } from './make-transition.ts';
import { watchAlert } from './watched.ts';

const titleOf = (spec: object, group: Record<string, string>, value: number | null, threshold: number): string => {
	const metadata = { name: 'payments' };
	const document = documentSchema.parse({ apiVersion: 'spanhouse.dev/v1', kind: 'Alert', metadata, spec });
	const read = watchAlert('default', { document } as DeclaredDocument<'Alert'>);
	if (read.kind === 'problems') throw new Error(JSON.stringify(read.problems));
	const change = {
		kind: 'fired',
		tMs: 0,
		groupKey: '[]',
		group,
		conditionKey: '0',
		severity: 'page',
		value,
		threshold,
		startedMs: 0,
	} as const;
	return firedTransition(read.watched, change, 'f1', () => null).transition.title;
};

test('a firing is titled with what was measured, in words, and how far it is over', () => {
	const of = (measure: string, above: string | number, more: object = {}) => ({
		query: 'service:shop/payment',
		measure,
		conditions: [{ severity: 'page', above }],
		...more,
	});
	expect([
		titleOf(of('p95', '150ms'), {}, 498e6, 150e6),
		titleOf(of('errorPercent', '5%', { groupBy: ['operation'] }), { operation: 'POST /charges' }, 5.88, 5),
		titleOf(of('requestsPerSecond', 500), {}, 612, 500),
		titleOf(of('errorsPerSecond', 2, { groupBy: ['customer.tier'] }), { 'customer.tier': '' }, 2.5, 2),
		titleOf(of('count', 10), {}, 11, 10),
	]).toEqual([
		'payments: p95 is 498 ms, above 150 ms',
		'payments: error rate of operation POST /charges is 5.88 %, above 5 %',
		'payments: requests a second are 612, above 500',
		'payments: errors a second of customer.tier (none) are 2.5, above 2',
		'payments: requests are 11, above 10',
	]);
});
