/** What a query asks of a span by itself, and the same query about the spans of some traces alone. Pure. */
import type { Expression, SetExpression } from '../../schema/query-syntax.ts';
import { allOf, anyOf, not } from './query-parameters.ts';
import { followsLinks, looksAround, MAX_CONDITION, SPANS_AROUND } from './query-structures.ts';

/**
 * A condition that every span fulfils which matches, and that asks no other span: `1` where the query is about others alone.
 * @param condition compiles a part of the query
 */
export function ownCondition(expression: Expression | SetExpression, condition: (part: Expression) => string): string {
	const ofAlone = (part: Expression): string | undefined => {
		const where = condition(part);
		return looksAround({ where }) ? undefined : where;
	};
	switch (expression.kind) {
		case 'and':
			return allOf(expression.operands.map((operand) => ownCondition(operand, condition)));
		case 'or':
			return anyOf(expression.operands.map((operand) => ownCondition(operand, condition)));
		case 'spans':
			return expression.where === undefined ? '1' : ownCondition(expression.where, condition);
		case 'counted':
			return ownCondition(expression.of, condition);
		case 'structure': {
			const right = ownCondition(expression.right, condition);
			return expression.operator === '||' ? anyOf([ownCondition(expression.left, condition), right]) : right;
		}
		case 'not': {
			const denied = ofAlone(expression.operand);
			return denied === undefined ? '1' : not(denied);
		}
		default:
			return ofAlone(expression) ?? '1';
	}
}

/**
 * The condition of a query that looks around, about spans of some traces: of others none is looked at. Undefined where it asks other
 * traces too, as links do, or would grow too large.
 * @param traces yields ids of traces
 */
export function amongTraces({ where }: { where: string }, traces: string): string | undefined {
	if (followsLinks({ where })) return undefined;
	const among = where.replaceAll(SPANS_AROUND, () => `${SPANS_AROUND} AND trace_id IN (${traces})`);
	return among.length > MAX_CONDITION ? undefined : among;
}
