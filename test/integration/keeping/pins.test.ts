import { afterAll, beforeAll, expect, test } from 'vitest';
import { Pins } from '../../../collector/keeping/pins.ts';
import type { SpanId, TraceId } from '../../../schema/span.ts';
import { logBlock, logRecord } from '../../support/log-block.ts';
import { randomSpans } from '../../support/random-spans.ts';
import { timeMs, tracesOf } from '../store/oracle.ts';
import { openKeepingStore } from './keeping-store.ts';

const hourMs = 3_600_000;
const endMs = Date.UTC(2026, 10, 20, 9, 0, 0, 250);
const spans = randomSpans({ seed: 51, count: 300, endMs, withinMs: 5 * hourMs, traceSpans: 20 });
const traces = tracesOf(spans);
const [kept, other] = traces.map(({ traceId }) => traceId as TraceId) as [TraceId, TraceId];
const scope = { project: 'default' };
const log = (traceId: string, body: string) =>
	logRecord({ traceId, spanId: 'eee19b7ec3c1b174', timeUnixNano: '1795000000000000009', body });

let store: Awaited<ReturnType<typeof openKeepingStore>>;
let pins: Pins;
beforeAll(async () => {
	store = await openKeepingStore();
	await store.write(spans);
	await store.logs.append(
		logBlock([log(kept, 'sone'), log(kept, 'stwo'), log(other, 'sthree')], 'default', [endMs, endMs, endMs]),
	);
	pins = new Pins({
		state: store.state,
		traces: store.pinned,
		bytesOnDisk: () => store.partitions.pinnedBytes(),
		clock: () => Date.now(),
	});
});
afterAll(() => store.close());

/** As the retention would. */
async function dropEverything() {
	for (const table of ['spans', 'logs', 'resources', 'scopes'])
		await store.clickhouse.command(`TRUNCATE TABLE spanhouse.${table}`);
}

async function everythingOf(traceId: TraceId) {
	const [first] = spans.filter((span) => span.traceId === traceId);
	const lastMs = Math.max(...spans.filter((span) => span.traceId === traceId).map(timeMs));
	return {
		spans: await store.traces.spans(scope, traceId, undefined, 1_000),
		near: await store.traces.spans(scope, traceId, lastMs, 1_000),
		otlp: await store.traces.otlp(scope, traceId, undefined),
		span: await store.traces.span(scope, traceId, first!.spanId as SpanId, lastMs),
		logs: await store.logReader.ofTrace(scope, traceId, { limit: 100 }),
	};
}

/** All that `*` stands for, and what is worked out when it is asked for. */
test('tables of copies have the columns of what they copy, in the same order', async () => {
	for (const table of ['spans', 'logs', 'resources', 'scopes']) {
		const columns = (name: string) =>
			store.clickhouse.rows(
				`SELECT name, type, default_kind, default_expression FROM system.columns WHERE database = 'spanhouse' AND table = {name:String} AND default_kind != 'MATERIALIZED' ORDER BY position`,
				{ name },
			);
		expect(await columns(`pinned_${table}`)).toEqual(await columns(table));
	}
});

test('a pinned trace is read the same before, while pinned, and when everything else is gone', async () => {
	const before = await everythingOf(kept);
	expect(before.spans!.spans.count).toBeGreaterThan(5);
	expect(before.logs.logs).toHaveLength(2);
	const pin = await pins.pin(scope, kept, 'ann');
	expect(pin).toMatchObject({ traceId: kept, author: 'ann' });
	expect(pin.trace).toMatchObject({ traceId: kept, spanCount: before.spans!.total });
	expect(await everythingOf(kept)).toEqual(before);
	await dropEverything();
	expect(await everythingOf(kept)).toEqual(before);
	expect(await store.traces.spans(scope, other, undefined, 10)).toBeUndefined();
	const listed = await pins.list(scope);
	expect(listed.pins).toEqual([pin]);
	expect(listed.bytesOnDisk).toBeGreaterThan(500);
	expect(await pins.list({ project: 'another' })).toMatchObject({ pins: [] });
});

test('late spans of a pinned trace are copied too, each once; pinning again changes nothing', async () => {
	const mine = spans.filter((span) => span.traceId === kept);
	const late = { ...mine[0]!, spanId: '00000000000000aa' };
	await store.write([late, mine[1]!]);
	await pins.step();
	await pins.step();
	await pins.pin(scope, kept, 'bob');
	await dropEverything();
	expect(await store.count('pinned_spans')).toBe(mine.length + 1);
	expect((await pins.list(scope)).pins[0]).toMatchObject({ author: 'bob', trace: { spanCount: mine.length + 1 } });
});

test('what is unpinned is gone with all that only it needed; what is not there can be neither', async () => {
	await expect(pins.pin(scope, other, 'ann')).rejects.toMatchObject({ status: 404, code: 'NO_SUCH_TRACE' });
	await pins.unpin(scope, kept, 'ann');
	await expect(pins.unpin(scope, kept, 'ann')).rejects.toMatchObject({ status: 404, code: 'NO_SUCH_PIN' });
	expect(await store.traces.otlp(scope, kept, undefined)).toBeUndefined();
	for (const table of ['spans', 'logs', 'resources', 'scopes']) expect(await store.count(`pinned_${table}`)).toBe(0);
	const history = await store.state.history({ project: 'default', kind: 'pin', name: kept }, 10);
	expect(history[0]).toMatchObject({ author: 'ann', json: undefined });
});
