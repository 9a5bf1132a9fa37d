import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
	absoluteRange,
	describeRange,
	parseLength,
	parseTimeText,
	resolveRange,
	shiftRange,
	zoomOutRange,
} from './time-range.ts';

const NOW = Date.UTC(2026, 10, 23, 12, 30);
const utc = (text: string) => parseTimeText(text, NOW, 'utc');
const between = (from: string, to: string) => ({ kind: 'absolute', fromMs: Date.parse(from), toMs: Date.parse(to) });

test.each(['15m', ' 15 min ', 'last 15 minutes', 'now-15m', 'past 15m'])(
	'%j is the last quarter of an hour',
	(text) => {
		expect(utc(text)).toEqual({ kind: 'relative', length: '15m' });
	},
);

test('days have names', () => {
	expect(utc('yesterday')).toEqual(between('2026-11-22T00:00Z', '2026-11-23T00:00Z'));
	expect(utc('today')).toEqual(between('2026-11-23T00:00Z', '2026-11-23T12:30Z'));
	expect(utc('2026-11-01')).toEqual(between('2026-11-01T00:00Z', '2026-11-02T00:00Z'));
});

test('the day of the first end serves both', () => {
	expect(utc('2026-11-23 09:00 to 10:00')).toEqual(between('2026-11-23T09:00Z', '2026-11-23T10:00Z'));
	expect(utc('2026-11-22 23:00 - 2026-11-23 01:00:30')).toEqual(between('2026-11-22T23:00Z', '2026-11-23T01:00:30Z'));
	expect(utc('9:00 to now')).toEqual(between('2026-11-23T09:00Z', '2026-11-23T12:30Z'));
	expect(utc('2026-11-23T09:00:00.250Z to 2026-11-23T09:00:01Z')).toEqual(
		between('2026-11-23T09:00:00.250Z', '2026-11-23T09:00:01Z'),
	);
});

test('a moment, also as an epoch, is shown with a quarter of an hour on either side', () => {
	const around = between('2026-11-23T08:45Z', '2026-11-23T09:15Z');
	expect(utc('2026-11-23 09:00')).toEqual(around);
	expect(utc(String(Date.UTC(2026, 10, 23, 9)))).toEqual(around);
	expect(utc(String(Date.UTC(2026, 10, 23, 9) / 1000))).toEqual(around);
});

test.each([
	'',
	'soon',
	'0m',
	'900000h',
	'10:00 to 09:00',
	'2026-02-30',
	'2026-13-01',
	'25:00',
	'09:61',
	'1 to 2 to 3',
	'12',
])('%j is not understood', (text) => {
	expect(utc(text)).toBeUndefined();
});

test('a range that is shown can be typed again', () => {
	fc.assert(
		fc.property(
			fc.integer({ min: Date.UTC(2001, 0), max: Date.UTC(2100, 0) }),
			fc.integer({ min: 1, max: 1e6 }),
			(start, length) => {
				const fromMs = Math.floor(start / 1000) * 1000;
				const range = absoluteRange(fromMs, fromMs + length * 1000)!;
				const shown = describeRange(range, 'utc').replace(/ UTC$/, '');
				expect(utc(shown)).toEqual(range);
			},
		),
	);
});

test('no text makes it throw, and what it understands has a start before its end', () => {
	fc.assert(
		fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9:\-tzto .]{0,40}$/)), (text) => {
			const range = utc(text);
			if (range === undefined) return;
			const { fromMs, toMs } = resolveRange(range, NOW);
			expect(fromMs).toBeLessThan(toMs);
		}),
	);
});

test('shifting makes a relative range absolute, by its own length', () => {
	const back = shiftRange({ kind: 'relative', length: '1h' }, -1, NOW);
	expect(back).toEqual({ kind: 'absolute', fromMs: NOW - 7_200_000, toMs: NOW - 3_600_000 });
	expect(shiftRange(back, 1, NOW)).toEqual({ kind: 'absolute', fromMs: NOW - 3_600_000, toMs: NOW });
});

test('zooming out doubles, and a relative range stays relative', () => {
	expect(zoomOutRange({ kind: 'relative', length: '15m' })).toEqual({ kind: 'relative', length: '1800s' });
	expect(zoomOutRange({ kind: 'relative', length: '12h' })).toEqual({ kind: 'relative', length: '1d' });
	expect(zoomOutRange({ kind: 'absolute', fromMs: NOW, toMs: NOW + 1000 })).toEqual({
		kind: 'absolute',
		fromMs: NOW - 500,
		toMs: NOW + 1500,
	});
	expect(zoomOutRange({ kind: 'relative', length: '300d' })).toEqual({ kind: 'relative', length: '300d' });
});

test('lengths are read with their unit alone', () => {
	expect(parseLength('90s')).toBe(90_000);
	expect(parseLength('1w')).toBe(604_800_000);
	for (const text of ['1', 'm', '1.5h', '0s', '-1h', '400d']) expect(parseLength(text)).toBeUndefined();
});
