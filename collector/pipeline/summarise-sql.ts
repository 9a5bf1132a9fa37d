import { CODE } from './sql-characters.ts';
import { KEYWORD } from './sql-keywords.ts';
import { SummaryParts } from './sql-summary-parts.ts';
import type { SqlTokens } from './sql-tokens.ts';
import { TOKEN } from './sql-tokens.ts';

/** A string that stands where a table does is its name, unless it is as long as no name is. */
const MAX_STRING_TARGET = 64;
const DATA_OPERATIONS = new Set<number>([KEYWORD.insert, KEYWORD.update, KEYWORD.delete, KEYWORD.merge]);
const WITH_FROM = new Set<number>([KEYWORD.select, KEYWORD.update, KEYWORD.delete]);
const WITH_INTO = new Set<number>([KEYWORD.select, KEYWORD.insert, KEYWORD.merge]);
/** Operations whose name is followed by what they work on; SELECT has to wait for FROM. */
const EXPECTING = new Set<number>([...DATA_OPERATIONS, KEYWORD.call, KEYWORD.command]);
/** CREATE and its like name the kind of object first. */
const DEFINING = new Set<number>([KEYWORD.define, KEYWORD.drop]);
const COMMANDS = new Set<number>([
	...EXPECTING,
	...DEFINING,
	KEYWORD.bareCommand,
	KEYWORD.begin,
	KEYWORD.explain,
	KEYWORD.grant,
	KEYWORD.set,
	KEYWORD.passingName,
]);
const SKIPPED_BEFORE_TARGET = new Set<number>([KEYWORD.modifier, KEYWORD.if, KEYWORD.exists]);

/** What is known between two parentheses. */
interface Frame {
	operation: number;
	/** An operation may begin here. */
	canBegin: boolean;
	/** WITH, EXPLAIN or BEGIN came, and the operation that does the work is still to come. */
	awaitsOperation: boolean;
	/** The kind of object is still to come. */
	awaitsKind: boolean;
	/** The next name is a target. */
	expects: boolean;
	/** So is the name behind a comma. */
	inList: boolean;
	/** How many parts there were when the operation had been written. */
	partsBefore: number;
}

const newFrame = (isTarget: boolean): Frame => ({
	operation: KEYWORD.none,
	canBegin: true,
	awaitsOperation: false,
	awaitsKind: false,
	expects: isTarget,
	inList: isTarget,
	partsBefore: 0,
});

/**
 * Operations and their targets in the order and spelling in which they stand: `INSERT shipping_details SELECT orders`.
 * Source: semantic conventions, docs/db/database-spans.md, "Generating a summary of the query".
 */
export function summariseSql(tokens: SqlTokens): { summary: string; statements: number } {
	return new SummaryReader(tokens).read();
}

class SummaryReader {
	readonly #tokens: SqlTokens;
	readonly #parts = new SummaryParts();
	#frames: Frame[] = [newFrame(false)];
	#frame: Frame;
	#statements = 0;
	#isStatementStart = true;

	constructor(tokens: SqlTokens) {
		this.#tokens = tokens;
		this.#frame = this.#restart();
	}

