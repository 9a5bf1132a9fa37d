import type { ClickHouse } from './engine/clickhouse.ts';
import { projectParameters } from './read-scope.ts';
import type { ReadScope, StatusReader } from './reader-types.ts';
import { QueryError } from './engine/store-error.ts';

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
type Ends = { oldestMs: number | null; newestMs: number | null };

const noEnds: Ends = { oldestMs: null, newestMs: null };
/** To plan the question costs as much as to answer it, and every open page asks it again and again. */
const rangeForMs = 1_000;
const maxProjects = 1_000;
const pingTimeoutMs = 1_000;

/** `clock`: Unix milliseconds. */
export function createStatusReader(clickhouse: ClickHouse, clock: () => number = Date.now): StatusReader {
	/** Of projects that have spans; forgotten when there are too many. */
	const known = new Map<string, { ends: Ends; atMs: number }>();
	const endsOf = async (scope: ReadScope): Promise<Ends> => {
		const nowMs = clock();
		const before = known.get(scope.project);
		if (before !== undefined && nowMs - before.atMs < rangeForMs) return before.ends;
		const [range] = await clickhouse.rows<Range>(RANGE, projectParameters(scope), scope.signal);
		known.delete(scope.project);
		if (range === undefined || range.spans === 0) return noEnds;
		const ends: Ends = { oldestMs: range.oldestMs, newestMs: range.newestMs };
		if (known.size >= maxProjects) known.clear();
		known.set(scope.project, { ends, atMs: nowMs });
		return ends;
	};
	return {
		async spans(scope) {
			const [sizes, ends] = await Promise.all([
				clickhouse.everywhere<Size>(SIZE, projectParameters(scope), scope.signal),
				endsOf(scope),
			]);
			const total = (of: (size: Size) => number): number => sizes.reduce((sum, size) => sum + of(size), 0);
			return { rows: total(({ rows }) => rows), bytesOnDisk: total(({ bytesOnDisk }) => bytesOnDisk), ...ends };
		},
		newestMs: async (scope) => (await endsOf(scope)).newestMs,
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
