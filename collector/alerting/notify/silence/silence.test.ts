import { expect, test } from 'vitest';
import { FOREVER_MS } from '../../../../schema/alert.ts';
import { activeUntil, nextOccurrences, readSilence, silencedUntil } from './silence.ts';
import type { SilenceSpec } from './silence.ts';

const silence = (spec: Partial<SilenceSpec>) =>
	readSilence({ match: {}, timeZone: 'UTC', reason: 'maintenance', ...spec });
const at = (text: string): number => Date.parse(text);
const until = (spec: Partial<SilenceSpec>, now: string): string | null => {
	const end = activeUntil(silence(spec), at(now));
	return end === null ? null : new Date(end).toISOString();
};
const every = (days: NonNullable<SilenceSpec['every']>['days'], time: string, length: string) => ({
	days,
	at: time,
	for: length,
});
const allDays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

test('a silence counts from its start, and no longer at its end', () => {
	const spec = { from: '2026-11-28T10:00:00Z', until: '2026-11-28T12:00:00Z' };
	expect(until(spec, '2026-11-28T09:59:59.999Z')).toBeNull();
	expect(until(spec, '2026-11-28T10:00:00Z')).toBe('2026-11-28T12:00:00.000Z');
	expect(until(spec, '2026-11-28T11:59:59.999Z')).toBe('2026-11-28T12:00:00.000Z');
	expect(until(spec, '2026-11-28T12:00:00Z')).toBeNull();
	expect(activeUntil(silence({}), at('2026-11-28T12:00:00Z'))).toBe(FOREVER_MS);
});

test('times without an offset are those of the zone, on both sides of its change', () => {
	const berlin = { timeZone: 'Europe/Berlin', from: '2026-03-28T12:00', until: '2026-03-29T12:00' };
	expect(until(berlin, '2026-03-28T11:00:00Z')).toBe('2026-03-29T10:00:00.000Z');
	expect(until(berlin, '2026-03-28T10:59:59Z')).toBeNull();
	expect(until({ timeZone: 'Europe/Berlin', until: '2026-07-01T12:00:00+00:00' }, '2026-06-30T00:00:00Z')).toBe(
		'2026-07-01T12:00:00.000Z',
	);
});

test.each([
	// 29 March 2026: the clock in Berlin goes from 02:00 to 03:00. 02:30 isn't there: it begins at 03:30.
	['2026-03-29T00:59:00Z', null],
	['2026-03-29T01:00:00Z', null],
	['2026-03-29T01:30:00Z', '2026-03-29T02:30:00.000Z'],
	['2026-03-29T02:29:59Z', '2026-03-29T02:30:00.000Z'],
	['2026-03-29T02:30:00Z', null],
	// The day before and the day after, at one and at two hours from UTC.
	['2026-03-28T01:30:00Z', '2026-03-28T02:30:00.000Z'],
	['2026-03-30T00:30:00Z', '2026-03-30T01:30:00.000Z'],
	// 25 October 2026: 02:30 comes twice; the first counts, and only that.
	['2026-10-25T00:29:59Z', null],
	['2026-10-25T00:30:00Z', '2026-10-25T01:30:00.000Z'],
	['2026-10-25T01:29:59Z', '2026-10-25T01:30:00.000Z'],
	['2026-10-25T01:30:00Z', null],
])('02:30 for an hour in Berlin at %s: until %s', (now, expected) => {
	expect(until({ every: every([...allDays], '02:30', '1h'), timeZone: 'Europe/Berlin' }, now)).toBe(expected);
});

test.each([
	// A window that spans the change lasts as long as it says, whatever the clock shows.
	['America/New_York', '2026-03-08T04:00:00Z', '22:00', '6h', '2026-03-08T09:00:00.000Z'],
	['America/New_York', '2026-11-01T04:00:00Z', '22:00', '6h', '2026-11-01T08:00:00.000Z'],
	// Half-hour zones, and one whose summer time is half an hour.
	['Asia/Kolkata', '2026-05-01T20:00:00Z', '01:00', '1h', '2026-05-01T20:30:00.000Z'],
	['Australia/Lord_Howe', '2026-07-01T15:45:00Z', '02:00', '1h', '2026-07-01T16:30:00.000Z'],
	// The day is that of the zone, beyond the date line too.
	['Pacific/Kiritimati', '2026-05-01T10:30:00Z', '00:00', '1h', '2026-05-01T11:00:00.000Z'],
])('in %s at %s: %s for %s lasts until %s', (timeZone, now, time, length, expected) => {
	expect(until({ every: every([...allDays], time, length), timeZone }, now)).toBe(expected);
});

