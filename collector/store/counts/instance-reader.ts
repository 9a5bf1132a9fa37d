import type { Instance } from '../../../schema/api-services.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { inScope, ofService, scopeParameters } from '../read-scope.ts';
import type { RedReader, ServiceName, WindowScope } from '../reader-types.ts';
import { groupSums, RedSums } from './red-sums.ts';
import { SUMS_OF_SPANS } from './sums-sql.ts';

const maxInstances = 1_000;

const INSTANCES = (scope: WindowScope, service: ServiceName) => `
	SELECT instance, environment, CAST(argMax(version, time) AS String) AS newestVersion,
		toUnixTimestamp64Milli(min(time)) AS firstMs, toUnixTimestamp64Milli(max(time)) AS lastMs, count() OVER () AS found, ${SUMS_OF_SPANS}
	FROM spans WHERE ${inScope(scope)} AND ${ofService(service)} AND entry = 1
	GROUP BY instance, environment
	ORDER BY allRequests DESC, instance, environment LIMIT ${maxInstances}`;

/** Instances come and go: they are counted from spans, not in the rollup. */
export const createInstanceReader = (clickhouse: ClickHouse): Pick<RedReader, 'instances'> => ({
	async instances(scope, service) {
		const parameters = { ...scopeParameters(scope), ...service };
		const table = await clickhouse.columns(INSTANCES(scope, service), parameters, scope.signal);
		const instances = table.dictionary('instance');
		const environments = table.dictionary('environment');
		const versions = table.strings('newestVersion');
		const first = table.numbers('firstMs', 'int64');
		const last = table.numbers('lastMs', 'int64');
		const sums = groupSums(table, ['allSpans', 'totalNano']);
		const found: Instance[] = [];
		for (let row = 0; row < table.rows; row += 1) {
			const all = new RedSums();
			all.add(sums(row));
			found.push({
				instance: instances.dictionary[instances.ids[row] ?? 0] ?? '',
				environment: environments.dictionary[environments.ids[row] ?? 0] ?? '',
				version: versions[row] ?? '',
				...all.red(),
				totalNano: all.totalNano,
				firstSeenMs: Number(first[row]),
				lastSeenMs: Number(last[row]),
			});
		}
		const of = Number(table.numbers('found', 'uint64')[0] ?? 0);
		if (of <= found.length) return { instances: found };
		const reason = `the ${maxInstances} instances with most requests`;
		return { instances: found, partial: { reason, seen: found.length, of } };
	},
});
