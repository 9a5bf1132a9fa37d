/** A piece of a query: only keywords are told apart, to be set off. */
export interface SqlPiece {
	text: string;
	isKeyword: boolean;
}

/** Strings in any quotes (a doubled quote stays inside), comments, words, and what is between them. */
const PIECES =
	/'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`[^`]*`?|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[\p{L}_][\p{L}\p{N}_$]*|[^\p{L}_'"`/-]+|[\s\S]/gu;
const KEYWORDS: ReadonlySet<string> = new Set(
	(
		'SELECT FROM WHERE GROUP HAVING ORDER LIMIT OFFSET UNION EXCEPT INTERSECT INSERT UPDATE DELETE VALUES SET RETURNING ' +
		'WITH WINDOW JOIN LEFT RIGHT INNER OUTER FULL CROSS NATURAL LATERAL AND OR AS ON IN IS NOT NULL BY INTO LIKE ILIKE ' +
		'BETWEEN EXISTS CASE WHEN THEN ELSE END DISTINCT ALL ASC DESC USING OVER PARTITION CONFLICT DO NOTHING FOR TRUE FALSE'
	).split(' '),
);

/** The text in pieces, none left out. */
export function sqlPieces(text: string): SqlPiece[] {
	const pieces: SqlPiece[] = [];
	for (const [found] of text.matchAll(PIECES)) {
		const isKeyword = KEYWORDS.has(found.toUpperCase());
		const last = pieces.at(-1);
		if (last !== undefined && last.isKeyword === isKeyword) last.text += found;
		else pieces.push({ text: found, isKeyword });
	}
	return pieces;
}
