import { keyValue } from '../../analysis/key-value.ts';
import { QueryParameters } from '../../analysis/query-parameters.ts';
import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { IN_WINDOW, scopeParameters, SERVICE_NAME } from '../read-scope.ts';
import type { WindowScope } from '../reader-types.ts';

/** Weighted by sampling. */
export interface ViolationCounts {
	requests: number;
	ofRequests: number;
	/** Distinct values of `user.id` among those that violate. */
	users: number;
	/** Those with most violating requests first. */
	services: string[];
}

export interface AlertEvidenceReader {
	/** `violating` is compiled with another prefix than `query`; undefined: all of them violate. */
	count(scope: WindowScope, query: CompiledQuery, violating: CompiledQuery | undefined): Promise<ViolationCounts>;
}

const COUNTS = (query: CompiledQuery, violating: CompiledQuery | undefined, user: string): string => `
	SELECT sum(weight) AS ofRequests, sumIf(weight, violates) AS requests, uniqExactIf(user, violates AND user != '') AS users,
		topKWeightedIf(5)(service_name, toUInt64(ceil(weight)), violates) AS services
	FROM (SELECT weight, (${violating?.where ?? '1'}) AS violates, ${user} AS user, ${SERVICE_NAME} AS service_name
		FROM spans WHERE ${IN_WINDOW} AND (${query.where}))`;

export function createAlertEvidenceReader(clickhouse: ClickHouse): AlertEvidenceReader {
	return {
		async count(scope, query, violating) {
			const bind = new QueryParameters('user_');
			const user = keyValue({ kind: 'attribute', scope: 'any', key: 'user.id' }, bind) ?? "''";
			const parameters = {
				...query.parameters,
				...violating?.parameters,
				...bind.values,
				...scopeParameters(scope),
			};
			const [row] = await clickhouse.rows<ViolationCounts>(COUNTS(query, violating, user), parameters, scope.signal);
			return row ?? { requests: 0, ofRequests: 0, users: 0, services: [] };
		},
	};
}
