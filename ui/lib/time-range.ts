import { datePartsOf, formatWindow } from './time-format.ts';
import type { Zone } from './time-format.ts';

/** Either a length that ends now, or two fixed ends; never both. */
export type TimeRange = { kind: 'relative'; length: string } | { kind: 'absolute'; fromMs: number; toMs: number };

export const DEFAULT_RANGE: TimeRange = { kind: 'relative', length: '1h' };
export const PRESETS = ['5m', '15m', '1h', '3h', '6h', '24h', '2d', '7d', '30d'] as const;

const UNIT_MS: ReadonlyMap<string, number> = new Map([
	['s', 1000],
	['m', 60_000],
	['h', 3_600_000],
	['d', 86_400_000],
	['w', 7 * 86_400_000],
]);
const MAX_LENGTH_MS = 366 * 86_400_000;
/** Ends lie between 2000 and 2200: anything else is a slip of the keyboard or the wrong unit. */
const MIN_MS = Date.UTC(2000, 0, 1);
const MAX_MS = Date.UTC(2200, 0, 1);

/** Milliseconds of `90s`, `15m`, `2h`, `7d`, `1w`; undefined otherwise. */
export function parseLength(text: string): number | undefined {
	const match = /^(\d{1,6})([smhdw])$/.exec(text);
	const unit = UNIT_MS.get(match?.[2] ?? '');
	if (match === null || unit === undefined) return undefined;
	const ms = Number(match[1]) * unit;
	return ms > 0 && ms <= MAX_LENGTH_MS ? ms : undefined;
}

export function absoluteRange(fromMs: number, toMs: number): TimeRange | undefined {
	const areWhole = Number.isSafeInteger(fromMs) && Number.isSafeInteger(toMs);
	if (!areWhole || fromMs >= toMs || fromMs < MIN_MS || toMs > MAX_MS) return undefined;
	return { kind: 'absolute', fromMs, toMs };
}

/** The range as two ends, for charts, links and shifting. */
export function resolveRange(range: TimeRange, nowMs: number): { fromMs: number; toMs: number } {
	if (range.kind === 'absolute') return { fromMs: range.fromMs, toMs: range.toMs };
	return { fromMs: nowMs - (parseLength(range.length) ?? 3_600_000), toMs: nowMs };
}

/**
 * What a person types: `15m`, `last 2 hours`, `yesterday`, `09:00 to 10:00`, `2026-11-23 09:00 to 10:00`,
 * `2026-11-23`, seconds or milliseconds since the epoch. Undefined when it isn't understood.
 */
export function parseTimeText(text: string, nowMs: number, zone: Zone): TimeRange | undefined {
	const plain = text.trim().toLowerCase().replaceAll(/\s+/g, ' ');
	return (
		relativeText(plain) ?? namedDay(plain, nowMs, zone) ?? twoEnds(plain, nowMs, zone) ?? oneMoment(plain, nowMs, zone)
	);
}

const LONG_UNITS: ReadonlyMap<string, string> = new Map([
	...['s', 'sec', 'secs', 'second', 'seconds'].map((word) => [word, 's'] as const),
	...['m', 'min', 'mins', 'minute', 'minutes'].map((word) => [word, 'm'] as const),
	...['h', 'hr', 'hrs', 'hour', 'hours'].map((word) => [word, 'h'] as const),
	...['d', 'day', 'days'].map((word) => [word, 'd'] as const),
	...['w', 'week', 'weeks'].map((word) => [word, 'w'] as const),
]);

function relativeText(plain: string): TimeRange | undefined {
	const match = /^(?:last |past |now-)?(\d{1,6}) ?([a-z]+)$/.exec(plain);
	const unit = LONG_UNITS.get(match?.[2] ?? '');
	if (match === null || unit === undefined) return undefined;
	const length = `${Number(match[1])}${unit}`;
	return parseLength(length) === undefined ? undefined : { kind: 'relative', length };
}

function namedDay(plain: string, nowMs: number, zone: Zone): TimeRange | undefined {
	const today = datePartsOf(nowMs, zone);
	if (plain === 'today') return absoluteRange(moment(zone, today.year, today.month, today.day), nowMs);
	const day = plain === 'yesterday' ? { ...today, day: today.day - 1 } : dayOf(plain);
	if (day === undefined) return undefined;
	return absoluteRange(moment(zone, day.year, day.month, day.day), moment(zone, day.year, day.month, day.day + 1));
}

