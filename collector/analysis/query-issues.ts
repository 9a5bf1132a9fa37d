/** Terms about issues of the inbox: what was found in a trace, or what one of its spans or logs recorded as an exception. */
import type { Operator, Term } from '../../schema/query-syntax.ts';
import { logExceptions } from './exceptions/exception-sql.ts';
import { idCondition } from './query-fields.ts';
import { allOf, anyOf, not } from './query-parameters.ts';
import type { QueryParameters } from './query-parameters.ts';
import { AROUND_WINDOW } from './query-structures.ts';

/** As its id is written: the bytes of the number, the first ones first. */
const ISSUE_ID = 'reverse(reinterpretAsFixedString(issue))';

const aroundDays = (column: string): string => `
	${column} >= toDate(fromUnixTimestamp64Milli({fromMs:Int64} - 3600000, 'UTC')) - 1
	AND ${column} <= toDate(fromUnixTimestamp64Milli({toMs:Int64} + 3600000, 'UTC')) + 1`;

/** Findings hold as they were analysed last. */
const foundIn = (match: string): string => `
	SELECT trace_id FROM (
		SELECT trace_id, time, gone, project FROM performance_findings
		WHERE project = {project:String} AND ${aroundDays('day')} AND ${match}
		ORDER BY analysed DESC LIMIT 1 BY trace_id, issue)
	WHERE gone = 0 AND ${AROUND_WINDOW}`;

const variantsOf = (match: string): string => `
	variant IN (SELECT variant FROM (
		SELECT variant, argMax(issue, assigned) AS issue FROM exception_variants WHERE project = {project:String} GROUP BY variant)
	WHERE ${match})`;

/** Exceptions of spans as far as they are derived: some seconds behind. */
const thrownIn = (match: string): string => `
	SELECT trace_id FROM exceptions WHERE ${AROUND_WINDOW} AND ${aroundDays('_day')} AND ${variantsOf(match)}`;

const loggedIn = (match: string): string => `
	SELECT trace_id FROM (${logExceptions('trace_id', `${AROUND_WINDOW} AND trace_id != toFixedString('', 16)`)})
	WHERE ${variantsOf(match)}`;

/** Three sets rather than their union: of that, shards are asked a query that they refuse ("Invalid local IN function name"). */
const inTraces = (match: string): string =>
	anyOf([foundIn, thrownIn, loggedIn].map((tracesOf) => `trace_id IN (${tracesOf(match)})`));

/** Spans of traces with one of these issues. A trace may have several, so that `!=` means it has some, and none of these. */
export function issueCondition(term: Term, bind: QueryParameters): string {
	const positive = POSITIVE[term.operator];
	if (positive === undefined) return inTraces(idCondition(term, ISSUE_ID, bind));
	const these = inTraces(idCondition({ ...term, operator: positive }, ISSUE_ID, bind));
	return allOf([inTraces('1'), not(these)]);
}

const POSITIVE: { readonly [operator in Operator]?: Operator } = { '!=': ':', '!~': '~' };
