import { expect, test } from 'vitest';
import { queryGroup } from '../../testing/query-group.ts';
import { arrangeQueries } from './queries-rows.ts';

const queries = [
	queryGroup('SELECT stock', { totalNano: 30, calls: 1, errors: 1, system: 'mysql', services: ['shop/inventory'] }),
	queryGroup('SELECT cart', {
		totalNano: 20,
		calls: 100,
		errors: 1,
		services: ['shop/cart'],
		repeats: { parents: 1, calls: 9, mostRepeats: 9, busyNano: 5 },
	}),
	queryGroup('GET', { text: '', totalNano: 10, calls: 10, errors: 0, p95Nano: null, services: ['shop/cart'] }),
];
const names = (view: Partial<Parameters<typeof arrangeQueries>[1]>) =>
	arrangeQueries(queries, { sort: '-total', f: '', n1: false, ...view }).map(({ summary }) => summary);

test('sorted by each measure, up and down', () => {
	expect(names({})).toEqual(['SELECT stock', 'SELECT cart', 'GET']);
	expect(names({ sort: 'total' })).toEqual(['GET', 'SELECT cart', 'SELECT stock']);
	expect(names({ sort: '-calls' })).toEqual(['SELECT cart', 'GET', 'SELECT stock']);
	expect(names({ sort: '-errors' })).toEqual(['SELECT stock', 'SELECT cart', 'GET']);
	expect(names({ sort: '-repeats' })[0]).toBe('SELECT cart');
	expect(names({ sort: 'query' })).toEqual(['GET', 'SELECT cart', 'SELECT stock']);
});

test('narrowed by a part of anything that names it, and to those that repeat', () => {
	expect(names({ f: 'STOCK' })).toEqual(['SELECT stock']);
	expect(names({ f: 'mysql' })).toEqual(['SELECT stock']);
	expect(names({ f: 'inventory' })).toEqual(['SELECT stock']);
	expect(names({ n1: true })).toEqual(['SELECT cart']);
	expect(names({ f: 'nothing' })).toEqual([]);
});