function twoEnds(plain: string, nowMs: number, zone: Zone): TimeRange | undefined {
	const [left, right, ...more] = plain.split(/ (?:to|until|-|–|—) /);
	if (left === undefined || right === undefined || more.length > 0) return undefined;
	const fromMs = parseMoment(left, nowMs, zone, nowMs);
	if (fromMs === undefined) return undefined;
	// `2026-11-23 09:00 to 10:00`: the day of the first end serves both.
	const toMs = parseMoment(right, nowMs, zone, fromMs);
	return toMs === undefined ? undefined : absoluteRange(fromMs, toMs);
}

/** A single moment is shown with a quarter of an hour on either side. */
function oneMoment(plain: string, nowMs: number, zone: Zone): TimeRange | undefined {
	const ms = parseMoment(plain, nowMs, zone, nowMs);
	return ms === undefined ? undefined : absoluteRange(ms - 15 * 60_000, ms + 15 * 60_000);
}

function parseMoment(text: string, nowMs: number, zone: Zone, dayOfMs: number): number | undefined {
	if (text === 'now') return nowMs;
	if (/^\d{10}$/.test(text)) return Number(text) * 1000;
	if (/^\d{13}$/.test(text)) return Number(text);
	const match = /^(\d[\d-]{7,9})?[t ]?(\d{1,2}:\d{2}[\d:.]*)?(z)?$/.exec(text);
	if (match === null || (match[1] === undefined && match[2] === undefined)) return undefined;
	const readIn = match[3] === undefined ? zone : 'utc';
	const day = match[1] === undefined ? datePartsOf(dayOfMs, readIn) : dayOf(match[1]);
	const clock = clockOf(match[2] ?? '0:00');
	if (day === undefined || clock === undefined) return undefined;
	return moment(readIn, day.year, day.month, day.day, ...clock);
}

/** Hour, minute, second and millisecond of `9:00`, `09:31:02.118`. */
function clockOf(text: string): [hour: number, minute: number, second: number, milli: number] | undefined {
	const match = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?$/.exec(text);
	if (match === null) return undefined;
	const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
	if (hour > 24 || minute > 59 || second > 59) return undefined;
	return [hour, minute, second, Number((match[4] ?? '0').padEnd(3, '0'))];
}

function dayOf(text: string): { year: number; month: number; day: number } | undefined {
	const match = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
	if (match === null) return undefined;
	const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
	const isDay = month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
	return isDay ? { year, month, day } : undefined;
}

function moment(
	zone: Zone,
	year: number,
	month: number,
	day: number,
	hour = 0,
	minute = 0,
	second = 0,
	milli = 0,
): number {
	if (zone === 'utc') return Date.UTC(year, month - 1, day, hour, minute, second, milli);
	return new Date(year, month - 1, day, hour, minute, second, milli).getTime();
}

/** One step back or forward, by its own length. A relative range becomes absolute, as its end is no longer now. */
export function shiftRange(range: TimeRange, direction: -1 | 1, nowMs: number): TimeRange {
	const { fromMs, toMs } = resolveRange(range, nowMs);
	const length = toMs - fromMs;
	return absoluteRange(fromMs + direction * length, toMs + direction * length) ?? range;
}

/** Twice as long around the same middle; a relative range stays relative. */
export function zoomOutRange(range: TimeRange): TimeRange {
	if (range.kind === 'relative') {
		const ms = (parseLength(range.length) ?? 3_600_000) * 2;
		const length =
			ms % 86_400_000 === 0 ? `${ms / 86_400_000}d` : ms % 3_600_000 === 0 ? `${ms / 3_600_000}h` : `${ms / 1000}s`;
		return parseLength(length) === undefined ? range : { kind: 'relative', length };
	}
	const half = Math.round((range.toMs - range.fromMs) / 2);
	return absoluteRange(range.fromMs - half, range.toMs + half) ?? range;
}

const UNIT_WORDS: ReadonlyMap<string, string> = new Map([
	['s', 'second'],
	['m', 'minute'],
	['h', 'hour'],
	['d', 'day'],
	['w', 'week'],
]);

/** `Last 15 minutes`, `2026-11-23 09:00 – 10:00 UTC`. */
export function describeRange(range: TimeRange, zone: Zone): string {
	if (range.kind === 'absolute') return formatWindow(range.fromMs, range.toMs, zone);
	const count = Number.parseInt(range.length, 10);
	const word = UNIT_WORDS.get(range.length.slice(-1)) ?? '';
	return count === 1 ? `Last ${word}` : `Last ${count} ${word}s`;
}
