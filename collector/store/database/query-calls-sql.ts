/** The calls of one database query, in SQL over `spans`, and what lies around them in their traces. */
import { ONCE } from '../buckets/bucket-spans.ts';
import type { WindowScope } from '../reader-types.ts';
import { IN_WINDOW } from '../read-scope.ts';
import { IS_DATABASE_CALL, QUERY } from '../database-calls.ts';
import { IS_QUERY, ofNamespace, ofSystem, sharedCondition } from './query-filter.ts';
import type { QueryId } from './query-filter.ts';

/** The calls themselves, each once. Binds what the scope has, `query`, and what the filter has. */
export const callsSql = (scope: WindowScope, id: QueryId, columns: string, and = '1'): string => `
	SELECT ${columns}, attr_db_system_name AS system, attr_db_namespace AS namespace
	FROM spans WHERE ${IN_WINDOW} AND ${IS_DATABASE_CALL} AND ${QUERY} = ${IS_QUERY}
		AND ${sharedCondition(scope, id)} AND ${ofSystem(id)} AND ${ofNamespace(id)} AND ${and} ${ONCE}`;

/** Whole traces, one in so many. Binds `slices`. */
export const SAMPLED = 'cityHash64(trace_id) % {slices:UInt32} = 0';

/** A request may end long after what it called. */
export const AROUND = `project = {project:String} AND time >= fromUnixTimestamp64Milli({fromMs:Int64} - 300000, 'UTC')
	AND time < fromUnixTimestamp64Milli({toMs:Int64} + 3600000, 'UTC')`;
