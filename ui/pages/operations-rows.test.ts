import { expect, test } from 'vitest';
import { arrangeOperations } from './operations-rows.ts';
import type { Operation } from '../../schema/api.ts';

const operation = (name: string, facts: Partial<Operation>): Operation => ({
	operation: name,
	kind: 'server',
	type: 'http',
	requests: 10,
	errors: 0,
	p50Nano: null,
	p95Nano: null,
	p99Nano: null,
	totalNano: 0,
	spans: 10,
	before: { requests: 0, errors: 0, p50Nano: null, p95Nano: null, p99Nano: null },
	points: [],
	...facts,
});
const list = [
	operation('GET /b', { totalNano: 5, errors: 5 }),
	operation('GET /a', { totalNano: 5 }),
	operation('POST /c', { totalNano: 9, requests: 100, errors: 6 }),
];
const names = (sort: Parameters<typeof arrangeOperations>[1], filter = '') =>
	arrangeOperations(list, sort, filter).map((one) => one.operation);

test('operations are sorted by figures, equals by name', () => {
	expect(names('-total')).toEqual(['POST /c', 'GET /a', 'GET /b']);
	expect(names('-errors')).toEqual(['GET /b', 'POST /c', 'GET /a']);
	expect(names('rate')).toEqual(['GET /a', 'GET /b', 'POST /c']);
	expect(names('-operation')).toEqual(['POST /c', 'GET /b', 'GET /a']);
});

test('operations are filtered by a part of their name', () => {
	expect(names('operation', 'get')).toEqual(['GET /a', 'GET /b']);
});
