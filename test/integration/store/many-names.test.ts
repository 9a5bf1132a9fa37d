import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WindowScope } from '../../../collector/store/reader-types.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';

const endMs = Date.UTC(2026, 10, 20, 15);
const scope: WindowScope = { project: 'default', window: { fromMs: endMs - 3_600_000, toMs: endMs } };

/** More than a list has room for. */
const instances = 1_012;
const versions = 23;

const spans = Array.from({ length: instances }, (_, index): PlainSpan => {
	const id = (index + 1).toString(16);
	const end = BigInt(endMs - 60_000 - index) * 1_000_000n;
	return {
		traceId: id.padStart(32, '0'),
		spanId: id.padStart(16, '0'),
		kind: 2,
		startUnixNano: end - 1_000_000n,
		endUnixNano: end,
		resource: { service: 'crowd', instance: `i${index}`, version: `v${index % versions}` },
	};
});

let store: ThrowAwayStore;
beforeAll(async () => {
	store = await throwAwayStore();
	await store.writer.append(spanBlock(spans));
});
afterAll(() => store[Symbol.asyncDispose]());

test('of more instances than are listed it is said how many there are', async () => {
	const found = await store.red.instances(scope, { service: 'crowd' });
	expect(found.instances).toHaveLength(1_000);
	expect(found.partial).toMatchObject({ seen: 1_000, of: instances });
});

test('of more versions the newest are listed, and all are counted', async () => {
	const [service] = await store.red.services(scope, { stepMs: 600_000, spans: 'entry' });
	expect(service?.versions).toHaveLength(20);
	expect(service?.versionsOf).toBe(versions);
});
