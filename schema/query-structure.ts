/** Which expressions stand for sets of spans of one trace, and how they may meet terms. */
import type { Expression, SetExpression, Term } from './query-syntax.ts';

export const isSetExpression = (expression: Expression): expression is SetExpression =>
	expression.kind === 'spans' || expression.kind === 'structure' || expression.kind === 'counted';

const isTraceTerm = (expression: Expression): expression is Term =>
	expression.kind === 'term' && expression.key.kind === 'trace';

/** Every term, word and set outside braces. */
function* leaves(expression: Expression): Generator<Exclude<Expression, { kind: 'and' | 'or' | 'not' }>> {
	if ('operands' in expression) {
		for (const operand of expression.operands) yield* leaves(operand);
	} else if ('operand' in expression) {
		yield* leaves(expression.operand);
	} else {
		yield expression;
	}
}

const holdsSet = (expression: Expression): boolean => [...leaves(expression)].some(isSetExpression);

/** What is wrong with a whole query that has braces; undefined where nothing is. */
export function structureProblem(where: Expression): { position: number; expected: string } | undefined {
	const all = [...leaves(where)];
	if (!all.some(isSetExpression)) return undefined;
	const bare = all.find((leaf) => !isSetExpression(leaf) && !isTraceTerm(leaf));
	if (bare !== undefined) {
		return { position: bare.position, expected: 'only {…} and trace. terms beside {…}; put this term into the braces' };
	}
	return misjoined(where);
}

/** Two sets side by side, or a set under a negation: neither says which spans are meant. */
function misjoined(expression: Expression): { position: number; expected: string } | undefined {
	if (expression.kind === 'not') {
		const set = [...leaves(expression)].find(isSetExpression);
		return (
			set && {
				position: set.position,
				expected: 'no {…} in a negation; {…} !>> {…} and {…} !> {…} say that there is none',
			}
		);
	}
	if (expression.kind !== 'and' && expression.kind !== 'or') return undefined;
	const holders = expression.operands.filter(holdsSet);
	if (expression.kind === 'and' && holders.length > 1) {
		const second = [...leaves(holders[1] ?? expression)].find(isSetExpression);
		return { position: second?.position ?? 0, expected: '&& or || between {…} and {…}' };
	}
	for (const operand of expression.operands) {
		const problem = misjoined(operand);
		if (problem !== undefined) return problem;
	}
	return undefined;
}
