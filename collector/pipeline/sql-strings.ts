import { CODE, isDigit, isWordPart, isWordStart } from './sql-characters.ts';

/** PostgreSQL cuts names at 63 bytes; a tag is a name between two dollars. */
const LONGEST_TAG = 64;
const LONGEST_BRACKET_NAME = 128;

/** Where the quotes that open at `at` are closed; doubled quotes are not. -1 when they never are. */
export function quotedEnd(text: string, at: number, quote: string, backslashEscapes: boolean): number {
	if (backslashEscapes) return escapedEnd(text, at, quote.charCodeAt(0));
	let from = at + 1;
	for (;;) {
		const close = text.indexOf(quote, from);
		if (close < 0) return -1;
		if (text.charCodeAt(close + 1) !== quote.charCodeAt(0)) return close + 1;
		from = close + 2;
	}
}

function escapedEnd(text: string, at: number, quote: number): number {
	for (let i = at + 1; i < text.length; i++) {
		const code = text.charCodeAt(i);
		if (code === CODE.backslash) i++;
		else if (code === quote) {
			if (text.charCodeAt(i + 1) !== quote) return i + 1;
			i++;
		}
	}
	return -1;
}

/** Oracle: the character behind the quote, or its counterpart, closes the string: `q'[it's]'`. */
export function delimitedEnd(text: string, quoteAt: number): number {
	const opener = text.charAt(quoteAt + 1);
	const closer = { '[': ']', '(': ')', '{': '}', '<': '>' }[opener] ?? opener;
	const close = text.indexOf(`${closer}'`, quoteAt + 2);
	return close < 0 ? -1 : close + 2;
}

/** Where the tag `$…$` at `at` ends; -1 when there is none. */
export function dollarTagEnd(text: string, at: number): number {
	if (isDigit(text.charCodeAt(at + 1))) return -1;
	const limit = Math.min(text.length, at + LONGEST_TAG);
	for (let i = at + 1; i < limit; i++) {
		const code = text.charCodeAt(i);
		if (code === CODE.dollar) return i + 1;
		if (!isWordPart(code)) return -1;
	}
	return -1;
}

/** Where a name like `[Order Details]` ends; -1 when what stands there may be an array. */
export function bracketNameEnd(text: string, at: number): number {
	if (!isWordStart(text.charCodeAt(at + 1))) return -1;
	const limit = Math.min(text.length, at + LONGEST_BRACKET_NAME);
	for (let i = at + 2; i < limit; i++) {
		const code = text.charCodeAt(i);
		if (code === CODE.closeBracket) return i + 1;
		if (!isWordPart(code) && code !== CODE.space) return -1;
	}
	return -1;
}

/** Where the block comment at `at` ends; the end of the text when it isn't closed. */
export function blockCommentEnd(text: string, at: number, nested: boolean): number {
	let depth = 1;
	let from = at + 2;
	while (depth > 0) {
		const close = text.indexOf('*/', from);
		if (close < 0) return text.length;
		if (nested) depth += openings(text, from, close);
		depth--;
		from = close + 2;
	}
	return from;
}

/** How many comments open between `from` and `to`, where none is closed. */
function openings(text: string, from: number, to: number): number {
	let count = 0;
	for (let i = from; i < to; i++) {
		if (text.charCodeAt(i) !== CODE.slash || text.charCodeAt(i + 1) !== CODE.star) continue;
		// The star of `/*/` belongs to the opening: it closes nothing.
		if (i + 1 < to) count++;
		i++;
	}
	return count;
}
