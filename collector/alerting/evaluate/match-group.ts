/** Asks the search language of a group's values rather than of spans. */
import { parseQuery } from '../../../schema/query-language.ts';
import { keyName } from '../../../schema/query-term.ts';
import type { Expression, Term, Value } from '../../../schema/query-syntax.ts';
import type { Group } from './rule.ts';

type Matcher = (group: Group) => boolean;

/** A function that says whether a group matches; a text that says why there is none. */
export function groupMatcher(match: string, groupBy: readonly string[]): Matcher | string {
	const parsed = parseQuery(match);
	if (parsed.kind === 'error') return parsed.message;
	if (parsed.query.where === undefined) return () => true;
	return matcherOf(parsed.query.where, groupBy);
}

function matcherOf(expression: Expression, groupBy: readonly string[]): Matcher | string {
	switch (expression.kind) {
		case 'and':
		case 'or': {
			const operands = expression.operands.map((operand) => matcherOf(operand, groupBy));
			const wrong = operands.find((operand) => typeof operand === 'string');
			if (wrong !== undefined) return wrong;
			const matchers = operands.filter((operand) => typeof operand === 'function');
			return expression.kind === 'and'
				? (group) => matchers.every((matches) => matches(group))
				: (group) => matchers.some((matches) => matches(group));
		}
		case 'not': {
			const operand = matcherOf(expression.operand, groupBy);
			return typeof operand === 'string' ? operand : (group) => !operand(group);
		}
		case 'term':
			return termMatcher(expression, groupBy);
		default:
			return `expected terms of what the rule groups by: ${groupBy.join(', ') || 'nothing'}`;
	}
}

function termMatcher({ key, operator, values }: Term, groupBy: readonly string[]): Matcher | string {
	const name = groupBy.find((by) => by === keyName(key) || by.endsWith(`.${keyName(key)}`));
	if (name === undefined) return `${keyName(key)} is not what the rule groups by: ${groupBy.join(', ') || 'nothing'}`;
	const textOf = (group: Group): string => group[name] ?? '';
	if (operator === 'has') return (group) => textOf(group) !== '';
	const tests = values.map(valueTest);
	if ((operator === ':' || operator === '!=') && tests.every((test) => test !== undefined)) {
		const equals: Matcher = (group) => tests.some((test) => test(textOf(group)));
		return operator === ':' ? equals : (group) => textOf(group) !== '' && !equals(group);
	}
	return `${name}: expected : or != with texts; other comparisons are of spans`;
}

function valueTest(value: Value): ((text: string) => boolean) | undefined {
	switch (value.kind) {
		case 'text':
		case 'number':
		case 'boolean':
		case 'duration':
			return (text) => text === value.text;
		case 'wildcard':
			return (text) => isWildcardMatch(value.pieces, text);
		default:
			return undefined;
	}
}

/** Each piece at the first place after the one before it: no pattern makes it look twice. */
function isWildcardMatch(pieces: readonly string[], text: string): boolean {
	const first = pieces[0] ?? '';
	const last = pieces.at(-1) ?? '';
	if (!text.startsWith(first)) return false;
	let from = first.length;
	for (const piece of pieces.slice(1, -1)) {
		const at = text.indexOf(piece, from);
		if (at === -1) return false;
		from = at + piece.length;
	}
	return text.length - last.length >= from && text.endsWith(last);
}
