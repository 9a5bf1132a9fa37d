import type { Expression, Key, Query, SpanField } from '../../schema/query-syntax.ts';

/** Fields by which services are counted apart, under the same names of columns as in `spans`. */
export const OF_SERVICES: ReadonlySet<SpanField> = new Set<SpanField>([
	'service',
	'namespace',
	'env',
	'version',
	'error',
	'entry',
]);

/** Whether a query asks for nothing but these fields of single spans: then whatever is counted by them can answer it. */
export const asksOnly = (query: Query, fields: ReadonlySet<SpanField>): boolean =>
	query.where === undefined || expressionAsksOnly(query.where, fields);

/** The same, of a query and of what is told apart by some keys. */
export const isOfFields = (query: Query, keys: readonly Key[], fields: ReadonlySet<SpanField>): boolean =>
	asksOnly(query, fields) && keys.every((key) => key.kind === 'span' && fields.has(key.field));

function expressionAsksOnly(expression: Expression, fields: ReadonlySet<SpanField>): boolean {
	switch (expression.kind) {
		case 'and':
		case 'or':
			return expression.operands.every((operand) => expressionAsksOnly(operand, fields));
		case 'not':
			return expressionAsksOnly(expression.operand, fields);
		case 'term':
			return expression.key.kind === 'span' && fields.has(expression.key.field);
		default:
			return false;
	}
}