	read(): { summary: string; statements: number } {
		const { kinds, count } = this.#tokens;
		for (let at = 0; at < count;) {
			const kind = kinds[at];
			if (kind === TOKEN.punctuation) this.#readMark(at++);
			else {
				if (this.#isStatementStart) this.#statements++;
				this.#isStatementStart = false;
				if (kind === TOKEN.word) at = this.#readWord(at);
				else if (kind === TOKEN.quoted) at = this.#frame.expects ? this.#readTarget(at) : this.#pass(at);
				else at = this.#readValue(at);
			}
		}
		return { summary: this.#parts.join(), statements: this.#statements };
	}

	#restart(): Frame {
		this.#frame = newFrame(false);
		this.#frames = [this.#frame];
		this.#isStatementStart = true;
		return this.#frame;
	}

	#readMark(at: number): void {
		const frame = this.#frame;
		switch (this.#tokens.mark(at)) {
			case CODE.open:
				this.#frames.push((this.#frame = newFrame(frame.expects)));
				frame.expects = false;
				frame.canBegin = false;
				return;
			case CODE.close:
				if (this.#frames.length > 1) this.#frames.pop();
				this.#frame = this.#frames.at(-1) ?? frame;
				return;
			case CODE.comma:
				frame.expects = frame.inList;
				frame.canBegin = false;
				return;
			case CODE.semicolon:
				this.#parts.endStatement();
				this.#restart();
				return;
			case CODE.openBrace:
			case CODE.equals:
				return;
			default:
				frame.canBegin = false;
				frame.expects = false;
		}
	}

	/** A value. `{? = call p}` and `EXEC @result = p` begin with one. */
	#readValue(at: number): number {
		const frame = this.#frame;
		if (this.#tokens.mark(at + 1) === CODE.equals && (frame.canBegin || frame.operation === KEYWORD.call))
			return at + 1;
		const isTarget = frame.expects && frame.inList && isShortString(this.#tokens, at);
		return isTarget ? this.#readTarget(at) : this.#pass(at);
	}

	#readWord(at: number): number {
		const frame = this.#frame;
		const keyword = this.#tokens.keywords[at] ?? 0;
		if (keyword === KEYWORD.select && this.#frames[0]?.operation !== KEYWORD.grant) return this.#begin(at, keyword);
		if (frame.awaitsKind) return this.#readKind(at, keyword);
		if (this.#canBegin(at, keyword)) return this.#begin(at, keyword);
		if (frame.operation === KEYWORD.begin && keyword === KEYWORD.batch) return this.#readBatch(at);
		if (frame.expects) return this.#readExpected(at, keyword);
		this.#readClause(at, keyword);
		frame.canBegin = false;
		return at + 1;
	}

	/** Within parentheses only what works on data can begin, and only if a name follows: `(delete, update)` are columns. */
	#canBegin(at: number, keyword: number): boolean {
		if (this.#frame.awaitsOperation && DATA_OPERATIONS.has(keyword)) return true;
		if (!this.#frame.canBegin) return false;
		if (keyword === KEYWORD.with) return true;
		if (this.#frames.length > 1) return DATA_OPERATIONS.has(keyword) && this.#isName(at + 1);
		if (COMMANDS.has(keyword)) return true;
		// A command of one database alone; names that are longer or hold digits are no commands.
		return at === 0 && /^[A-Za-z_]{2,24}$/.test(this.#tokens.textOf(at));
	}

	#begin(at: number, keyword: number): number {
		const frame = this.#frame;
		frame.canBegin = keyword === KEYWORD.explain;
		frame.awaitsOperation = keyword === KEYWORD.with || keyword === KEYWORD.explain || keyword === KEYWORD.begin;
		if (keyword === KEYWORD.with) return at + 1;
		frame.operation = keyword;
		frame.expects = EXPECTING.has(keyword);
		frame.inList = false;
		frame.awaitsKind = DEFINING.has(keyword);
		this.#parts.add(this.#tokens.textOf(at));
		frame.partsBefore = this.#parts.count;
		return at + 1;
	}

	/** Cassandra's BEGIN UNLOGGED BATCH … APPLY BATCH. */
	#readBatch(at: number): number {
		this.#parts.cutTo(this.#frame.partsBefore - 1);
		this.#parts.add(this.#tokens.textOf(at));
		this.#parts.endStatement();
		return at + 1;
	}

	/** CREATE OR REPLACE … TABLE: what stands between is left out. DROP and TRUNCATE may come to the point at once. */
	#readKind(at: number, keyword: number): number {
		const frame = this.#frame;
		const isKind = keyword === KEYWORD.objectKind;
		if (!isKind && (frame.operation !== KEYWORD.drop || keyword !== KEYWORD.none)) return at + 1;
		frame.awaitsKind = false;
		frame.expects = true;
		frame.inList = frame.operation === KEYWORD.drop;
		if (!isKind) return this.#readTarget(at);
		this.#parts.add(this.#tokens.textOf(at));
		return at + 1;
	}

	#readExpected(at: number, keyword: number): number {
		const frame = this.#frame;
		if (keyword === KEYWORD.into) return at + 1;
		if (keyword === KEYWORD.from && WITH_FROM.has(frame.operation)) {
			frame.inList = true;
			return at + 1;
		}
		const isFollowed = this.#isName(at + 1) || this.#tokens.mark(at + 1) === CODE.open;
		return isFollowed && this.#standsBeforeTarget(keyword) ? at + 1 : this.#readTarget(at);
	}

	/** ONLY, IF NOT EXISTS, the REPLACE of INSERT OR REPLACE, the TABLE of INSERT INTO TABLE: no names if one follows. */
	#standsBeforeTarget(keyword: number): boolean {
		const { operation } = this.#frame;
		if (keyword === KEYWORD.insert) return operation === KEYWORD.insert;
		if (keyword === KEYWORD.objectKind) return !WITH_FROM.has(operation);
		return SKIPPED_BEFORE_TARGET.has(keyword);
	}

	#readClause(at: number, keyword: number): void {
		const frame = this.#frame;
		switch (keyword) {
			case KEYWORD.from:
				this.#readFrom(at);
				return;
			case KEYWORD.join:
				frame.expects = frame.inList || WITH_FROM.has(frame.operation);
				return;
			case KEYWORD.into:
				frame.expects = WITH_INTO.has(frame.operation);
				frame.inList = false;
				return;
			case KEYWORD.using:
				frame.expects =
					frame.operation === KEYWORD.merge ||
					(frame.operation === KEYWORD.delete && this.#tokens.mark(at + 1) !== CODE.open);
				return;
			case KEYWORD.endOfTargets:
			case KEYWORD.set:
			case KEYWORD.setOperator:
			case KEYWORD.values:
				frame.inList = false;
				return;
			default:
		}
	}

	/** The FROM of a query, not that of `IS DISTINCT FROM` or, without an operation around it, of `EXTRACT(year FROM x)`. */
	#readFrom(at: number): void {
		const frame = this.#frame;
		if (!WITH_FROM.has(frame.operation) || this.#tokens.keywords[at - 1] === KEYWORD.distinct) return;
		// In `DELETE a FROM orders a` the first name is an alias.
		if (frame.operation === KEYWORD.delete) this.#parts.cutTo(frame.partsBefore);
		frame.expects = true;
		frame.inList = true;
	}

	/** Adds a name with all that is joined to it by dots. */
	#readTarget(at: number): number {
		const tokens = this.#tokens;
		let last = at;
		for (let next = at + 1; tokens.mark(next) === CODE.dot && tokens.isAdjacent(next); next++) {
			if (!this.#isName(next + 1) || !tokens.isAdjacent(next + 1)) continue;
			last = ++next;
		}
		this.#parts.add(tokens.text.slice(tokens.start(at), tokens.end(last)));
		this.#frame.expects = false;
		this.#frame.canBegin = false;
		return last + 1;
	}

	#pass(at: number): number {
		this.#frame.expects = false;
		this.#frame.canBegin = false;
		return at + 1;
	}

	#isName(at: number): boolean {
		const kind = at < this.#tokens.count ? this.#tokens.kinds[at] : undefined;
		return kind === TOKEN.word || kind === TOKEN.quoted;
	}
}

function isShortString(tokens: SqlTokens, at: number): boolean {
	const start = tokens.start(at);
	const quote = tokens.text.charCodeAt(start);
	const length = tokens.end(at) - start;
	return (quote === CODE.quote || quote === CODE.doubleQuote) && length <= MAX_STRING_TARGET;
}