test('days are those on which it starts', () => {
	const weekend = { every: every(['fri'], '22:00', '2d12h'), timeZone: 'UTC' };
	// 27 November 2026 is a Friday.
	expect(until(weekend, '2026-11-27T21:59:59Z')).toBeNull();
	expect(until(weekend, '2026-11-27T22:00:00Z')).toBe('2026-11-30T10:00:00.000Z');
	expect(until(weekend, '2026-11-30T09:59:59Z')).toBe('2026-11-30T10:00:00.000Z');
	expect(until(weekend, '2026-11-30T10:00:00Z')).toBeNull();
	expect(until({ every: every([], '22:00', '1h') }, '2026-11-27T22:30:00Z')).toBeNull();
});

test('occurrences that overlap end with the last of them, and with the silence', () => {
	const daily = every([...allDays], '00:00', '36h');
	expect(until({ every: daily }, '2026-11-28T06:00:00Z')).toBe('2026-11-29T12:00:00.000Z');
	expect(until({ every: daily, until: '2026-11-28T08:00:00Z' }, '2026-11-28T06:00:00Z')).toBe(
		'2026-11-28T08:00:00.000Z',
	);
	expect(until({ every: daily, from: '2026-11-28T08:00:00Z' }, '2026-11-28T06:00:00Z')).toBeNull();
});

test('it silences what it matches', () => {
	const checkout = silence({ match: { service: 'shop/*' }, until: '2026-11-28T12:00:00Z' });
	const now = at('2026-11-28T10:00:00Z');
	expect(silencedUntil(checkout, { service: ['shop/checkout'] }, now)).toBe(at('2026-11-28T12:00:00Z'));
	expect(silencedUntil(checkout, { service: ['other'] }, now)).toBeNull();
});

test.each([
	[{ timeZone: 'Mars/Olympus' }, 'timeZone is "Mars/Olympus"'],
	[{ timeZone: '' }, 'timeZone is ""'],
	[{ from: 'tomorrow' }, 'from is "tomorrow"'],
	[{ until: '2026-13-01T00:00' }, 'until is "2026-13-01T00:00"'],
	[{ until: '2026-02-30T00:00:00Z' }, 'until is'],
	[{ from: '2026-11-28T10:00', until: '2026-11-28T10:00' }, 'until is not after from'],
	[{ every: every(['mon'], '24:00', '1h') }, 'every.at is "24:00"'],
	[{ every: every(['mon'], '2:30', '1h') }, 'every.at is "2:30"'],
	[{ every: every(['mon'], '02:30', '32d') }, 'every.for is "32d"'],
	[{ every: every(['mon'], '02:30', '0s') }, 'every.for is "0s"'],
])('%j is refused: %s', (spec, message) => {
	expect(() => silence(spec as Partial<SilenceSpec>)).toThrow(message);
});

test.each([
	[
		'each night, over the change of the clock in spring',
		{ timeZone: 'Europe/Berlin', every: every([...allDays], '02:30', '1h') },
		'2026-03-26T12:00:00Z',
	],
	[
		'at weekends, over the change in autumn',
		{ timeZone: 'Europe/Berlin', every: every(['sat', 'sun'], '02:30', '30h') },
		'2026-10-24T03:00:00Z',
	],
	[
		'once a week for days, begun',
		{ timeZone: 'Pacific/Auckland', every: every(['mon'], '23:15', '3d') },
		'2026-11-25T00:15:00Z',
	],
	[
		'between two dates',
		{ from: '2026-12-02T03:00', until: '2026-12-05T02:30', every: every([...allDays], '02:00', '2h') },
		'2026-11-28T12:00:00Z',
	],
	['overlapping', { every: every(['mon', 'tue'], '06:00', '36h') }, '2026-11-28T12:00:00Z'],
] as const)('the next occurrences are the quarters of an hour in which it is in force: %s', (_, spec, now) => {
	const read = silence(spec);
	const next = nextOccurrences(read, at(now), 4);
	const lastMs = next.at(-1)!.fromMs;
	expect(next).toHaveLength(4);
	const wrong: string[] = [];
	for (let ms = at(now); ms <= lastMs; ms += 900_000) {
		const isIn = next.some(({ fromMs, untilMs }) => ms >= fromMs && ms < untilMs);
		if (isIn !== (activeUntil(read, ms) !== null)) wrong.push(new Date(ms).toISOString());
	}
	expect(wrong).toEqual([]);
});

test('what has no occurrence is not looked for without end; what does not come back has one', () => {
	const now = at('2026-11-28T12:00:00Z');
	expect(nextOccurrences(silence({ every: every([], '02:00', '1h') }), now, 4)).toEqual([]);
	expect(nextOccurrences(silence({ until: '2026-11-28T12:00', every: every(['sat'], '02:00', '1h') }), now, 4)).toEqual(
		[],
	);
	expect(nextOccurrences(silence({ until: '2026-11-29T12:00' }), now, 4)).toEqual([
		{ fromMs: -FOREVER_MS, untilMs: at('2026-11-29T12:00:00Z') },
	]);
});
