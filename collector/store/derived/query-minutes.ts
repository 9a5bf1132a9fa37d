import { IS_DATABASE_CALL, QUERY, ROWS_RETURNED, TELLS_ROWS } from '../database-calls.ts';
import { BUCKET } from '../duration-bucket.ts';
import type { DerivedTable } from './derived-table.ts';

/** What database calls are counted by. */
const KEYS = 'service_namespace, service, environment, query, system, namespace, operation, text';

/** Database calls by minute and query. Read through `derivedRows`, and added up with `sum`, `sumMap` and, of `most_rows`, `max`. */
export const QUERY_MINUTES: DerivedTable = {
	name: 'query_minutes',
	columns: `project, minute, ${KEYS}, calls, errors, spans, total_nano, buckets, bucket_calls,
		returned_rows, calls_with_rows, most_rows`,
	select: (where) => `
		SELECT project, toStartOfMinute(toDateTime(time, 'UTC')) AS minute, service_namespace, service, environment,
			${QUERY} AS query, attr_db_system_name AS system, attr_db_namespace AS namespace, operation,
			db_query_text AS text, sum(weight) AS calls, sumIf(weight, error = 1) AS errors, count() AS spans,
			sum(weight * duration_nano) AS total_nano,
			(sumMap([${BUCKET}], [weight]) AS histogram).1 AS buckets, histogram.2 AS bucket_calls,
			sumIf(weight * ${ROWS_RETURNED}, ${TELLS_ROWS}) AS returned_rows, sumIf(weight, ${TELLS_ROWS}) AS calls_with_rows,
			maxIf(toFloat64(${ROWS_RETURNED}), ${TELLS_ROWS}) AS most_rows
		FROM spans WHERE ${IS_DATABASE_CALL} AND ${where}
		GROUP BY project, minute, ${KEYS}`,
};
