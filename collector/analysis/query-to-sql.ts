/** Makes a condition in ClickHouse's SQL of a query. Pure: what is typed ends up in `parameters` alone. */
import type { Expression, Query, Term } from '../../schema/query-syntax.ts';
import { attributeNames } from './query-attribute-names.ts';
import { attributeCondition, COMMENT_PREFIX } from './query-attributes.ts';
import { ownCondition } from './query-candidates.ts';
import { FINGERPRINT_KEY } from './query-fingerprint.ts';
import { fieldCondition, isTraceFact } from './query-fields.ts';
import { freeTextCondition } from './query-free-text.ts';
import { issueCondition } from './query-issues.ts';
import { asksOnly, OF_SERVICES } from './query-of-fields.ts';
import { allOf, anyOf, not, QueryParameters } from './query-parameters.ts';
import type { Absent, LooksFor } from './query-parameters.ts';
import { looksAround, MAX_CONDITION, QueryTooLarge, setCondition, traceCondition } from './query-structures.ts';

/**
 * A condition over the columns of `spans`, and the values that it binds. It may name `{project:String}`,
 * `{fromMs:Int64}` and `{toMs:Int64}`, which the reader binds to its project and window.
 */
export interface CompiledQuery {
	where: string;
	parameters: Record<string, unknown>;
	/** What matches has one of some whole values of an attribute, by whose index spans that don't are passed over. */
	isSought?: boolean;
	/** It has several conditions, all of which have to hold. */
	isNarrow?: boolean;
	/** It names no columns but those of fields by which services are counted. */
	isOfServices?: boolean;
	/** Of one that asks other spans of a trace: what every span that matches fulfils by itself. */
	own?: string;
	/** Of one that asks no other span: in which maps of attributes it looks for values, and of which keys. */
	looksFor?: LooksFor;
}

/** A query that can be said but not run: its condition would be too large for the store. */
export interface UnsupportedQuery {
	kind: 'unsupported';
	/** In UTF-16 units from 0. */
	position: number;
	message: string;
}

/**
 * `where` is `1` for an empty query: every span.
 * @param prefix of the names that are bound, for a second query in the same statement
 * @param absent of what it looks for
 */
export function compileQuery(query: Query, prefix?: string, absent?: Absent): CompiledQuery | UnsupportedQuery {
	const bind = new QueryParameters(prefix, absent);
	try {
		const where = query.where === undefined ? '1' : condition(query.where, bind);
		if (where.length > MAX_CONDITION) throw new QueryTooLarge(0);
		const isOfServices = asksOnly(query, OF_SERVICES);
		const own =
			query.where === undefined || !looksAround({ where })
				? undefined
				: ownCondition(query.where, (part) => condition(part, bind));
		return {
			where,
			parameters: bind.values,
			...findsOf(query),
			...(isOfServices ? { isOfServices } : {}),
			...(own === undefined ? {} : { own }),
			...(looksAround({ where }) ? {} : bind.looksFor()),
		};
	} catch (failure) {
		if (!(failure instanceof QueryTooLarge)) throw failure;
		return { kind: 'unsupported', position: failure.position, message: failure.message };
	}
}

function findsOf({ where }: Query): Pick<CompiledQuery, 'isSought' | 'isNarrow'> {
	if (where === undefined) return {};
	return { ...(seeksValue(where) ? { isSought: true } : {}), ...(where.kind === 'and' ? { isNarrow: true } : {}) };
}

/**
 * Texts alone: numbers may be fractions, whose values have no index. Nor have those of attributes with columns of their own, or
 * made of others.
 */
function seeksValue(expression: Expression): boolean {
	switch (expression.kind) {
		case 'and':
			return expression.operands.some(seeksValue);
		case 'or':
			return expression.operands.every(seeksValue);
		case 'term': {
			const { key, operator, values } = expression;
			if (key.kind !== 'attribute' || (key.scope !== 'any' && key.scope !== 'span') || operator !== ':') return false;
			const { column, readings } = attributeNames(key.key);
			const isMade = column !== undefined || readings !== undefined;
			const isInMaps = key.key !== FINGERPRINT_KEY && !key.key.startsWith(COMMENT_PREFIX) && !isMade;
			return isInMaps && values.every((value) => value.kind === 'text' && value.text !== '');
		}
		default:
			return false;
	}
}

function condition(expression: Expression, bind: QueryParameters): string {
	switch (expression.kind) {
		case 'and':
			return conjunction(expression.operands, bind);
		case 'or':
			return anyOf(expression.operands.map((operand) => condition(operand, bind)));
		case 'not':
			return not(condition(expression.operand, bind));
		case 'free':
			return freeTextCondition(expression.pieces, bind);
		case 'term':
			return termCondition(expression, bind);
		default:
			return setCondition(expression, ({ where }) => (where === undefined ? '1' : condition(where, bind)), bind);
	}
}

/** Facts of traces are asked last, and of those traces alone that the rest of the query can be about. */
function conjunction(operands: readonly Expression[], bind: QueryParameters): string {
	const ofTrace: Term[] = [];
	const others: string[] = [];
	for (const operand of operands) {
		if (operand.kind === 'term' && operand.key.kind === 'trace' && isTraceFact(operand.key.field))
			ofTrace.push(operand);
		else others.push(condition(operand, bind));
	}
	if (ofTrace.length === 0) return allOf(others);
	const candidates = others.length === 0 ? undefined : allOf(others);
	return allOf([...others, traceCondition(ofTrace, candidates, bind)]);
}

function termCondition(term: Term, bind: QueryParameters): string {
	switch (term.key.kind) {
		case 'span':
			return fieldCondition(term, term.key.field, bind);
		case 'trace':
			return isTraceFact(term.key.field) ? traceCondition([term], undefined, bind) : issueCondition(term, bind);
		case 'attribute':
			return attributeCondition(term, term.key.scope, term.key.key, bind);
	}
}
