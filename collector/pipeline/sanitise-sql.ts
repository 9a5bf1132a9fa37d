import { isBlank } from './sql-characters.ts';
import type { SqlDialect } from './sql-dialect.ts';
import { foldRepetitions } from './sql-folding.ts';
import { readSql } from './sql-lexer.ts';
import { SqlTokens, TOKEN } from './sql-tokens.ts';
import type { QueryHash } from './query-hash.ts';
import { cutQuery } from './query-cut.ts';
import { summariseSql } from './summarise-sql.ts';

export interface SanitisedSql {
	/** The query without comments and with `?` for every literal. */
	text: string;
	/** Operations and what they work on: `SELECT orders customers`. Empty when there is no operation. */
	summary: string;
	/** How many statements stand in `text`. */
	statements: number;
	/** Adds the tokens to a hash, values and places for values alike. */
	addTo: (hash: QueryHash) => void;
}

/**
 * What a query has in common with others of its kind. Never throws, takes time in proportion to its length.
 * Source: semantic conventions, docs/db/database-spans.md, "Sanitization of db.query.text".
 * `tokens` is working space; it may be used again as soon as the result's `addTo` is no longer needed.
 */
export function sanitiseSql(query: string, dialect: SqlDialect, tokens: SqlTokens = new SqlTokens()): SanitisedSql {
	const { text, wasCut } = cutQuery(query);
	readSql(text, dialect, tokens);
	foldRepetitions(tokens);
	return {
		text: renderSql(tokens) + (wasCut ? '…' : ''),
		...summariseSql(tokens),
		addTo: (hash) => addTokens(tokens, hash),
	};
}

/** What is kept is kept as it stands, blanks included; it is copied in pieces as long as possible. */
function renderSql(tokens: SqlTokens): string {
	const output = new TextWithoutComments(tokens);
	for (let i = 0; i < tokens.count; i++) {
		const before = tokens.end(i - 1);
		const lead = tokens.leads[i] ?? before;
		if (i > 0 && lead > before) output.jump(before, lead);
		if (tokens.kinds[i] === TOKEN.literal) output.replace(tokens.start(i), tokens.end(i));
	}
	const lastEnd = tokens.end(tokens.count - 1);
	if (tokens.tail > lastEnd) output.jump(lastEnd, tokens.tail);
	return output.finish();
}

/** Copies the text of the tokens up to given places, leaving the comments out. */
class TextWithoutComments {
	readonly #tokens: SqlTokens;
	#output = '';
	/** What stands before is in the output already. */
	#from = 0;
	#comment = 0;
	/** The output ends with a blank, or is empty. */
	#isBlank = true;

	constructor(tokens: SqlTokens) {
		this.#tokens = tokens;
	}

	replace(start: number, end: number): void {
		this.#copyTo(start);
		this.#output += '?';
		this.#isBlank = false;
		this.#from = end;
	}

	jump(from: number, to: number): void {
		this.#copyTo(from);
		this.#from = to;
	}

	finish(): string {
		const { text } = this.#tokens;
		this.#copyTo(text.length);
		return this.#output.trim();
	}

	#copyTo(end: number): void {
		const { text, comments, commentCount } = this.#tokens;
		while (this.#comment < commentCount) {
			const start = comments[this.#comment * 2] ?? 0;
			if (start >= end) break;
			const commentEnd = comments[this.#comment * 2 + 1] ?? 0;
			this.#comment++;
			if (start < this.#from) continue;
			this.#append(this.#from, start);
			this.#from = commentEnd;
			// A comment separates as a blank does: without it `a/**/b` would become another name.
			if (!this.#isBlank && !isBlank(text.charCodeAt(commentEnd))) {
				this.#output += ' ';
				this.#isBlank = true;
			}
		}
		this.#append(this.#from, end);
		this.#from = end;
	}

	#append(start: number, end: number): void {
		if (start >= end) return;
		const { text } = this.#tokens;
		this.#output += text.slice(start, end);
		this.#isBlank = isBlank(text.charCodeAt(end - 1));
	}
}

function addTokens(tokens: SqlTokens, hash: QueryHash): void {
	for (let i = 0; i < tokens.count; i++) {
		const kind = tokens.kinds[i];
		if (kind === TOKEN.literal || kind === TOKEN.parameter) hash.add('?');
		else hash.add(tokens.text, tokens.starts[i], tokens.ends[i]);
		hash.add(' ');
	}
}
