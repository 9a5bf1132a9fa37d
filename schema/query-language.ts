/**
 * Reads the search language (`q`): `service:checkout duration>500ms -http.route:/health "free text"`. The screen and
 * the server use this one parser. It never throws; what it can't read it says with position and expectation.
 *
 *     or      = and { "OR" and }
 *     and     = not { ["AND"] not }
 *     not     = ("NOT" | "-") not | sets
 *     sets    = both { "||" both } [ "|" "count()" sign number ]
 *     both    = chain { "&&" chain }
 *     chain   = primary { (">>" | ">" | "<<" | "<" | "~" | "!>>" | "!>" | "!<" | "->") primary }
 *     primary = "(" or ")" | "{" [or] "}" | term | word | phrase
 */
import { refuseForeign } from './query-foreign.ts';
import { isSetExpression, structureProblem } from './query-structure.ts';
import { QueryFailure, QueryScanner } from './query-scanner.ts';
import { QUERY_LIMITS } from './query-syntax.ts';
import type {
	Counted,
	Expression,
	Place,
	Query,
	QueryError,
	SetExpression,
	SpanSet,
	StructureOperator,
	Term,
} from './query-syntax.ts';
import { readTerm } from './query-term.ts';
import { recogniseTraceId } from './query-trace-id.ts';
import { translateForeign } from './query-translate.ts';

export type ParsedQuery = { kind: 'query'; query: Query } | QueryError;

export function parseQuery(text: string): ParsedQuery {
	const pasted = recogniseTraceId(text);
	if (pasted !== undefined) return { kind: 'query', query: { where: traceIdTerm(pasted.traceId, text) } };
	const parsed = parseOwn(text);
	const translated = parsed.kind === 'error' || text.includes('@') ? translateForeign(text) : undefined;
	if (translated === undefined || parseOwn(translated).kind === 'error') return parsed;
	if (parsed.kind === 'error') return { ...parsed, suggestion: translated };
	return parsed;
}

function traceIdTerm(traceId: string, text: string): Term {
	const values = [{ kind: 'text' as const, text: traceId }];
	return {
		kind: 'term',
		key: { kind: 'span', field: 'traceId' },
		operator: ':',
		values,
		position: 0,
		end: text.length,
	};
}

function parseOwn(text: string): ParsedQuery {
	try {
		if (text.length > QUERY_LIMITS.length) {
			throw new QueryFailure(QUERY_LIMITS.length, `at most ${QUERY_LIMITS.length} characters`);
		}
		const where = new QueryParser(text).parse();
		return { kind: 'query', query: where === undefined ? {} : { where } };
	} catch (failure) {
		if (failure instanceof QueryFailure) return queryError(text, failure);
		throw failure;
	}
}

function queryError(text: string, { position, expected, suggestion }: QueryFailure): QueryError {
	const found = /^\s*(\S{0,40})/.exec(text.slice(position))?.[1] ?? '';
	const what = found === '' ? 'the end' : found;
	const message = `Expected ${expected}, found ${what} at character ${position + 1}.`;
	const mends = suggestion !== undefined && suggestion !== text && parseOwn(suggestion).kind === 'query';
	return { kind: 'error', position, found, expected, message, ...(mends ? { suggestion } : {}) };
}

class QueryParser {
	readonly #scanner: QueryScanner;
	#terms = 0;
	#structures = 0;
	#inBraces = false;

	constructor(text: string) {
		this.#scanner = new QueryScanner(text);
	}

