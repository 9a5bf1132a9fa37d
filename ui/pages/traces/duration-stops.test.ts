import { expect, test } from 'vitest';
import { boundOf, DURATION_STOPS, FIRST, LAST, stopOf } from './duration-stops.ts';

test('every stop is where its bound says, and the ends are open', () => {
	for (const [i, stop] of DURATION_STOPS.entries()) {
		expect(stopOf(stop, LAST)).toBe(i + 1);
		expect(boundOf(i + 1)).toBe(stop);
	}
	expect([boundOf(FIRST), boundOf(LAST)]).toEqual(['', '']);
	expect([stopOf('', FIRST), stopOf('', LAST)]).toEqual([FIRST, LAST]);
});

test('a bound between two stops, or beyond them, stands at the one that is nearest by factor', () => {
	expect(boundOf(stopOf('250ms', LAST))).toBe('200ms');
	expect(boundOf(stopOf('0.4s', LAST))).toBe('500ms');
	expect(boundOf(stopOf('3µs', LAST))).toBe('1ms');
	expect(boundOf(stopOf('2h', LAST))).toBe('1m');
	expect(stopOf('0s', LAST)).toBe(FIRST);
	expect(stopOf('soon', FIRST)).toBe(FIRST);
});
