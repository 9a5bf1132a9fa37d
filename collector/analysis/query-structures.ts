/** Sets of spans, how they lie to each other in their traces, and facts of whole traces: conditions on rows of `spans`. */
import type { SetExpression, Structure, StructureOperator, Term } from '../../schema/query-syntax.ts';
import { DISTINCT_SPANS, isTraceFact, TRACE_COLUMNS, traceFieldCondition } from './query-fields.ts';
import { allOf, anyOf, not } from './query-parameters.ts';
import type { QueryParameters } from './query-parameters.ts';

/**
 * Where the other spans of a trace are looked for: an hour around the window, since a parent may end long after its
 * child. The reader of the store binds project and window.
 */
export const AROUND_WINDOW = `project = {project:String}
	AND time >= fromUnixTimestamp64Milli({fromMs:Int64} - 3600000, 'UTC')
	AND time < fromUnixTimestamp64Milli({toMs:Int64} + 3600000, 'UTC')`;

/** Characters of SQL. ClickHouse parses 256 KiB, and some of a query is not this condition. */
export const MAX_CONDITION = 200_000;

/** Structure repeats the conditions of its sides, so that a deep one grows fast. */
export class QueryTooLarge extends Error {
	override readonly name = 'QueryTooLarge';
	readonly position: number;

	constructor(position: number) {
		super('This search is too large: use fewer terms, or fewer operators between braces.');
		this.position = position;
	}
}

/** Where other spans of a trace are looked for. */
export const SPANS_AROUND = `FROM spans WHERE ${AROUND_WINDOW}`;

const select = (columns: string, condition: string): string => `SELECT ${columns} ${SPANS_AROUND} AND ${condition}`;

/** Whether a condition asks other spans than the one it is about, and so reads the whole window and more. */
export const looksAround = ({ where }: { where: string }): boolean => where.includes('FROM spans');

/** Whether a condition follows spans up or down their traces (`>>`, `<<`): every trace that can match becomes arrays for it. */
export const followsTraces = ({ where }: { where: string }): boolean => where.includes('arrayFold(');

/** Whether a condition asks spans of other traces, by links (`->`). */
export const followsLinks = ({ where }: { where: string }): boolean => where.includes('ARRAY JOIN link_trace_id');

/** Long columns, and those by whose index most spans are passed over. */
const LONG_OR_INDEXED =
	/\b(?:attr_|attributes_|event_|link_|query_comment|status_message|trace_id|span_id|resource_id|scope_id)/;

/** Whether a condition is about a few short columns of each span, and so costs little to ask of all of them. */
export const asksLittle = ({ where }: { where: string }): boolean => !LONG_OR_INDEXED.test(where);

const NO_PARENT = "toFixedString('', 8)";

/** Spans in traces of which all these terms hold. `candidates` names the traces that can matter at all. */
export function traceCondition(terms: readonly Term[], candidates: string | undefined, bind: QueryParameters): string {
	const asked = terms.flatMap((term) =>
		term.key.kind === 'trace' && isTraceFact(term.key.field) ? [traceFieldCondition(term, term.key.field, bind)] : [],
	);
	const columns = [...new Set(asked.flatMap(({ columns }) => columns))];
	const selected = ['trace_id', ...columns.map((column) => `${TRACE_COLUMNS[column]} AS ${column}`)].join(', ');
	const among = candidates === undefined ? '1' : `trace_id IN (${select('trace_id', candidates)})`;
	// The facts are columns of a subquery, not aggregates in HAVING, where ClickHouse's rewriting of LIKE loses them.
	return `trace_id IN (SELECT trace_id FROM (${select(selected, among)} GROUP BY trace_id)
		WHERE ${allOf(asked.map(({ condition }) => condition))})`;
}

/** @param where compiles what stands in braces */
export function setCondition(
	set: SetExpression,
	where: (set: Extract<SetExpression, { kind: 'spans' }>) => string,
	bind: QueryParameters,
): string {
	switch (set.kind) {
		case 'spans':
			return where(set);
		case 'structure': {
			const left = setCondition(set.left, where, bind);
			const right = setCondition(set.right, where, bind);
			if (3 * left.length + 2 * right.length > MAX_CONDITION) throw new QueryTooLarge(set.position);
			return structureCondition(set, left, right);
		}
		case 'counted': {
			const counted = setCondition(set.of, where, bind);
			const sign = set.operator === ':' ? '=' : set.operator;
			const enough = `${DISTINCT_SPANS} ${sign} ${bind.uint64(BigInt(set.count))}`;
			return allOf([counted, `trace_id IN (${select('trace_id', counted)} GROUP BY trace_id HAVING ${enough})`]);
		}
	}
}

