import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearest } from './nearest.ts';

test.each([
	['kitten', 'sitting', 3],
	['http.rotue', 'http.route', 2],
	['', 'abc', 3],
	['same', 'same', 0],
])('%s and %s are %i apart', (a, b, distance) => {
	expect(editDistance(a, b)).toBe(distance);
});

test('the distance is the same both ways, and 0 for equal words alone', () => {
	fc.assert(
		fc.property(
			fc.string({ unit: 'grapheme-ascii', maxLength: 12 }),
			fc.string({ unit: 'grapheme-ascii', maxLength: 12 }),
			(a, b) => {
				expect(editDistance(a, b)).toBe(editDistance(b, a));
				expect(editDistance(a, b) === 0).toBe(a === b);
			},
		),
	);
});

test('a name is offered when it is near, and nothing when it is not', () => {
	const names = ['service', 'http.route', 'http.response.status_code'];
	expect(nearest('servcie', names)).toBe('service');
	expect(nearest('http.respnse.status_code', names)).toBe('http.response.status_code');
	expect(nearest('customer.id', names)).toBeUndefined();
});
