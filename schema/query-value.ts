/** What a value means that was written without quotes: a number, a duration, a range, a wildcard or a text. */
import type { DurationValue, NumberValue, Value } from './query-syntax.ts';

const NUMBER = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

const NANO_PER_UNIT = new Map<string, bigint>([
	['ns', 1n],
	['us', 1_000n],
	['µs', 1_000n],
	// The Greek letter, which some keyboards type for the micro sign.
	['μs', 1_000n],
	['ms', 1_000_000n],
	['s', 1_000_000_000n],
	['m', 60_000_000_000n],
	['h', 3_600_000_000_000n],
	['d', 86_400_000_000_000n],
	['w', 604_800_000_000_000n],
]);
const DURATION_PART = /(\d{1,18})(?:\.(\d{1,18}))?(ns|us|µs|μs|ms|s|m|h|d|w)/gy;

/** Durations are stored as unsigned 64-bit nanoseconds. */
const MAX_NANO = 2n ** 64n - 1n;

export const isNumber = (text: string): boolean => NUMBER.test(text);

/** Nanoseconds of `500ms`, `1.5s` or `1h30m`, cut to whole ones; undefined where the text is no duration. */
export function parseDuration(text: string): bigint | undefined {
	let nano = 0n;
	let end = 0;
	for (const [part, whole = '', fraction = '', unit = ''] of text.matchAll(DURATION_PART)) {
		const perUnit = NANO_PER_UNIT.get(unit) ?? 0n;
		nano += (BigInt(whole + fraction) * perUnit) / 10n ** BigInt(fraction.length);
		end += part.length;
	}
	return end === text.length && end > 0 && nano <= MAX_NANO ? nano : undefined;
}

/** The unit that a duration ends with. */
const unitOf = (duration: string): string => /[^\d.]+$/.exec(duration)?.[0] ?? '';

function numberValue(text: string): NumberValue | undefined {
	return isNumber(text) ? { kind: 'number', text } : undefined;
}

function durationValue(text: string): DurationValue | undefined {
	const nano = parseDuration(text);
	return nano === undefined ? undefined : { kind: 'duration', text, nano };
}

/** `a..b` where both sides are numbers or durations and at most one is open; undefined for any other text. */
function rangeValue(text: string): Value | undefined {
	const dots = text.indexOf('..');
	if (dots === -1) return undefined;
	const left = text.slice(0, dots);
	const right = text.slice(dots + 2);
	const numbers = sides(left, right, numberValue);
	if (numbers !== undefined) return { kind: 'range', ...numbers };
	const unit = unitOf(right);
	const durations = sides(isNumber(left) && unit !== '' ? left + unit : left, right, durationValue);
	return durations === undefined ? undefined : { kind: 'durations', ...durations };
}

function sides<Side>(
	left: string,
	right: string,
	read: (text: string) => Side | undefined,
): { from?: Side; to?: Side } | undefined {
	const from = left === '' ? undefined : read(left);
	const to = right === '' ? undefined : read(right);
	if (from === undefined && to === undefined) return undefined;
	if ((left !== '' && from === undefined) || (right !== '' && to === undefined)) return undefined;
	return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

/**
 * @param pieces of the text between its wildcards, escapes resolved
 * @param escaped whether anything was escaped, which makes it a text
 */
export function bareValue(pieces: readonly string[], escaped: boolean): Value {
	if (pieces.length > 1) return { kind: 'wildcard', pieces };
	const text = pieces[0] ?? '';
	if (escaped) return { kind: 'text', text };
	if (text === 'true' || text === 'false') return { kind: 'boolean', text };
	return rangeValue(text) ?? numberValue(text) ?? durationValue(text) ?? { kind: 'text', text };
}
