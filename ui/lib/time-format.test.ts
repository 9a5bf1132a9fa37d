import { expect, test } from 'vitest';
import { formatAgo, formatClock, formatMoment, formatWindow, zoneName } from './time-format.ts';

const AT = Date.UTC(2026, 10, 23, 9, 31, 2, 118);

test('a moment has date, milliseconds and zone', () => {
	expect(formatMoment(AT, 'utc')).toBe('2026-11-23 09:31:02.118 UTC');
	expect(formatClock(AT, 'utc', 'minute')).toBe('09:31');
});

test('a window writes the day once, and seconds only where an end has some', () => {
	const nine = Date.UTC(2026, 10, 23, 9);
	expect(formatWindow(nine, nine + 3_600_000, 'utc')).toBe('2026-11-23 09:00 – 10:00 UTC');
	expect(formatWindow(nine + 1000, nine + 86_400_000, 'utc')).toBe('2026-11-23 09:00:01 – 2026-11-24 09:00:00 UTC');
});

test('ages are rounded down to their largest unit', () => {
	const ago = (ms: number) => formatAgo(AT - ms, AT).replaceAll('\u00a0', ' ');
	expect(ago(900)).toBe('just now');
	expect(ago(59_000)).toBe('59 s ago');
	expect(ago(185_000)).toBe('3 m ago');
	expect(ago(2 * 86_400_000)).toBe('2 d ago');
	expect(ago(-300_000)).toBe('in 5 m');
});

test('UTC is named as such', () => {
	expect(zoneName(AT, 'utc')).toBe('UTC');
});
