import { damaged } from './json-fields.ts';

const UINT64_END = 1n << 64n;

/** Nanoseconds: decimal text, number, or the pair of words that the first JavaScript SDKs sent. */
export function nanosOf(value: unknown, field: string): bigint {
	if (value === undefined || value === null || value === '') return 0n;
	const nanos = isWordPair(value) ? (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0) : integerOf(value);
	if (nanos === undefined || nanos < 0n || nanos >= UINT64_END)
		throw damaged(field, 'nanoseconds as decimal text', value);
	return nanos;
}

function isWordPair(value: unknown): value is { low: number; high: number } {
	return (
		typeof value === 'object' &&
		value !== null &&
		Object.hasOwn(value, 'low') &&
		Object.hasOwn(value, 'high') &&
		'low' in value &&
		'high' in value &&
		Number.isInteger(value.low) &&
		Number.isInteger(value.high)
	);
}

/** A whole number in any form that JSON or the parser gives it; undefined for anything else. */
export function integerOf(value: unknown): bigint | undefined {
	if (typeof value === 'bigint') return value;
	if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
	if (typeof value === 'string' && /^-?[0-9]{1,20}$/.test(value)) return BigInt(value);
	return undefined;
}

/** 64 bits, in two's complement. */
export interface Words {
	low: number;
	high: number;
}

/** As `nanosOf`, into words. */
export function readNanos(value: unknown, field: string, words: Words): void {
	if (typeof value === 'string' && readDigits(value, words)) return;
	const nanos = nanosOf(value, field);
	words.low = Number(nanos & 0xffff_ffffn);
	words.high = Number(nanos >> 32n);
}

/** What whole numbers mostly are: safe ones, or text of up to 18 digits. False, and nothing read, for all others. */
export function readInteger(value: unknown, words: Words): boolean {
	if (typeof value === 'string') return value.length < 19 && readDigits(value, words);
	if (typeof value !== 'number' || !Number.isSafeInteger(value)) return false;
	words.low = value >>> 0;
	words.high = Math.floor(value / 2 ** 32) >>> 0;
	return true;
}

const DIGITS_AT_ONCE = 6;

/** Up to 19 digits, which 64 bits hold; so many at once that each product is exact as a double. False for any other text. */
function readDigits(text: string, words: Words): boolean {
	if (text.length === 0 || text.length > 19) return false;
	let low = 0;
	let high = 0;
	for (let at = 0; at < text.length;) {
		const end = Math.min(at + DIGITS_AT_ONCE, text.length);
		let number = 0;
		let scale = 1;
		for (; at < end; at++) {
			const digit = text.charCodeAt(at) - 48;
			if (digit < 0 || digit > 9) return false;
			number = number * 10 + digit;
			scale *= 10;
		}
		const product = low * scale + number;
		low = product >>> 0;
		high = high * scale + Math.floor(product / 2 ** 32);
	}
	words.low = low;
	words.high = high;
	return true;
}
