import type { QueryBefore } from '../../../schema/api-database.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import type { ReadWindow } from '../derived/derived-conditions.ts';
import { derivedParameters, derivedRows, readWindow } from '../derived/derived-rows.ts';
import type { DerivedMark } from '../derived/derived-mark.ts';
import { QUERY_MINUTES } from '../derived/query-minutes.ts';
import { comparedScope } from '../read-scope.ts';
import type { WindowScope } from '../reader-types.ts';
import { RedSums, sumsOfRow } from '../counts/red-sums.ts';
import type { RedRow } from '../counts/red-sums.ts';
import { queryHex } from '../database-calls.ts';
import { filterParameters, ofSystem, sharedCondition } from './query-filter.ts';
import type { QueryFilter, QueryReader, QueryRow } from './query-filter.ts';

const BEFORE = (scope: WindowScope, filter: QueryFilter, read: ReadWindow) => `
	SELECT ${queryHex('query')} AS fingerprint, toString(system) AS system, toString(namespace) AS namespace,
		sum(rows.calls) AS requests, sum(rows.errors) AS failed, sum(total_nano) AS totalNano, sum(rows.spans) AS counted,
		(sumMap(buckets, bucket_calls) AS histogram).1 AS histogramBuckets, histogram.2 AS histogramCalls
	FROM (${derivedRows(QUERY_MINUTES, sharedCondition(scope, filter), read)}) AS rows
	WHERE ${ofSystem(filter)}
		AND has(arrayMap(one -> reinterpretAsUInt64(reverse(unhex(one))), {fingerprints:Array(String)}), rows.query)
	GROUP BY rows.query, rows.system, rows.namespace`;

type BeforeRow = RedRow & Pick<QueryRow, 'fingerprint' | 'system' | 'namespace'>;

/** `reader.before` of the query reader: one answer for each of the queries, whose number `list` bounds. */
export function createQueriesBefore(clickhouse: ClickHouse, mark: () => DerivedMark): QueryReader['before'] {
	return async (scope, filter, queries) => {
		const compared = comparedScope(scope);
		const fingerprints = [...new Set(queries.map(({ fingerprint }) => fingerprint))];
		const at = mark();
		const parameters = { ...derivedParameters(compared, at), ...filterParameters(filter), fingerprints };
		const rows =
			fingerprints.length === 0
				? []
				: await clickhouse.rows<BeforeRow>(
						BEFORE(compared, filter, readWindow(compared, at)),
						parameters,
						scope.signal,
					);
		const found = new Map(rows.map((row) => [keyOf(row), row]));
		return queries.map((query) => numbersOf(found.get(keyOf(query))));
	};
}

const keyOf = ({ fingerprint, system, namespace }: Pick<BeforeRow, 'fingerprint' | 'system' | 'namespace'>): string =>
	JSON.stringify([fingerprint, system, namespace]);

function numbersOf(row: BeforeRow | undefined): QueryBefore {
	const sums = new RedSums();
	if (row !== undefined) sums.add(sumsOfRow(row));
	const { requests: calls, ...red } = sums.red();
	return { calls, ...red };
}
