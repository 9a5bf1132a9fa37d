import { expect, test } from 'vitest';
import { pointsBetween } from './share-points.ts';

const between = (low: number, high: number) => pointsBetween({ verdict: 'same', before: 0, after: 0, low, high });

test('an interval is told in percentage points, with signs', () => {
	expect(between(0.0441, 0.079)).toBe('+4.4 to +7.9 points');
	expect(between(-0.06, 0.0004)).toBe('−6.0 to 0.0 points');
});

test('where nothing is known nothing is told', () => {
	expect(between(-1, 1)).toBe('');
});