function structureCondition({ operator }: Structure, left: string, right: string): string {
	switch (operator) {
		case '||':
			return anyOf([left, right]);
		case '&&':
			return allOf([right, `trace_id IN (${select('trace_id', left)})`]);
		case '>':
		case '!>':
			return allOf([
				right,
				`(trace_id, parent_span_id) ${membership(operator)} (${select('trace_id, span_id', left)})`,
			]);
		case '<':
		case '!<':
			return allOf([
				right,
				`(trace_id, span_id) ${membership(operator)} (${select('trace_id, parent_span_id', left)})`,
			]);
		case '->':
			return allOf([right, `(trace_id, span_id) IN (${linked(left)})`]);
		case '~':
			return siblings(left, right);
		default:
			return allOf([right, `(trace_id, span_id) ${membership(operator)} (${related(operator, left, right)})`]);
	}
}

const membership = (operator: StructureOperator): string => (operator.startsWith('!') ? 'NOT IN' : 'IN');

/** A span is no sibling of itself: where it matches the left side too, another child of its parent has to. */
function siblings(left: string, right: string): string {
	const byParent = select('trace_id, parent_span_id', `${left} AND parent_span_id != ${NO_PARENT}`);
	const several = `${byParent} GROUP BY trace_id, parent_span_id HAVING uniqExact(span_id) > 1`;
	const parent = '(trace_id, parent_span_id)';
	return allOf([right, anyOf([allOf([`${parent} IN (${byParent})`, not(left)]), `${parent} IN (${several})`])]);
}

/** Ids of the spans with a link to a left-hand span, which is in another trace more often than not. */
const linked = (left: string): string => `
	SELECT trace_id, span_id FROM spans ARRAY JOIN link_trace_id AS linked_trace, link_span_id AS linked_span
	WHERE ${AROUND_WINDOW} AND (linked_trace, linked_span) IN (${select('trace_id, span_id', left)})`;

/**
 * Ids of the spans that have a left-hand span above them (`>>`), or below them (`<<`).
 *
 * Each trace that has a span of either side becomes arrays, `up` holding the place of each span's parent (0 for none). Doubling the
 * step of `up` in each round reaches every ancestor in log2(spans) rounds, however deep the trace is.
 */
function related(operator: StructureOperator, left: string, right: string): string {
	const touched = `trace_id IN (${select('trace_id', left)}) AND trace_id IN (${select('trace_id', right)})`;
	const rounds = 'range(toUInt64(ceil(log2(length(ids) + 1))) + 1)';
	const leap = 'arrayMap(p -> if(p = 0, 0, state.2[p]), state.2)';
	const downwards = 'arrayMap((h, p) -> h OR (p != 0 AND state.1[p]), state.1, state.2)';
	const upwards = `arrayMap((h, i) -> h OR has(arrayFilter((p, below) -> below, state.2, state.1), i), state.1, arrayEnumerate(state.1))`;
	const spread = operator === '<<' ? upwards : downwards;
	const first =
		operator === '<<'
			? 'arrayMap(i -> has(arrayFilter((p, s) -> s, up, seeds), i), arrayEnumerate(ids))'
			: 'arrayMap(p -> p != 0 AND seeds[p], up)';
	return `SELECT trace_id, arrayJoin(arrayFilter((id, hit) -> hit, ids, hits)) FROM (
		SELECT trace_id, ids, arrayFold((state, round) -> (${spread}, ${leap}), ${rounds}, (first, up)).1 AS hits FROM (
			SELECT trace_id, ids, up, ${first} AS first FROM (
				SELECT trace_id, groupArray(span_id) AS ids, groupArray(parent_span_id) AS parents,
					groupArray(toBool(${left})) AS seeds, arrayMap(p -> indexOf(ids, p), parents) AS up
				${SPANS_AROUND} AND ${touched} GROUP BY trace_id)))`;
}
