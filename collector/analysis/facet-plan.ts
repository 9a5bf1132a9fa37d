/** Which facets can be counted together, and by what. Pure. */
import { printKey, printQuery } from '../../schema/query-print.ts';
import type { Expression, Key, Query } from '../../schema/query-syntax.ts';
import { planColumns } from './column-plan.ts';
import type { ColumnPlan } from './column-plan.ts';
import { compileQuery } from './query-to-sql.ts';
import type { CompiledQuery, UnsupportedQuery } from './query-to-sql.ts';

/** Facets that are counted in one reading of the spans. */
export interface FacetGroup {
	columns: ColumnPlan;
	query: CompiledQuery;
}

export type FacetPlan =
	{ kind: 'plan'; groups: FacetGroup[] } | UnsupportedQuery | { kind: 'uncountable'; key: string };

/**
 * A facet shows what could be chosen instead of what is: it is counted without the query's own terms on its key, so that
 * `service:cart` leaves the other services in the list.
 */
export function planFacets(query: Query, keys: readonly Key[]): FacetPlan {
	const byQuery = new Map<string, { query: Query; keys: Key[] }>();
	for (const key of keys) {
		const others = withoutKey(query, key);
		const text = printQuery(others);
		const known = byQuery.get(text);
		if (known === undefined) byQuery.set(text, { query: others, keys: [key] });
		else known.keys.push(key);
	}
	const groups: FacetGroup[] = [];
	for (const { query, keys } of byQuery.values()) {
		const compiled = compileQuery(query);
		if ('kind' in compiled) return compiled;
		const columns = planColumns(keys);
		if ('uncountable' in columns) return { kind: 'uncountable', key: columns.uncountable };
		groups.push({ columns, query: compiled });
	}
	return { kind: 'plan', groups };
}

/** Only what every span must fulfil can be taken out by itself. */
function withoutKey({ where }: Query, key: Key): Query {
	const operands = where === undefined ? [] : where.kind === 'and' ? where.operands : [where];
	const kept = operands.filter((operand) => !choosesKey(operand, printKey(key)));
	const [only] = kept;
	if (only === undefined) return {};
	return { where: kept.length === 1 ? only : { kind: 'and', operands: kept } };
}

const choosesKey = (operand: Expression, key: string): boolean =>
	operand.kind === 'term' && operand.operator === ':' && printKey(operand.key) === key;
