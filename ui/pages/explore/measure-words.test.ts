import { expect, test } from 'vitest';
import { columnOf } from './measure-words.ts';

test('a column of a measure says what is missing, and rates of it have one unit', () => {
	expect([0.5, 0.02, undefined].map(columnOf('perSecond', [0.5, 0.02]))).toEqual(['30/min', '1.2/min', '–']);
	expect([1_500, undefined].map(columnOf('count', [1_500, 0.1]))).toEqual(['1.5k', '–']);
	expect(columnOf('nanoseconds', [])(2_000_000)).toBe('2\u00a0ms');
});