	parse(): Expression | undefined {
		this.#scanner.skipSpace();
		if (this.#scanner.atEnd) return undefined;
		const where = this.#or(0);
		if (!this.#scanner.atEnd) throw new QueryFailure(this.#scanner.position, 'a term');
		const problem = structureProblem(where);
		if (problem !== undefined) throw new QueryFailure(problem.position, problem.expected);
		return where;
	}

	#or(depth: number): Expression {
		if (depth > QUERY_LIMITS.depth) {
			throw new QueryFailure(this.#scanner.position, `at most ${QUERY_LIMITS.depth} brackets within each other`);
		}
		const operands = [this.#and(depth)];
		while (this.#scanner.takeKeyword('OR')) operands.push(this.#and(depth));
		return combine('or', operands);
	}

	#and(depth: number): Expression {
		const operands: Expression[] = [];
		do {
			operands.push(this.#not(depth));
			this.#scanner.skipSpace();
		} while (this.#scanner.takeKeyword('AND') || this.#atOperand());
		return combine('and', operands);
	}

	#atOperand(): boolean {
		const scanner = this.#scanner;
		if (scanner.atEnd || scanner.startsWith(')') || scanner.startsWith('}')) return false;
		return !scanner.atKeyword() || /NOT/y.test(scanner.text.slice(scanner.position, scanner.position + 3));
	}

	#not(depth: number): Expression {
		const scanner = this.#scanner;
		scanner.skipSpace();
		const start = scanner.position;
		const dash = /-(?=\S)/y;
		if (!scanner.takeKeyword('NOT') && scanner.take(dash) === null) return this.#sets(depth);
		if (depth > QUERY_LIMITS.depth)
			throw new QueryFailure(start, `at most ${QUERY_LIMITS.depth} negations within each other`);
		const operand = this.#not(depth + 1);
		if (isSetExpression(operand)) {
			throw new QueryFailure(start, 'a term to negate: for structure write {…} !>> {…} or {…} !> {…}');
		}
		return { kind: 'not', operand };
	}

	#sets(depth: number): Expression {
		const start = this.#scanner.position;
		let left = this.#both(depth);
		while (this.#takeStructure('||', left)) left = this.#join('||', left, this.#both(depth), start);
		if (!/\|(?!\|)/y.test(this.#peek(2))) return left;
		return this.#count(left, start);
	}

	#both(depth: number): Expression {
		const start = this.#scanner.position;
		let left = this.#chain(depth);
		while (this.#takeStructure('&&', left)) left = this.#join('&&', left, this.#chain(depth), start);
		return left;
	}

	#chain(depth: number): Expression {
		const start = this.#scanner.position;
		let left = this.#primary(depth);
		for (;;) {
			const operator = (['!>>', '!>', '!<', '->', '>>', '<<', '>', '<', '~'] as const).find((each) =>
				this.#takeStructure(each, left),
			);
			if (operator === undefined) return left;
			left = this.#join(operator, left, this.#primary(depth), start);
		}
	}

	#peek(length: number): string {
		this.#scanner.skipSpace();
		return this.#scanner.text.slice(this.#scanner.position, this.#scanner.position + length);
	}

	/** Takes a structural operator; refuses one that stands after anything but a set of spans. */
	#takeStructure(operator: StructureOperator, left: Expression): boolean {
		this.#scanner.skipSpace();
		const start = this.#scanner.position;
		if (!this.#scanner.takeText(operator)) return false;
		if (isSetExpression(left)) return true;
		const words = operator === '&&' ? 'AND' : operator === '||' ? 'OR' : undefined;
		const { text } = this.#scanner;
		const mended = words === undefined ? undefined : text.replaceAll('&&', ' AND ').replaceAll('||', ' OR ');
		throw new QueryFailure(start, words ?? `a term, because ${operator} stands between {…} and {…}`, mended);
	}

	#join(operator: StructureOperator, left: Expression, right: Expression, position: number): SetExpression {
		if (!isSetExpression(left) || !isSetExpression(right)) {
			throw new QueryFailure(this.#scanner.position, `{…} after ${operator}`);
		}
		this.#countStructure();
		return { kind: 'structure', operator, left, right, position, end: this.#scanner.position };
	}

	#countStructure(): void {
		if (++this.#structures > QUERY_LIMITS.structures) {
			throw new QueryFailure(this.#scanner.position, `at most ${QUERY_LIMITS.structures} structural operators`);
		}
	}

	#count(of: Expression, start: number): Counted {
		const scanner = this.#scanner;
		const pipe = scanner.position;
		if (of.kind !== 'spans' && of.kind !== 'structure')
			throw new QueryFailure(pipe, 'a term, because | stands after {…}');
		scanner.position++;
		scanner.skipSpace();
		const found = scanner.take(/count\s*\(\s*\)\s*(>=|<=|!=|>|<|==?|:)\s*(\d{1,9})(?![\w.])/y);
		if (found === null)
			throw new QueryFailure(scanner.position, 'count(), a comparison and a whole number, such as count() > 100');
		this.#countStructure();
		const sign = (found[1] ?? '').replace(/^==?$/, ':') as Counted['operator'];
		return { kind: 'counted', of, operator: sign, count: Number(found[2]), position: start, end: scanner.position };
	}

	#primary(depth: number): Expression {
		const scanner = this.#scanner;
		scanner.skipSpace();
		const start = scanner.position;
		if (scanner.atEnd || scanner.startsWith(')') || scanner.startsWith('}') || scanner.atKeyword()) {
			throw new QueryFailure(start, 'a term');
		}
		if (scanner.takeText('{')) return this.#braces(depth, start);
		if (scanner.takeText('(')) {
			const inside = this.#or(depth + 1);
			if (!scanner.takeText(')')) throw new QueryFailure(scanner.position, '`)`');
			return inside;
		}
		this.#countTerm();
		return this.#leaf(start);
	}

	#braces(depth: number, position: number): SpanSet {
		const scanner = this.#scanner;
		if (this.#inBraces) throw new QueryFailure(position, 'a term, because {…} do not stand within each other');
		scanner.skipSpace();
		if (scanner.takeText('}')) return { kind: 'spans', position, end: scanner.position };
		this.#inBraces = true;
		const where = this.#or(depth + 1);
		this.#inBraces = false;
		if (!scanner.takeText('}')) throw new QueryFailure(scanner.position, '`}`');
		return { kind: 'spans', where, position, end: scanner.position };
	}

	#countTerm(): void {
		if (++this.#terms > QUERY_LIMITS.terms) {
			throw new QueryFailure(this.#scanner.position, `at most ${QUERY_LIMITS.terms} terms`);
		}
	}

	#leaf(start: number): Expression {
		const scanner = this.#scanner;
		const keyed = scanner.readKeyed();
		if (keyed !== undefined) {
			// `@key` is Datadog's way to write an attribute, `.key` is TraceQL's; here both would name a key that nobody sends.
			if (/[@.]/.test(scanner.text.charAt(start))) throw new QueryFailure(start, 'a key without a sign in front');
			if (scanner.text.startsWith('has:', start)) return this.#has(start);
			refuseForeign(scanner, start, keyed.key, this.#inBraces);
			return readTerm(scanner, start, keyed, () => this.#countTerm());
		}
		if (/^(?:!=|!~|[:=<>~|&])/.test(scanner.text.slice(start, start + 2))) {
			throw new QueryFailure(start, 'a key or a word before this; quote it to search for the text');
		}
		const pieces = scanner.startsWith('"') ? [scanner.readQuoted()] : scanner.readBare().pieces;
		return { kind: 'free', pieces, ...this.#since(start) };
	}

	#has(position: number): Term {
		const start = position + 'has:'.length;
		this.#scanner.position = start;
		const key = this.#scanner.readKey();
		if (key === undefined) throw new QueryFailure(start, 'a key right after has:');
		return { kind: 'term', key, operator: 'has', values: [], ...this.#since(position) };
	}

	#since(position: number): Place {
		return { position, end: this.#scanner.position };
	}
}

function combine(kind: 'and' | 'or', operands: Expression[]): Expression {
	const flat = operands.flatMap((operand) => (operand.kind === kind ? operand.operands : [operand]));
	const [only] = flat;
	return flat.length === 1 && only !== undefined ? only : { kind, operands: flat };
}
