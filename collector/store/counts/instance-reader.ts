import type { Instance } from '../../../schema/api-services.ts';
import { BUCKET } from '../duration-bucket.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { inScope, ofService, scopeParameters } from '../read-scope.ts';
import type { RedReader, ServiceName, WindowScope } from '../reader-types.ts';
import { groupSums, RedSums } from './red-sums.ts';

const maxInstances = 1_000;

/** By bucket first: lists made of groups take less than a map in each instance, see sums-sql.ts. */
const CELLS = (scope: WindowScope, service: ServiceName) => `
	SELECT instance, environment, ${BUCKET} AS bucket, argMax(version, time) AS newest, min(time) AS first, max(time) AS last,
		sum(weight) AS requests, sumIf(weight, error = 1) AS failed, count() AS spans, sum(weight * duration_nano) AS nano
	FROM spans WHERE ${inScope(scope)} AND ${ofService(service)} AND entry = 1
	GROUP BY instance, environment, bucket`;

const INSTANCES = (scope: WindowScope, service: ServiceName) => `
	SELECT instance, environment, CAST(argMax(newest, last) AS String) AS newestVersion,
		toUnixTimestamp64Milli(min(first)) AS firstMs, toUnixTimestamp64Milli(max(last)) AS lastMs, count() OVER () AS found,
		sum(requests) AS allRequests, sum(failed) AS errors, sum(spans) AS allSpans, sum(nano) AS totalNano,
		groupArray(bucket) AS inBuckets, groupArray(requests) AS bucketRequests
	FROM (${CELLS(scope, service)})
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
