import { randomUUID } from 'node:crypto';
import type { ClickHouse, Parameters } from '../engine/clickhouse.ts';
import { near } from './bucket-spans.ts';
import type { Derivation } from './derivation.ts';
import type { DueBucket } from './due-buckets.ts';

/** A million spans take some 220 MiB to pair, and a statement has a gibibyte. */
export const SLICE_SPANS = 1_500_000;
/** Of the bucket, from which bounds are chosen. */
const sampledIds = 4_096;

/** What is larger goes through the disk: nobody waits for it. */
const DERIVING = {
	max_execution_time: 120,
	join_algorithm: 'hash',
	max_bytes_before_external_group_by: String(256 * 1024 ** 2),
	max_bytes_before_external_sort: String(256 * 1024 ** 2),
} as const;
/** As derived tables are made: on one thread, behind reads. */
const SLICING = { ...DERIVING, max_threads: 1, priority: '2' } as const;

const SAMPLE = `
	SELECT arrayMap(id -> lower(hex(id)), arraySort(groupArraySample(${sampledIds}, 1)(trace_id))) AS ids
	FROM spans WHERE ${near(0, 0)}`;

interface Options {
	derivation: Derivation;
	project: string;
	bucket: DueBucket;
	/** Greater than that of every time before. */
	version: number;
	signal: AbortSignal;
	/** About so many at once. */
	sliceSpans: number;
}

/** One block: all rows of the bucket under the version, or none. Of a large bucket rows are made trace by trace, and added up. */
export async function deriveBucket(clickhouse: ClickHouse, options: Options): Promise<void> {
	const { derivation, project, bucket, version, signal, sliceSpans } = options;
	const { startMs, own, seen, settledMs, spans } = bucket;
	const parameters = { project, bucketMs: startMs, version, own, seen, settledMs };
	const slices = Math.ceil(spans / sliceSpans);
	const more = { settings: DERIVING, signal };
	if (slices <= 1) {
		await clickhouse.derive(derivation.whole, { ...parameters, fromTrace: '', toTrace: '' }, randomUUID(), more);
		return;
	}
	const [sample] = await clickhouse.rows<{ ids: string[] }>(SAMPLE, { project, bucketMs: startMs }, signal, SLICING);
	const rows: Uint8Array[] = [];
	for (const traces of tracesOf(sample?.ids ?? [], slices)) {
		rows.push(await clickhouse.native(derivation.slice, { ...parameters, ...traces }, signal, SLICING));
	}
	await clickhouse.derive(derivation.ofSlices, parameters, randomUUID(), { ...more, rows });
}

/** Ranges that have about as many of the sorted ids each, and all traces together. */
export function tracesOf(ids: readonly string[], slices: number): Parameters[] {
	const at = Array.from({ length: slices - 1 }, (_, place) => ids[Math.floor(((place + 1) * ids.length) / slices)]);
	const bounds = [...new Set(at)].filter((id) => id !== undefined);
	return [...bounds, ''].map((toTrace, place) => ({ fromTrace: bounds[place - 1] ?? '', toTrace }));
}
