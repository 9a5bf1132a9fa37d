/** Chooses and excludes values of a key in a query, as a list of values beside it does. */
import { parseQuery } from './query-language.ts';
import { printKey, printQuery } from './query-print.ts';
import { literalValue, readKey } from './query-edit.ts';
import { isSetExpression } from './query-structure.ts';
import type { Expression, Key, Term, Value } from './query-syntax.ts';

export type Choice = 'only' | 'include' | 'exclude' | 'none';

export interface Chosen {
	included: ReadonlySet<string>;
	excluded: ReadonlySet<string>;
}

/** Whether a query has a shape that values can be chosen in: readable, and not about structure. */
export const isChoosable = (text: string): boolean => operandsOf(text) !== undefined;

/** The literal values of a key that a query asks for, and those that it excludes, of what every span must fulfil. */
export function chosenValues(text: string, key: string): Chosen {
	const wanted = readKey(key);
	const included = new Set<string>();
	const excluded = new Set<string>();
	if (wanted === undefined) return { included, excluded };
	for (const operand of operandsOf(text) ?? []) {
		for (const value of valuesOf(operand, wanted)) included.add(value);
		if (operand.kind === 'not') for (const value of valuesOf(operand.operand, wanted)) excluded.add(value);
	}
	return { included, excluded };
}

/**
 * The query with a value of a key chosen, excluded, or neither. `include` adds to what is chosen already, `only` takes its
 * place. A query that can't be read, or that asks for structure, comes back unchanged.
 */
export function withChoice(text: string, key: string, value: string, choice: Choice): string {
	const wanted = readKey(key);
	const operands = operandsOf(text);
	if (operands === undefined || wanted === undefined) return text;
	const { included, excluded } = chosenValues(text, key);
	const isOwn = (operand: Expression) =>
		valuesOf(operand, wanted).length > 0 || (operand.kind === 'not' && valuesOf(operand.operand, wanted).length > 0);
	const rest = operands.filter((operand) => !isOwn(operand));
	const kept = [...included].filter((other) => other !== value && choice !== 'only');
	const left = [...excluded].filter((other) => other !== value);
	const chosen = choice === 'include' || choice === 'only' ? [...kept, value] : kept;
	const next: Expression[] = [...rest];
	if (chosen.length > 0) next.push(termOf(wanted, chosen));
	for (const each of choice === 'exclude' ? [...left, value] : left)
		next.push({ kind: 'not', operand: termOf(wanted, [each]) });
	return printAll(next);
}

function operandsOf(text: string): readonly Expression[] | undefined {
	const parsed = parseQuery(text);
	if (parsed.kind === 'error') return undefined;
	const { where } = parsed.query;
	const operands = where === undefined ? [] : where.kind === 'and' ? where.operands : [where];
	return operands.some(isSetExpression) ? undefined : operands;
}

/** Literal values that a term asks for; none where it asks for anything else. */
function valuesOf(operand: Expression, key: Key): string[] {
	if (operand.kind !== 'term' || operand.operator !== ':' || printKey(operand.key) !== printKey(key)) return [];
	const texts = operand.values.flatMap((value) => ('text' in value ? [value.text] : []));
	return texts.length === operand.values.length ? texts : [];
}

const termOf = (key: Key, values: readonly string[]): Term => ({
	kind: 'term',
	key,
	operator: ':',
	values: values.map((value): Value => literalValue(key, value)),
	position: 0,
	end: 0,
});

/** What every span must fulfil, part by part, each with the query that is left without it. None for structure. */
export function clausesOf(text: string): { clause: string; without: string }[] {
	const operands = operandsOf(text) ?? [];
	return operands.map((operand) => ({
		clause: printAll([operand]),
		without: printAll(operands.filter((other) => other !== operand)),
	}));
}

/** The same parts as steps, each with the query up to it: how one came to the whole. */
export function stepsOf(text: string): { clause: string; upTo: string }[] {
	const operands = operandsOf(text) ?? [];
	return operands.map((operand, i) => ({ clause: printAll([operand]), upTo: printAll(operands.slice(0, i + 1)) }));
}

/** What both queries find; undefined where one can't be read or asks for structure. */
export function bothOf(left: string, right: string): string | undefined {
	const [first, second] = [operandsOf(left), operandsOf(right)];
	return first === undefined || second === undefined ? undefined : printAll([...first, ...second]);
}

/**
 * What the right query finds, in traces that have a span of the left one; undefined where one can't be read or both together are
 * too large.
 */
export function inTracesOf(left: string, right: string): string | undefined {
	const isRead = (text: string): boolean => parseQuery(text).kind === 'query';
	if (!isRead(left) || !isRead(right)) return undefined;
	const sets = [`{${right}}`, `(${right})`].filter(isRead);
	const joined = sets.flatMap((set) => [`{${left}} && ${set}`, `(${left}) && ${set}`]);
	return joined.find(isRead);
}

function printAll(operands: readonly Expression[]): string {
	const [only] = operands;
	if (only === undefined) return '';
	return printQuery({ where: operands.length === 1 ? only : { kind: 'and', operands: [...operands] } });
}
