import type { NewQuery } from '../../../schema/api-changes.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import type { ReadWindow } from '../derived/derived-conditions.ts';
import { derivedParameters, derivedRows, readWindow } from '../derived/derived-rows.ts';
import type { DerivedMark } from '../derived/derived-mark.ts';
import { QUERY_MINUTES } from '../derived/query-minutes.ts';
import type { WindowScope } from '../reader-types.ts';
import { queryHex } from '../database-calls.ts';
import { filterParameters, ofSystem, sharedCondition } from './query-filter.ts';
import type { QueryFilter, QueryReader } from './query-filter.ts';

const maxNew = 50;

/** One pass over both windows rather than a set of those before: on a cluster a query's calls lie on any shard. */
const NEW_QUERIES = (scope: WindowScope, filter: QueryFilter, later: ReadWindow, earlier: ReadWindow) => {
	const rows = (read: ReadWindow): string =>
		`(${derivedRows(QUERY_MINUTES, sharedCondition(scope, filter), read)}) WHERE ${ofSystem(filter)}`;
	return `
	SELECT ${queryHex('id')} AS fingerprint, (argMax((sys, space, name), n) AS most).1 AS system, most.2 AS namespace,
		most.3 AS summary, max(words) AS text, sum(n) AS calls, sum(failed) AS errors, sum(nano) AS totalNano,
		count() OVER () AS total
	FROM (
		SELECT query AS id, 1 AS isLater, toString(system) AS sys, toString(namespace) AS space, toString(operation) AS name,
			toString(text) AS words, calls AS n, errors AS failed, total_nano AS nano FROM ${rows(later)}
		UNION ALL
		SELECT query AS id, 0 AS isLater, '' AS sys, '' AS space, '' AS name, '' AS words, 0 AS n, 0 AS failed, 0 AS nano
		FROM ${rows(earlier)})
	GROUP BY id HAVING min(isLater) = 1
	ORDER BY totalNano DESC, fingerprint LIMIT ${maxNew}`;
};

type NewQueryRow = NewQuery & { total: number };

const toQuery = ({
	fingerprint,
	system,
	namespace,
	summary,
	text,
	calls,
	errors,
	totalNano,
}: NewQueryRow): NewQuery => ({
	fingerprint,
	system,
	namespace,
	summary,
	text,
	calls,
	errors,
	totalNano,
});

/** `reader.newSince` of the query reader. */
export function createNewQueries(clickhouse: ClickHouse, mark: () => DerivedMark): QueryReader['newSince'] {
	return async (scope, filter, earlier) => {
		const at = mark();
		const sql = NEW_QUERIES(scope, filter, readWindow(scope, at), readWindow({ ...scope, window: earlier }, at));
		const parameters = { ...derivedParameters(scope, at), ...filterParameters(filter) };
		const rows = await clickhouse.rows<NewQueryRow>(sql, parameters, scope.signal);
		return { queries: rows.map(toQuery), total: rows[0]?.total ?? 0 };
	};
}
