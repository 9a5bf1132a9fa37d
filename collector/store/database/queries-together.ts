/** Which other queries are called in the traces of a query. */
import type { QueryTogether } from '../../../schema/api-database.ts';
import { databaseQuery } from '../../analysis/database-query.ts';
import { NO_SPAN, ONCE } from '../buckets/bucket-spans.ts';
import type { WindowScope } from '../reader-types.ts';
import { IS_DATABASE_CALL, QUERY, queryHex } from '../database-calls.ts';
import { AROUND, callsSql, SAMPLED } from './query-calls-sql.ts';
import { IS_QUERY } from './query-filter.ts';
import type { QueryId, ReadCalls } from './query-filter.ts';

/** What is rarer than the first ten says little of the query. */
const maxTogether = 10;

/** Binds what a read of calls does, `slices`, and `system` and `namespace` of the query. */
const TOGETHER = (scope: WindowScope, id: QueryId) => {
	const calls = (columns: string, and: string) => `SELECT ${columns} FROM (${callsSql(scope, id, columns, and)})`;
	return `
	SELECT ${queryHex('query')} AS fingerprint, toString(system) AS system, toString(namespace) AS namespace,
		toString(max(operation)) AS summary, toString(max(text)) AS text, uniqExact(trace_id) AS traces, count() AS calls,
		uniqExactIf(trace_id, isBeside) AS besideTraces, count() OVER () AS groups
	FROM (
		SELECT ${QUERY} AS query, attr_db_system_name AS system, attr_db_namespace AS namespace, operation, db_query_text AS text, trace_id,
			(trace_id, parent_span_id) IN (${calls('trace_id, parent_span_id', `${SAMPLED} AND parent_span_id != ${NO_SPAN}`)}) AS isBeside
		FROM spans WHERE ${AROUND} AND ${IS_DATABASE_CALL} AND trace_id IN (${calls('trace_id', SAMPLED)}) ${ONCE}
	)
	WHERE NOT (query = ${IS_QUERY} AND system = {system:String} AND namespace = {namespace:String})
	GROUP BY query, system, namespace
	ORDER BY traces DESC, calls DESC, fingerprint, system, namespace
	LIMIT ${maxTogether}`;
};

type TogetherRow = Omit<QueryTogether, 'query'> & { groups: number };

/** Those in most of its traces first, and how many there are. */
export async function readQueriesTogether(
	scope: WindowScope,
	id: QueryId,
	read: ReadCalls,
	slices: number,
): Promise<{ queries: QueryTogether[]; of: number }> {
	const rows = await read<TogetherRow>(TOGETHER(scope, id), { slices });
	return {
		queries: rows.map((row) => {
			const { groups: _, ...group } = row;
			return { ...group, query: databaseQuery(row) };
		}),
		of: rows[0]?.groups ?? 0,
	};
}
