/** A piece of a query: only keywords are told apart, to be set off. */
export interface SqlPiece {
	text: string;
	isKeyword: boolean;
}

/** Strings in any quotes (a doubled quote stays inside), comments, words, spaces, and single characters. */
const PIECES =
	/'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`[^`]*`?|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[\p{L}_][\p{L}\p{N}_$]*|\s+|[\s\S]/gu;
/** Each of these begins a line. */
const CLAUSES: ReadonlySet<string> = new Set(
	'SELECT FROM WHERE GROUP HAVING ORDER LIMIT OFFSET UNION EXCEPT INTERSECT INSERT UPDATE DELETE VALUES SET RETURNING WITH WINDOW'.split(
		' ',
	),
);
const JOINS: ReadonlySet<string> = new Set('JOIN LEFT RIGHT INNER OUTER FULL CROSS NATURAL LATERAL'.split(' '));
const INNER: ReadonlySet<string> = new Set('AND OR'.split(' '));
const OTHERS: ReadonlySet<string> = new Set(
	'AS ON IN IS NOT NULL BY INTO LIKE ILIKE BETWEEN EXISTS CASE WHEN THEN ELSE END DISTINCT ALL ASC DESC USING OVER PARTITION CONFLICT DO NOTHING FOR TRUE FALSE'.split(
		' ',
	),
);
/** Longer ones are shown as they are: nobody reads them line by line. */
const LONGEST = 20_000;

/** A query laid out a clause a line. What it says is not touched: without spaces it is the same text. */
export function formatSql(text: string): SqlPiece[] {
	if (text.length > LONGEST) return [{ text, isKeyword: false }];
	const pieces: SqlPiece[] = [];
	let depth = 0;
	let before = '';
	for (const [found] of text.trim().matchAll(PIECES)) {
		depth = depthAfter(depth, found);
		const word = found.toUpperCase();
		const isSpace = found.trim() === '';
		if (isSpace && pieces.at(-1)?.text.endsWith('\n') === true) continue;
		const indent = '  '.repeat(depth);
		if (startsLine(word, before, pieces))
			pieces.push({ text: `\n${indent}${INNER.has(word) ? '  ' : ''}`, isKeyword: false });
		pieces.push({ text: isSpace ? ' ' : found, isKeyword: isKeyword(word) });
		// A comment ends with its line.
		if (found.startsWith('--')) pieces.push({ text: '\n', isKeyword: false });
		if (!isSpace) before = word;
	}
	return pieces;
}

const depthAfter = (depth: number, piece: string): number =>
	piece === '(' ? depth + 1 : piece === ')' ? Math.max(0, depth - 1) : depth;

const isKeyword = (word: string): boolean =>
	CLAUSES.has(word) || JOINS.has(word) || INNER.has(word) || OTHERS.has(word);

function startsLine(word: string, before: string, pieces: readonly SqlPiece[]): boolean {
	if (pieces.length === 0) return false;
	if (JOINS.has(word)) return !JOINS.has(before);
	if (INNER.has(word)) return true;
	// `DELETE FROM`, `FOR UPDATE`, `ON CONFLICT DO UPDATE SET`: the first word has begun the line.
	if (word === 'FROM' && before === 'DELETE') return false;
	if (word === 'UPDATE' && (before === 'FOR' || before === 'DO')) return false;
	return CLAUSES.has(word);
}
