/** Lets the fields of a form (service, duration, errors only) read and change single terms of a query as typed. */
import { parseQuery } from './query-language.ts';
import { printQuery, printTerm } from './query-print.ts';
import { QueryScanner } from './query-scanner.ts';
import { isSetExpression } from './query-structure.ts';
import type { Expression, Key, Operator, Query, Term, Value } from './query-syntax.ts';
import { fieldType } from './query-term.ts';
import { bareValue } from './query-value.ts';

/**
 * The query with the term `key op value` in place of all top-level terms of that key and operator, or without them when
 * `value` is undefined. The value is meant literally, but for numbers, durations and truth values. What was typed around
 * the term stays as it is. A text that can't be read, or that asks for structure, comes back unchanged.
 */
export function withTerm(text: string, key: string, operator: Operator, value: string | undefined): string {
	const parsed = parseQuery(text);
	if (parsed.kind === 'error') return text;
	const { where } = parsed.query;
	if (where !== undefined && hasSets(where)) return text;
	const wanted = readKey(key);
	if (wanted === undefined) return text;
	const written = value === undefined ? undefined : writtenTerm(wanted, operator, value);
	const others = topLevel(where).filter((part) => !isTermOf(part, wanted, operator));
	const old = topLevel(where).filter((part) => isTermOf(part, wanted, operator));
	const [first] = old;
	if (first !== undefined && old.length === 1 && written !== undefined) {
		return text.slice(0, first.position) + written + text.slice(first.end);
	}
	if (old.length === 0) return written === undefined ? text : appended(text, where, written);
	const rest = printQuery(queryOf(others));
	return written === undefined ? rest : appended(rest, queryOf(others).where, written);
}

/** The literal value of the first top-level term of that key and operator; undefined where there is none. */
export function readTerm(text: string, key: string, operator: Operator = ':'): string | undefined {
	const parsed = parseQuery(text);
	const wanted = readKey(key);
	if (parsed.kind === 'error' || wanted === undefined) return undefined;
	const term = topLevel(parsed.query.where).find((part) => isTermOf(part, wanted, operator));
	const [value, ...more] = term?.values ?? [];
	return value !== undefined && 'text' in value && more.length === 0 ? value.text : undefined;
}

/** Keys parted by commas, `service,"odd key",resource.host.name`; undefined where one can't be read. */
export function readKeyList(text: string): Key[] | undefined {
	const keys = text.match(/(?:"(?:\\.|[^"\\])*"|[^,"])+/g)?.map(readKey) ?? [];
	return keys.every((key) => key !== undefined) ? keys : undefined;
}

/** A key alone, as the search language writes it. */
export function readKey(text: string): Key | undefined {
	const scanner = new QueryScanner(text);
	const key = scanner.readKey();
	return scanner.atEnd ? key : undefined;
}

const hasSets = (where: Expression): boolean => topLevel(where).some(isSetExpression);

const topLevel = (where: Expression | undefined): readonly Expression[] =>
	where === undefined ? [] : where.kind === 'and' ? where.operands : [where];

function isTermOf(part: Expression, key: Key, operator: Operator): part is Term {
	return part.kind === 'term' && part.operator === operator && sameKey(part.key, key);
}

function sameKey(a: Key, b: Key): boolean {
	if (a.kind === 'attribute') return b.kind === 'attribute' && a.scope === b.scope && a.key === b.key;
	return b.kind !== 'attribute' && a.field === b.field;
}

function queryOf(parts: readonly Expression[]): Query {
	const [only] = parts;
	if (only === undefined) return {};
	return { where: parts.length === 1 ? only : { kind: 'and', operands: parts } };
}

function appended(text: string, where: Expression | undefined, written: string): string {
	if (where === undefined) return written;
	return where.kind === 'or' ? `(${text.trim()}) ${written}` : `${text.trimEnd()} ${written}`;
}

function writtenTerm(key: Key, operator: Operator, text: string): string {
	if (operator === 'has') return printTerm({ key, operator, values: [] });
	return printTerm({ key, operator, values: [literalValue(key, text)] });
}

/** A value that means this text: a number, a duration or a truth value where it looks like one and the key may hold one. */
export function literalValue(key: Key, text: string): Value {
	const type = fieldType(key);
	const plain = type !== undefined && type !== 'duration' && type !== 'count';
	return plain ? { kind: 'text', text } : bareValue([text], false);
}
