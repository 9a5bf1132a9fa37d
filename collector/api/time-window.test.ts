import { expect, test } from 'vitest';
import { readWindow } from './time-window.ts';

const now = 1_700_000_000_000;

test('without parameters the window is the last hour', () => {
	expect(readWindow(undefined, undefined, now)).toEqual({ fromMs: now - 3_600_000, toMs: now });
});

test.each([
	['now-15m', 'now', { fromMs: now - 900_000, toMs: now }],
	['now-7d', undefined, { fromMs: now - 7 * 86_400_000, toMs: now }],
	['1699999999000', '1700000000000', { fromMs: 1_699_999_999_000, toMs: now }],
	[undefined, 'now-1h', { fromMs: now - 7_200_000, toMs: now - 3_600_000 }],
])('from=%s to=%s', (from, to, expected) => {
	expect(readWindow(from, to, now)).toEqual(expected);
});

test.each([
	['yesterday', undefined, /from is "yesterday"; expected Unix milliseconds/],
	['now-', undefined, /from is "now-"/],
	['now-3y', undefined, /from is "now-3y"/],
	[undefined, '1e9', /to is "1e9"/],
	['now', 'now', /must be before/],
	['now', 'now-1h', /must be before/],
	['0', 'now', /at most 400 days/],
])('from=%s to=%s is refused with the reason', (from, to, message) => {
	expect(() => readWindow(from, to, now)).toThrow(message);
});
