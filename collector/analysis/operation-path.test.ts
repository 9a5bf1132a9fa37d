import { expect, test } from 'vitest';
import { traceSpans } from '../../test/support/trace-spans.ts';
import type { DrawnSpan } from '../../test/support/trace-spans.ts';
import { addCriticalPath, noPaths, pathShares } from './operation-path.ts';
import type { PathSums } from './operation-path.ts';

// web    |------------------------------|            0..100
// cart       |---------|                            10..40
// db              |--|                              20..30
// pay                    |------------|             45..90
const drawn: readonly DrawnSpan[] = [
	{ id: 1n, start: 0, end: 100, service: 'web', name: 'GET /buy', kind: 'server' },
	{ id: 2n, parent: 1n, start: 10, end: 40, service: 'cart', name: 'load' },
	{ id: 3n, parent: 2n, start: 20, end: 30, service: 'cart', name: 'SELECT' },
	{ id: 4n, parent: 1n, start: 45, end: 90, service: 'pay', name: 'charge' },
];

const nanoOf = (sums: PathSums) =>
	Object.fromEntries([...sums.parts.values()].map(({ service, operation, nano }) => [`${service} ${operation}`, nano]));

test('each moment of a span belongs to whom it waited for', () => {
	const sums = noPaths();
	expect(addCriticalPath(sums, traceSpans(drawn), 1n, 'GET /buy')).toBe(true);
	expect(nanoOf(sums)).toEqual({ 'web GET /buy': 25, 'pay charge': 45, 'cart load': 20, 'cart SELECT': 10 });
	expect(sums).toMatchObject({ traces: 1, nano: 100 });
});

test('only what lies below the span counts', () => {
	const sums = noPaths();
	addCriticalPath(sums, traceSpans(drawn), 2n, 'load');
	expect(nanoOf(sums)).toEqual({ 'cart load': 20, 'cart SELECT': 10 });
});

test('a span that is not there adds nothing, and of two with one id the one with the operation is meant', () => {
	const sums = noPaths();
	expect(addCriticalPath(sums, traceSpans(drawn), 9n, 'GET /buy')).toBe(false);
	expect(sums).toEqual(noPaths());
	const shared: readonly DrawnSpan[] = [
		{ id: 1n, start: 0, end: 100, service: 'web', name: 'call', kind: 'client' },
		{ id: 1n, start: 10, end: 90, service: 'api', name: 'serve', kind: 'server' },
	];
	addCriticalPath(sums, traceSpans(shared), 1n, 'serve');
	expect(nanoOf(sums)).toEqual({ 'api serve': 80 });
});

test('shares are a trace’s mean and part of the whole, with those before, and the small ones together', () => {
	const now = noPaths();
	const before = noPaths();
	addCriticalPath(now, traceSpans(drawn), 1n, 'GET /buy');
	addCriticalPath(now, traceSpans(drawn), 1n, 'GET /buy');
	addCriticalPath(before, traceSpans(drawn.slice(0, 3)), 1n, 'GET /buy');
	const [first, second, rest] = pathShares(now, before, 2);
	expect(first).toEqual({ service: 'pay', operation: 'charge', nano: 45, ratio: 0.45, beforeNano: 0, beforeRatio: 0 });
	expect(second).toMatchObject({ operation: 'GET /buy', nano: 25, beforeNano: 70, beforeRatio: 0.7 });
	expect(rest).toMatchObject({ service: '', operation: '', nano: 30, beforeNano: 30 });
	expect(pathShares(noPaths(), before, 9)[0]).toMatchObject({ nano: 0, ratio: 0, beforeNano: 70 });
});
