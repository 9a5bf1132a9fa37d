import { expect, test } from 'vitest';
import { chosenAfter } from './issue-choice.ts';

const listed = ['a', 'b', 'c', 'd', 'e'];

test('one press chooses, another lets go', () => {
	expect(chosenAfter([], 'b', listed, false)).toEqual(['b']);
	expect(chosenAfter(['b', 'd'], 'b', listed, false)).toEqual(['d']);
});

test('a range goes from the one that was chosen last, up or down, and the next one begins at its end', () => {
	expect(chosenAfter(['b'], 'd', listed, true)).toEqual(['b', 'c', 'd']);
	expect(chosenAfter(['d'], 'b', listed, true)).toEqual(['d', 'c', 'b']);
	expect(chosenAfter(['a', 'd', 'c'], 'e', listed, true)).toEqual(['a', 'd', 'c', 'e']);
	expect(chosenAfter([], 'c', listed, true)).toEqual(['c']);
	// What was chosen last is listed no more.
	expect(chosenAfter(['x'], 'c', listed, true)).toEqual(['x', 'c']);
});

test('no more than can be merged', () => {
	const many = Array.from({ length: 60 }, (_, i) => `${i}`);
	expect(chosenAfter(['0'], '50', many, true)).toHaveLength(51);
	expect(chosenAfter(['0'], '51', many, true)).toBeUndefined();
	expect(chosenAfter(many.slice(0, 51), '3', many, false)).toHaveLength(50);
});
