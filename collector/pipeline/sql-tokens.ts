import type { SqlDialect } from './sql-dialect.ts';
import { standardSql } from './sql-dialect.ts';

export const TOKEN = {
	/** A name or a keyword. */
	word: 1,
	/** A name in quotes. */
	quoted: 2,
	/** A value written into the text. */
	literal: 3,
	/** A place for a value: `?`, `$1`, `:name`, `@name`, `%s`. */
	parameter: 4,
	/** Everything else, one character each but for `::` and `:=`. */
	punctuation: 5,
	/** Left out because it repeats what stands before. */
	dropped: 6,
} as const;
export type TokenKind = (typeof TOKEN)[keyof typeof TOKEN];

/** The tokens of one text as columns. Made once and filled again for every text, so that reading one allocates nothing. */
export class SqlTokens {
	text = '';
	dialect: SqlDialect = standardSql;
	count = 0;
	kinds = new Uint8Array(256);
	keywords = new Uint8Array(256);
	starts = new Int32Array(256);
	ends = new Int32Array(256);
	/** Where the blanks in front of a token begin: the end of the token before, or of what was dropped between the two. */
	leads = new Int32Array(256);
	/** Where the blanks behind the last token begin. */
	tail = 0;
	commentCount = 0;
	/** Start and end of each comment. */
	comments = new Int32Array(32);
	/** Some tokens are literals: the sanitised text differs from the text. */
	hasLiterals = false;
	hasDropped = false;

	reset(text: string, dialect: SqlDialect): void {
		this.text = text;
		this.dialect = dialect;
		this.count = 0;
		this.commentCount = 0;
		this.tail = 0;
		this.hasLiterals = false;
		this.hasDropped = false;
	}

	/** Appends a token and returns its end. */
	push(kind: TokenKind, start: number, end: number, keyword = 0): number {
		const index = this.count++;
		if (index === this.kinds.length) this.#grow();
		this.kinds[index] = kind;
		this.keywords[index] = keyword;
		this.starts[index] = start;
		this.ends[index] = end;
		this.leads[index] = this.tail;
		this.tail = end;
		if (kind === TOKEN.literal) this.hasLiterals = true;
		return end;
	}

	/** Notes a comment and returns its end. */
	pushComment(start: number, end: number): number {
		const index = this.commentCount++ * 2;
		if (index === this.comments.length) this.comments = doubled(this.comments);
		this.comments[index] = start;
		this.comments[index + 1] = end;
		return end;
	}

	drop(from: number, to: number): void {
		this.kinds.fill(TOKEN.dropped, from, to);
		this.hasDropped = true;
	}

	/** Closes the ranks over the dropped tokens. */
	compact(): void {
		let kept = 0;
		let lead = 0;
		for (let index = 0; index < this.count; index++) {
			const end = this.ends[index] ?? 0;
			if (this.kinds[index] !== TOKEN.dropped) {
				// A lead beyond the token before is what an earlier call left there.
				this.leads[kept] = Math.max(lead, this.leads[index] ?? 0);
				this.kinds[kept] = this.kinds[index] ?? 0;
				this.keywords[kept] = this.keywords[index] ?? 0;
				this.starts[kept] = this.starts[index] ?? 0;
				this.ends[kept] = end;
				kept++;
			}
			lead = end;
		}
		this.tail = Math.max(this.tail, lead);
		this.count = kept;
	}

	/** The only character of a punctuation mark; 0 for other tokens. */
	mark(index: number): number {
		if (this.kinds[index] !== TOKEN.punctuation || index >= this.count) return 0;
		const start = this.starts[index] ?? 0;
		return this.ends[index] === start + 1 ? this.text.charCodeAt(start) : 0;
	}

	start(index: number): number {
		return this.starts[index] ?? 0;
	}

	/** 0 for the token before the first. */
	end(index: number): number {
		return this.ends[index] ?? 0;
	}

	textOf(index: number): string {
		return this.text.slice(this.starts[index], this.ends[index]);
	}

	/** Nothing, not even a blank, stands between the token and the one before. */
	isAdjacent(index: number): boolean {
		return index > 0 && index < this.count && this.starts[index] === this.ends[index - 1];
	}

	#grow(): void {
		this.kinds = doubledBytes(this.kinds);
		this.keywords = doubledBytes(this.keywords);
		this.starts = doubled(this.starts);
		this.ends = doubled(this.ends);
		this.leads = doubled(this.leads);
	}
}

function doubledBytes(values: Uint8Array): Uint8Array<ArrayBuffer> {
	const larger = new Uint8Array(values.length * 2);
	larger.set(values);
	return larger;
}

function doubled(values: Int32Array): Int32Array<ArrayBuffer> {
	const larger = new Int32Array(values.length * 2);
	larger.set(values);
	return larger;
}
