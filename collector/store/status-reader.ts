import type { ClickHouse } from './clickhouse.ts';
import { projectParameters } from './read-scope.ts';
import type { StatusReader } from './reader-types.ts';
import { QueryError } from './store-error.ts';

/** Parts of one project: it is the first half of a partition's name, `('default','2026-11-23 06:00:00')`. */
const SIZE = `
	SELECT sum(rows) AS rows, sum(bytes_on_disk) AS bytesOnDisk FROM system.parts
	WHERE database = currentDatabase() AND table = 'spans' AND active
		AND startsWith(partition, concat('(\\'', {project:String}, '\\','))`;

/**
 * Answered from the ranges that each part keeps of the columns of the partition key: no span is read. That works for these
 * very functions; `minOrNull` reads every span.
 */
const RANGE = `
	SELECT toUnixTimestamp64Milli(min(time)) AS oldestMs, toUnixTimestamp64Milli(max(time)) AS newestMs, count() AS spans
	FROM spans WHERE project = {project:String}`;

interface Size {
	rows: number;
	bytesOnDisk: number;
}
interface Range {
	oldestMs: number;
	newestMs: number;
	/** Without any, both times are that of the epoch. */
	spans: number;
}

const rangeOf = ([range]: Range[]): { oldestMs: number | null; newestMs: number | null } =>
	range === undefined || range.spans === 0 ? { oldestMs: null, newestMs: null } : range;

const pingTimeoutMs = 1_000;

export function createStatusReader(clickhouse: ClickHouse): StatusReader {
	return {
		async spans(scope) {
			const [sizes, ranges] = await Promise.all([
				clickhouse.everywhere<Size>(SIZE, projectParameters(scope), scope.signal),
				clickhouse.rows<Range>(RANGE, projectParameters(scope), scope.signal),
			]);
			const total = (of: (size: Size) => number): number => sizes.reduce((sum, size) => sum + of(size), 0);
			const size = { rows: total(({ rows }) => rows), bytesOnDisk: total(({ bytesOnDisk }) => bytesOnDisk) };
			const { oldestMs, newestMs } = rangeOf(ranges);
			return { ...size, oldestMs, newestMs };
		},
		async newestMs(scope) {
			return rangeOf(await clickhouse.rows<Range>(RANGE, projectParameters(scope), scope.signal)).newestMs;
		},
		async ping() {
			const timeout = AbortSignal.timeout(pingTimeoutMs);
			try {
				await clickhouse.rows('SELECT 1', {}, timeout);
			} catch (error) {
				if (!timeout.aborted) throw error;
				throw new QueryError(503, 'STORE_UNAVAILABLE', `ClickHouse did not answer within ${pingTimeoutMs} ms`);
			}
		},
	};
}
