/** Queries that find the spans a firing is about, and those of them that violate. */
import { parseQuery } from '../../schema/query-language.ts';
import { printQuery } from '../../schema/query-print.ts';
import { SPAN_FIELDS } from '../../schema/query-syntax.ts';
import type { Expression, Key, SpanField, Term, Value } from '../../schema/query-syntax.ts';
import type { Group, Test } from './evaluate/rule.ts';

const nowhere = { position: 0, end: 0 };

const keyOf = (name: string): Key =>
	Object.hasOwn(SPAN_FIELDS, name)
		? { kind: 'span', field: name as SpanField }
		: { kind: 'attribute', scope: 'any', key: name };

const term = (key: Key, operator: Term['operator'], values: readonly Value[]): Term => ({
	kind: 'term',
	key,
	operator,
	values,
	...nowhere,
});

const isBoolean = (key: Key): boolean => key.kind === 'span' && SPAN_FIELDS[key.field] === 'boolean';

/** A span of a group has its values; an empty one means that it has none of that key. */
function groupTerms(group: Group): Expression[] {
	return Object.entries(group).map(([name, text]) => {
		const key = keyOf(name);
		if (text === '') return { kind: 'not', operand: term(key, 'has', []) };
		if (isBoolean(key)) return term(key, ':', [{ kind: 'boolean', text: text === 'true' ? 'true' : 'false' }]);
		return term(key, ':', [{ kind: 'text', text }]);
	});
}

const isSetExpression = ({ kind }: Expression): boolean => ['spans', 'structure', 'counted'].includes(kind);

/** All of several conditions. A structure stands alone: nothing can be said beside it. */
function allOf(query: string, more: readonly Expression[]): string {
	const parsed = parseQuery(query);
	const where = parsed.kind === 'query' ? parsed.query.where : undefined;
	if (where !== undefined && isSetExpression(where)) return query;
	const operands = [...(where === undefined ? [] : where.kind === 'and' ? where.operands : [where]), ...more];
	const [only] = operands;
	if (only === undefined) return '';
	return printQuery({ where: operands.length === 1 ? only : { kind: 'and', operands } });
}

/** The spans that a rule measures in one of its groups. */
export const firingQuery = (query: string, spans: 'entry' | 'all', group: Group): string => {
	const entry = spans === 'entry' ? [term(keyOf('entry'), ':', [{ kind: 'boolean', text: 'true' }])] : [];
	return allOf(query, [...entry, ...groupTerms(group)]);
};

const longerThan = (operator: '>' | '<', nano: number): Term => {
	const whole = Math.max(0, Math.round(nano));
	return term(keyOf('duration'), operator, [{ kind: 'duration', text: `${whole}ns`, nano: BigInt(whole) }]);
};
const failed = (): Term => term(keyOf('error'), ':', [{ kind: 'boolean', text: 'true' }]);

/**
 * Which spans make a measure violate: the slow ones, the failed ones. Undefined where it is their number, or a change, which no
 * span alone is guilty of.
 */
export function violating(measure: string, test: Test): string | undefined {
	if (measure.startsWith('error')) return test.kind === 'below' ? undefined : printQuery({ where: failed() });
	const apdex = /^apdex\((.+)\)$/.exec(measure)?.[1];
	if (apdex !== undefined) return `error:true OR duration>${apdex}`;
	if (!measure.startsWith('p') || test.kind === 'change') return undefined;
	return printQuery({ where: longerThan(test.kind === 'below' ? '<' : '>', test.threshold) });
}

/** Services that every span of a query belongs to, as far as it says so. */
export const servicesOf = (query: string, group: Group): string[] => valuesOf('service', query, group);

/** Environments, likewise. */
export const environmentsOf = (query: string, group: Group): string[] => valuesOf('env', query, group);

function valuesOf(field: SpanField, query: string, group: Group): string[] {
	const ofGroup = group[field];
	if (ofGroup !== undefined && ofGroup !== '') return [ofGroup];
	const parsed = parseQuery(query);
	const where = parsed.kind === 'query' ? parsed.query.where : undefined;
	const operands = where?.kind === 'and' ? where.operands : where === undefined ? [] : [where];
	return operands.flatMap((operand) =>
		operand.kind === 'term' && operand.key.kind === 'span' && operand.key.field === field && operand.operator === ':'
			? operand.values.flatMap((value) => ('text' in value ? [value.text] : []))
			: [],
	);
}

/** A service may be named with or without its namespace. */
export const isSameService =
	(service: string) =>
	(other: string): boolean =>
		service === other || service.endsWith(`/${other}`) || other.endsWith(`/${service}`);
