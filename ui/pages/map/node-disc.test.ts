import { expect, test } from 'vitest';
import { discRadius, ringPercent } from './node-disc.ts';

test('the area of a disc is what a node has of the busiest one, and never none', () => {
	expect([discRadius(100, 100), discRadius(25, 100), discRadius(0, 100), discRadius(0, 0)]).toEqual([11, 5.5, 0, 0]);
	expect(discRadius(1, 1e9)).toBe(2);
	// A slice of the window can have more than what the scale was made for.
	expect(discRadius(200, 100)).toBe(11);
});

test('the ring is the share of errors, at least as much as can be seen', () => {
	expect([ringPercent(3600, 504), ringPercent(10, 10), ringPercent(10, 0), ringPercent(0, 0)]).toEqual([14, 100, 0, 0]);
	expect(ringPercent(100_000, 1)).toBe(2);
});
