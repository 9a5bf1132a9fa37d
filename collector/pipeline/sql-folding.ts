import { CODE } from './sql-characters.ts';
import { KEYWORD } from './sql-keywords.ts';
import type { SqlTokens } from './sql-tokens.ts';
import { TOKEN } from './sql-tokens.ts';

/**
 * Drops what makes one query look like many: all but the first item of `IN (?, ?, ?)`, all but the first row of
 * `VALUES (?, ?), (?, ?)`, and statements that repeat the one before. What is left stands in the text as it stood.
 */
export function foldRepetitions(tokens: SqlTokens): void {
	for (const fold of [foldInLists, foldRows, foldStatements]) {
		fold(tokens);
		if (tokens.hasDropped) tokens.compact();
		tokens.hasDropped = false;
	}
}

function foldInLists(tokens: SqlTokens): void {
	for (let i = 0; i < tokens.count; i++) {
		if (tokens.keywords[i] !== KEYWORD.in || tokens.mark(i + 1) !== CODE.open) continue;
		foldEqual(tokens, i + 2, itemEnd);
	}
}

function foldRows(tokens: SqlTokens): void {
	for (let i = 0; i < tokens.count; i++) {
		if (tokens.keywords[i] !== KEYWORD.values || tokens.mark(i + 1) !== CODE.open) continue;
		foldEqual(tokens, i + 1, rowEnd);
	}
}

/** Drops, from a list that begins at `first`, every part that is equal to the first one, with its comma. */
function foldEqual(tokens: SqlTokens, first: number, partEnd: (tokens: SqlTokens, at: number) => number): void {
	const firstEnd = partEnd(tokens, first);
	if (firstEnd < 0) return;
	let at = firstEnd;
	while (tokens.mark(at) === CODE.comma) {
		const end = partEnd(tokens, at + 1);
		if (end < 0) return;
		if (hasSameShape(tokens, first, firstEnd, at + 1, end)) tokens.drop(at, end);
		at = end;
	}
}

/** Behind the values of one item, or behind a tuple of values; -1 when anything else stands in it. */
function itemEnd(tokens: SqlTokens, start: number): number {
	let at = start;
	if (tokens.mark(start) === CODE.open) {
		at++;
		while (isValue(tokens, at) || tokens.mark(at) === CODE.comma) at++;
		return tokens.mark(at) === CODE.close ? at + 1 : -1;
	}
	while (isValue(tokens, at)) at++;
	const next = tokens.mark(at);
	return at > start && (next === CODE.comma || next === CODE.close) ? at : -1;
}

/** Behind the parenthesis that closes the row at `start`. A row ends at another VALUES, or hostile text would be read again and again. */
function rowEnd(tokens: SqlTokens, start: number): number {
	if (tokens.mark(start) !== CODE.open) return -1;
	let depth = 0;
	for (let at = start; at < tokens.count; at++) {
		const mark = tokens.mark(at);
		if (mark === CODE.open) depth++;
		else if (mark === CODE.close && --depth === 0) return at + 1;
		else if (tokens.keywords[at] === KEYWORD.values) return -1;
	}
	return -1;
}

function foldStatements(tokens: SqlTokens): void {
	let before = -1;
	let beforeEnd = -1;
	let start = 0;
	for (let at = 0; at <= tokens.count; at++) {
		if (at < tokens.count && tokens.mark(at) !== CODE.semicolon) continue;
		if (at > start && before >= 0 && hasSameShape(tokens, before, beforeEnd, start, at)) {
			tokens.drop(start - 1, at);
		} else if (at > start) {
			before = start;
			beforeEnd = at;
		}
		start = at + 1;
	}
}

/** A value, or a place for one. */
function isValue(tokens: SqlTokens, at: number): boolean {
	if (at >= tokens.count) return false;
	const kind = tokens.kinds[at];
	return kind === TOKEN.literal || kind === TOKEN.parameter || tokens.keywords[at] === KEYWORD.null;
}

/** The same tokens, where one value is as good as another. */
function hasSameShape(tokens: SqlTokens, first: number, firstEnd: number, second: number, secondEnd: number): boolean {
	const length = firstEnd - first;
	if (secondEnd - second !== length) return false;
	for (let i = 0; i < length; i++) {
		if (!isSameToken(tokens, first + i, second + i)) return false;
	}
	return true;
}

function isSameToken(tokens: SqlTokens, first: number, second: number): boolean {
	if (isValue(tokens, first)) return isValue(tokens, second);
	if (tokens.kinds[first] !== tokens.kinds[second]) return false;
	const { text } = tokens;
	const start = tokens.start(first);
	const offset = tokens.start(second) - start;
	const end = tokens.end(first);
	if (tokens.end(second) !== end + offset) return false;
	for (let i = start; i < end; i++) {
		if (text.charCodeAt(i) !== text.charCodeAt(i + offset)) return false;
	}
	return true;
}
