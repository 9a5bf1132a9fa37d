import { expect, test } from 'vitest';
import { queryGroup } from '../../testing/query-group.ts';
import { arrangeQueries, queryCourse, rowsInBrief, rowsInWords } from './queries-rows.ts';

const queries = [
	queryGroup('SELECT stock', {
		totalNano: 30,
		calls: 1,
		errors: 1,
		rows: null,
		system: 'mysql',
		services: ['shop/inventory'],
	}),
	queryGroup('SELECT cart', {
		totalNano: 20,
		calls: 100,
		errors: 1,
		rows: { calls: 2, returned: 3, most: 3 },
		services: ['shop/cart'],
		repeats: { parents: 1, calls: 9, mostRepeats: 9, busyNano: 5 },
	}),
	queryGroup('GET', {
		text: '',
		totalNano: 10,
		calls: 10,
		errors: 0,
		rows: { calls: 4, returned: 5, most: 5 },
		p95Nano: null,
		services: ['shop/cart'],
	}),
];
const names = (view: Partial<Parameters<typeof arrangeQueries>[1]>) =>
	arrangeQueries(queries, { sort: '-total', f: '', n1: false, ...view }).map(({ summary }) => summary);

test('sorted by each measure, up and down', () => {
	expect(names({})).toEqual(['SELECT stock', 'SELECT cart', 'GET']);
	expect(names({ sort: 'total' })).toEqual(['GET', 'SELECT cart', 'SELECT stock']);
	expect(names({ sort: '-calls' })).toEqual(['SELECT cart', 'GET', 'SELECT stock']);
	expect(names({ sort: '-errors' })).toEqual(['SELECT stock', 'SELECT cart', 'GET']);
	expect(names({ sort: '-repeats' })[0]).toBe('SELECT cart');
	expect(names({ sort: '-rows' })).toEqual(['SELECT cart', 'GET', 'SELECT stock']);
	expect(names({ sort: 'query' })).toEqual(['GET', 'SELECT cart', 'SELECT stock']);
});

test('narrowed by a part of anything that names it, and to those that repeat', () => {
	expect(names({ f: 'STOCK' })).toEqual(['SELECT stock']);
	expect(names({ f: 'mysql' })).toEqual(['SELECT stock']);
	expect(names({ f: 'inventory' })).toEqual(['SELECT stock']);
	expect(names({ n1: true })).toEqual(['SELECT cart']);
	expect(names({ f: 'nothing' })).toEqual([]);
});

test('rows are told with the calls of which they are known', () => {
	const rows = { calls: 2.4, returned: 1, most: 1 };
	expect(rowsInWords({ calls: 3, rows })).toBe('1 row of 2 of 3 calls, at most 1 by one');
	expect(rowsInWords({ calls: 1, rows: null })).toBe('It is not known of any call how many rows it returned');
	expect(rowsInBrief({ calls: 20, returned: 28, most: 1_234 })).toBe('1.4 a call, at most 1.23k');
	expect(rowsInBrief({ calls: 20, returned: 20, most: 1 })).toBe('1 a call');
});

test('the course of a steady query is straight to the ends of the window, and leaves out what there is too little of', () => {
	const window = { fromMs: 70_000, toMs: 250_000 };
	// Of steps of a minute: ten of the last one's sixty seconds are in the window.
	const group = queryGroup('SELECT stock', { points: [50, 60, 60, 10] });
	expect(queryCourse(group, { window, stepMs: 60_000 })).toEqual([1, 1, 1, null]);
});
