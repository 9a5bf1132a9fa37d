import { afterAll, beforeAll, expect, test } from 'vitest';
import { bucketMs } from '../../../collector/store/buckets/bucket-spans.ts';
import type { Derivation } from '../../../collector/store/buckets/derivation.ts';
import { deriveBucket } from '../../../collector/store/buckets/derive-bucket.ts';
import { QUERY_REPEATS } from '../../../collector/store/buckets/query-repeats-sql.ts';
import { SERVICE_EDGES } from '../../../collector/store/buckets/service-edges-sql.ts';
import { SLOWEST_TRACES } from '../../../collector/store/buckets/slowest-traces-sql.ts';
import { callTraces } from '../../support/call-traces.ts';
import { queryTraces } from '../database/query-traces.ts';
import { openKeepingStore } from '../keeping/keeping-store.ts';

const endMs = Math.floor(Date.now() / bucketMs) * bucketMs - bucketMs;
const withinMs = 3 * bucketMs;
const spans = [
	...callTraces({ seed: 21, traces: 500, endMs, withinMs }),
	...queryTraces({ seed: 22, traces: 120, endMs, withinMs }).flatMap((trace) => trace.spans),
];

let store: Awaited<ReturnType<typeof openKeepingStore>>;
beforeAll(async () => {
	store = await openKeepingStore();
	await store.write(spans);
});
afterAll(() => store.close());

/** Rows of all buckets, each derived anew: once for the whole bucket, or in slices of about so many spans. */
async function derived(derivation: Derivation, version: number, sliceSpans: number) {
	let slices = 0;
	const clickhouse = new Proxy(store.clickhouse, {
		get(target, name) {
			if (name === 'native') slices += 1;
			const value: unknown = Reflect.get(target, name);
			return typeof value === 'function' ? (value.bind(target) as unknown) : value;
		},
	});
	const { signal } = new AbortController();
	for (let startMs = endMs - withinMs; startMs < endMs; startMs += bucketMs) {
		const bucket = {
			startMs,
			spans: spans.length,
			own: spans.length,
			seen: spans.length,
			settledMs: endMs,
			isNew: false,
		};
		await deriveBucket(clickhouse, { derivation, project: 'default', bucket, version, signal, sliceSpans });
	}
	const rows = await store.clickhouse.rows(
		`SELECT * EXCEPT version FROM ${derivation.table} WHERE version = {version:UInt64} ORDER BY ALL`,
		{ version },
	);
	return { rows, slices };
}

test.each([SERVICE_EDGES, QUERY_REPEATS, SLOWEST_TRACES])(
	'rows of $table are the same, whole or in slices',
	async (derivation) => {
		const whole = await derived(derivation, 10, spans.length);
		const sliced = await derived(derivation, 11, Math.ceil(spans.length / 7));
		expect([whole.slices, sliced.slices]).toEqual([0, 3 * 7]);
		expect(whole.rows.length).toBeGreaterThan(20);
		expect(sliced.rows).toEqual(whole.rows);
	},
);
