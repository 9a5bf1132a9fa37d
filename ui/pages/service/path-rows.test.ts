import { expect, test } from 'vitest';
import { operationPathAnswer, pathPart } from '../../testing/path-answers.ts';
import { pathRows } from './path-rows.ts';

test('a part is one row for typical and slow spans, most time in slow ones first', () => {
	const rows = pathRows(operationPathAnswer());
	expect(rows.map(({ operation, typical, slow }) => [operation, typical.nano, slow.nano])).toEqual([
		['SELECT orders', 4e6, 700e6],
		['POST /checkout', 6e6, 90e6],
		['charge', 0, 10e6],
		['warm up', 2e6, 0],
	]);
});

test('what follows the first dozen is one row, with what the server put together', () => {
	const parts = Array.from({ length: 14 }, (_, i) => pathPart('shop/a', `op ${i}`, 100 - i, 0.05));
	const group = { ...operationPathAnswer().slow, parts: [...parts, pathPart('', '', 7, 0.3)] };
	const rows = pathRows({ typical: { ...group, parts: [] }, slow: group });
	expect(rows).toHaveLength(13);
	expect(rows.at(-1)).toMatchObject({ service: '', operation: '', slow: { nano: 88 + 87 + 7 }, typical: { nano: 0 } });
	expect(rows.at(-1)?.slow.ratio).toBeCloseTo(0.4);
});
