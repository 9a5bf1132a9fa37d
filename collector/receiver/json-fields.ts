import { DecodeError } from './decode-error.ts';

/** A JSON object as parsed: its own keys are the sender's. Only known names are looked up in it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The value under the name, or under its old spelling; null counts as absent. No name of OTLP or Zipkin is one of those that
 * every object has, and `__proto__` in JSON is a name as any other: what is found is the object's own.
 */
export function member(object: JsonObject, name: string, alias?: string): unknown {
	const value = object[name];
	if (value !== undefined && value !== null) return value;
	return alias === undefined ? undefined : member(object, alias);
}

/** An error that names the field, what was expected and what was found. */
export function damaged(field: string, expected: string, value: unknown): DecodeError {
	const got =
		typeof value === 'object' ? (Array.isArray(value) ? 'an array' : 'an object') : `${typeof value} ${excerpt(value)}`;
	return new DecodeError(`${field}: ${expected} expected, ${got} found`, { field });
}

const excerpt = (value: unknown): string => JSON.stringify(String(value).slice(0, 64));

const NOTHING: JsonObject = Object.freeze({});

export function objectOf(value: unknown, field: string): JsonObject {
	if (value === undefined || value === null) return NOTHING;
	if (typeof value !== 'object' || Array.isArray(value)) throw damaged(field, 'an object', value);
	return value as JsonObject;
}

export function listOf(value: unknown, field: string): readonly unknown[] {
	if (value === undefined || value === null) return [];
	if (!Array.isArray(value)) throw damaged(field, 'an array', value);
	return value;
}

export function textOf(value: unknown, field: string): string {
	if (value === undefined || value === null) return '';
	if (typeof value !== 'string') throw damaged(field, 'a string', value);
	return value;
}

/** A uint32 as number or decimal text. */
export function uint32Of(value: unknown, field: string): number {
	if (value === undefined || value === null || value === '') return 0;
	const number = typeof value === 'string' && /^[0-9]{1,10}$/.test(value) ? Number(value) : value;
	if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number < 2 ** 32) return number;
	throw damaged(field, 'a number from 0 to 4294967295', value);
}

/** An enum as number, decimal text or name. */
export function enumOf(value: unknown, names: readonly string[], field: string): number {
	if (typeof value === 'string' && value !== '' && !/^[0-9]+$/.test(value)) {
		const number = names.indexOf(value);
		if (number < 0) throw damaged(field, `one of ${names.join(', ')}`, value);
		return number;
	}
	return uint32Of(value, field);
}

interface JsonId {
	bytes: Uint8Array;
	isBase64: boolean;
}

const NO_ID: JsonId = { bytes: new Uint8Array(), isBase64: false };
const BAD_ID: JsonId = { bytes: new Uint8Array(1), isBase64: false };

/**
 * An id of `length` bytes: hexadecimal in any case, base64 as generic proto3 encoders write it, or an array of bytes.
 * Empty when absent; of another length when it is none of these, so that the span is rejected and not the request.
 */
export function idOf(value: unknown, length: number): JsonId {
	if (value === undefined || value === null || value === '') return NO_ID;
	if (Array.isArray(value)) return { bytes: byteArray(value), isBase64: false };
	if (typeof value !== 'string') return BAD_ID;
	if (value.length === length * 2)
		return /^[0-9a-fA-F]+$/.test(value) ? { bytes: Buffer.from(value, 'hex'), isBase64: false } : BAD_ID;
	if (!/^[A-Za-z0-9+/_-]{1,22}={0,2}$/.test(value)) return BAD_ID;
	const bytes = Buffer.from(value, 'base64');
	return bytes.length === length ? { bytes, isBase64: true } : BAD_ID;
}

function byteArray(values: readonly unknown[]): Uint8Array {
	const isBytes =
		values.length <= 16 && values.every((byte) => Number.isInteger(byte) && Number(byte) >= 0 && Number(byte) < 256);
	return isBytes ? Uint8Array.from(values, Number) : BAD_ID.bytes;
}
