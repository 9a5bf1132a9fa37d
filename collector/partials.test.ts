import { expect, test } from 'vitest';
import { cutPartial, joinPartials } from './partials.ts';

test('what is whole says nothing', () => {
	expect(cutPartial('some', 3, 3)).toBeUndefined();
	expect(joinPartials(undefined, cutPartial('some', 3, 3))).toEqual({});
});

test('of several cuts none is kept back', () => {
	const [rows, parts] = [
		cutPartial('the largest only', 3, 9),
		cutPartial('some are late', 1, 2, 'parts of the window'),
	];
	expect(joinPartials(undefined, parts)).toEqual({ partial: parts });
	expect(joinPartials(rows, undefined, parts)).toEqual({
		partial: { reason: 'the largest only; some are late (1 of 2 parts of the window)', seen: 3, of: 9 },
	});
	const names = cutPartial('the largest only', 4, 5, 'names');
	expect(joinPartials(rows, names)).toEqual({
		partial: { reason: 'the largest only; also (4 of 5 names)', seen: 3, of: 9 },
	});
});
