import { expect, test } from 'vitest';
import { parseQuery } from '../../../schema/query-language.ts';
import { callers } from '../../testing/database-answers.ts';
import { callerQuery, callerRows, fileAndLine } from './caller-rows.ts';

const text = (row: ReturnType<typeof callerRows>[number]): string => {
	if (row.kind === 'more') return `${row.level} ${row.text}`;
	return row.kind === 'code' ? fileAndLine(row.place) : row.key;
};

test('from services down to the code, and how many more there are of each', () => {
	expect(callerRows(callers, 3, '').map(text)).toEqual([
		'shop/inventory',
		'shop/inventory › POST /reserve',
		'src/repo.ts:88',
		'src/repo.ts:97',
		'3 1 more place in the code, less time',
		'shop/inventory › ',
		'2 4 more requests, less time',
		'shop/cart',
		'shop/cart › GET /cart/{id}',
		'1 1 more service, less time',
	]);
});

test('one caller alone, or one service; all where none is called so', () => {
	expect(callerRows(callers, 3, 'shop/cart').map(text)).toEqual(['shop/cart', 'shop/cart › GET /cart/{id}']);
	expect(callerRows(callers, 3, 'shop/inventory › POST /reserve').map(text)).toEqual([
		'shop/inventory',
		'shop/inventory › POST /reserve',
		'src/repo.ts:88',
		'src/repo.ts:97',
		'3 1 more place in the code, less time',
	]);
	expect(callerRows(callers, 3, 'nobody')).toEqual(callerRows(callers, 3, ''));
});

test('the search of a caller is one that the language reads, whatever names hold', () => {
	const query = 'type:db db.query.fingerprint:"00c0ffee00c0ffee"';
	for (const [service, operation] of [['shop/cart', 'GET /cart/{id}'], ['a"b', '} OR {x:\\y'], ['s', '']] as const) {
		const numbers = callers[0];
		const row = { kind: 'request', key: '', service, operation, numbers } as const;
		const q = callerQuery(row, query);
		expect(q === '' || parseQuery(q).kind === 'query', q).toBe(true);
		expect(q === '').toBe(operation === '');
		expect(parseQuery(callerQuery({ ...row, kind: 'service' }, query)).kind).toBe('query');
	}
}); // prettier-ignore
