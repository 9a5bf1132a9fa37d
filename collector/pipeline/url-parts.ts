/** A piece of some bytes. One object is written again and again: nothing is allocated for a URL. */
export class ByteRange {
	start = 0;
	end = 0;
}

const SLASH = 0x2f;
const COLON = 0x3a;
const AT = 0x40;
const QUESTION = 0x3f;
const HASH = 0x23;
const CLOSING_BRACKET = 0x5d;

/** The first of the given bytes, or the end. */
function find(bytes: Uint8Array, start: number, end: number, a: number, b = a, c = a): number {
	for (let i = start; i < end; i++) {
		const byte = bytes[i];
		if (byte === a || byte === b || byte === c) return i;
	}
	return end;
}

/** `example.com:8080` → `example.com`, `[::1]:80` → `[::1]`. */
function host(bytes: Uint8Array, start: number, end: number, range: ByteRange): void {
	range.start = start;
	const bracket = find(bytes, start, end, CLOSING_BRACKET);
	range.end = bracket < end ? bracket + 1 : find(bytes, start, end, COLON);
}

/** Where the authority of `scheme://authority/path` begins, or -1 when it is no such URL. */
function authorityStart(bytes: Uint8Array, start: number, end: number): number {
	const colon = find(bytes, start, end, COLON, SLASH);
	const isAbsolute = bytes[colon] === COLON && bytes[colon + 1] === SLASH && bytes[colon + 2] === SLASH;
	return isAbsolute && colon + 3 <= end ? colon + 3 : -1;
}

function hostOfUrl(bytes: Uint8Array, start: number, end: number, range: ByteRange): void {
	const authority = authorityStart(bytes, start, end);
	if (authority < 0) {
		range.start = range.end = start;
		return;
	}
	const authorityEnd = find(bytes, authority, end, SLASH, QUESTION, HASH);
	let hostStart = authority;
	for (let i = authority; i < authorityEnd; i++) {
		if (bytes[i] === AT) hostStart = i + 1;
	}
	host(bytes, hostStart, authorityEnd, range);
}

/** `/users?id=1#top` → `/users`. */
function pathOfTarget(bytes: Uint8Array, start: number, end: number, range: ByteRange): void {
	range.start = start;
	range.end = find(bytes, start, end, QUESTION, HASH);
}

function pathOfUrl(bytes: Uint8Array, start: number, end: number, range: ByteRange): void {
	const authority = authorityStart(bytes, start, end);
	const from = authority < 0 ? start : find(bytes, authority, end, SLASH, QUESTION, HASH);
	pathOfTarget(bytes, from, end, range);
}

export const URL_PARTS = { host, hostOfUrl, pathOfTarget, pathOfUrl } as const;
