/** Reads values of a document that strangers wrote, and says where it is not what it should be. */

/** A file that can't be shown: the message says where, what was expected and what was found. */
export class TraceFileError extends Error {
	override readonly name = 'TraceFileError';
}

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

export function fail(where: string, expected: string, found: unknown): never {
	throw new TraceFileError(`${where}: expected ${expected}, found ${describe(found)}`);
}

function describe(value: unknown): string {
	if (value === undefined) return 'nothing';
	if (Array.isArray(value)) return `a list of ${value.length}`;
	if (isObject(value)) return `an object with ${Object.keys(value).slice(0, 4).join(', ') || 'nothing in it'}`;
	const text = JSON.stringify(value);
	return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

export function objectAt(value: unknown, where: string): JsonObject {
	return isObject(value) ? value : fail(where, 'an object', value);
}

/** Absent and null are empty. */
export function listAt(value: unknown, where: string): readonly unknown[] {
	if (value === undefined || value === null) return [];
	return Array.isArray(value) ? value : fail(where, 'a list', value);
}

/** Empty for anything that is no text. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export const countOf = (value: unknown): number => {
	const number = Number(value ?? 0);
	return Number.isSafeInteger(number) && number >= 0 ? number : 0;
};

const LATEST_NANO = 2n ** 64n - 1n;

/** Whole nanoseconds, as text or number, times `unit`. */
export function nanoAt(value: unknown, where: string, unit = 1n): bigint {
	const isWhole = typeof value === 'number' ? Number.isFinite(value) && value >= 0 : /^\d{1,20}$/.test(textOf(value));
	if (!isWhole) fail(where, unit === 1n ? 'nanoseconds since the epoch' : 'microseconds', value);
	const nano = typeof value === 'number' ? nanoOf(value, unit) : BigInt(textOf(value)) * unit;
	return nano <= LATEST_NANO ? nano : fail(where, 'a time before the year 2554', value);
}

/** Today's microseconds are exact in a number, their nanoseconds are not. */
const nanoOf = (value: number, unit: bigint): bigint =>
	BigInt(Math.trunc(value)) * unit + BigInt(Math.round((value % 1) * Number(unit)));

/**
 * An id as hexadecimal digits: those, with leading zeros added; base64, as some write bytes in JSON; and for anything
 * else a hash of the text, so that equal ids stay equal. Empty for none.
 */
export function hexId(value: unknown, digits: 16 | 32): string {
	const text = textOf(value).trim();
	if (text === '' || /^0+$/.test(text)) return '';
	if (/^[0-9a-f]+$/i.test(text) && text.length <= digits) return text.toLowerCase().padStart(digits, '0');
	// Zipkin and Jaeger may write 128 bits where 64 are asked for.
	if (/^[0-9a-f]{32}$/i.test(text)) return text.slice(-digits).toLowerCase();
	return fromBase64(text, digits / 2) ?? hashed(text).padStart(digits, '0');
}

function fromBase64(text: string, bytes: number): string | undefined {
	if (text.length !== Math.ceil(bytes / 3) * 4 || !/^[A-Za-z0-9+/]+=*$/.test(text)) return undefined;
	const decoded = atob(text);
	if (decoded.length !== bytes) return undefined;
	return Array.from(decoded, (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

/** FNV-1a, 64 bits. */
function hashed(text: string): string {
	let hash = 0xcbf2_9ce4_8422_2325n;
	for (let i = 0; i < text.length; i++) {
		hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(i))) * 0x100_0000_01b3n);
	}
	return hash.toString(16).padStart(16, '0');
}
