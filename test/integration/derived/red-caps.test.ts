import { expect, test } from 'vitest';
import { RED_HOURS, redMinutes } from '../../../collector/store/derived/red-minutes.ts';
import { SERVICE_HOURS, SERVICE_MINUTES } from '../../../collector/store/derived/service-minutes.ts';
import { SERVICE_VERSIONS } from '../../../collector/store/derived/service-versions.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';

const atMs = Date.UTC(2026, 10, 20, 9, 30, 0, 500);
/** Whole minutes: what is left of others is counted from spans. */
const window = { fromMs: atMs - 500 - 1_800_000, toMs: atMs - 500 + 60_000 };
let ids = 0;

/** So many entry spans of an operation, each of one second. */
const spansOf = (service: string, operation: string, count: number, endMs = atMs): PlainSpan[] =>
	Array.from({ length: count }, () => ({
		traceId: 'a'.repeat(32),
		spanId: (ids += 1).toString(16).padStart(16, '0'),
		startUnixNano: BigInt(endMs - 1_000) * 1_000_000n,
		endUnixNano: BigInt(endMs) * 1_000_000n,
		kind: 2,
		operation,
		resource: { service },
	}));

test('names beyond the caps are counted together, those that a day has stay, and nothing is lost or doubled', async () => {
	const tables = [
		redMinutes({ services: 2, operations: 3 }),
		RED_HOURS,
		SERVICE_MINUTES,
		SERVICE_HOURS,
		SERVICE_VERSIONS,
	];
	await using store = await throwAwayStore({ derive: { tables, intervalMs: 1e9 } });
	const write = async (spans: PlainSpan[]) => {
		await store.writer.append(spanBlock(spans));
		await store.deriver.settle(20_000);
	};
	const counted = async (service: string) => {
		const { operations } = await store.red.operations(
			{ project: 'default', window },
			{ service, namespace: '' },
			600_000,
		);
		return Object.fromEntries(
			operations.map(({ operation, spans, p50Nano }) => [operation, [spans, p50Nano! > 0.9e9]]),
		);
	};
	await write([...spansOf('shop', 'a', 2), ...spansOf('shop', 'b', 1)]);
	// The two more frequent of what is new get in; only one has room.
	await write([...spansOf('shop', 'c', 5), ...spansOf('shop', 'd', 4), ...spansOf('shop', 'e', 1)]);
	const shop = { a: [2, true], b: [1, true], c: [5, true], '(other)': [5, true] };
	expect(await counted('shop')).toEqual(shop);
	// What the day has stays, however rare; another day begins anew.
	await write([...spansOf('shop', 'a', 1), ...spansOf('shop', 'd', 9), ...spansOf('mail', 'd', 1)]);
	expect(await counted('shop')).toEqual({ ...shop, a: [3, true], '(other)': [14, true] });
	expect(await counted('mail')).toEqual({ d: [1, true] });
	await write([...spansOf('news', 'x', 3), ...spansOf('mail', 'd', 1)]);
	expect(await counted('mail')).toEqual({ d: [2, true] });
	expect(await counted('news')).toEqual({});
	expect(await counted('(other)')).toEqual({ '(other)': [3, true] });
	const services = await store.red.services({ project: 'default', window }, { stepMs: 600_000, spans: 'entry' });
	expect(services.reduce((sum, { spans }) => sum + spans, 0)).toBe(ids);
	await write(spansOf('shop', 'z', 1, atMs - 86_400_000));
	const before = { fromMs: window.fromMs - 86_400_000, toMs: window.toMs - 86_400_000 };
	const { operations } = await store.red.operations(
		{ project: 'default', window: before },
		{ service: 'shop', namespace: '' },
		600_000,
	);
	expect(operations.map(({ operation }) => operation)).toEqual(['z']);
});

test('spans that are not derived yet are counted under their own names', async () => {
	const tables = [
		redMinutes({ services: 9, operations: 1 }),
		RED_HOURS,
		SERVICE_MINUTES,
		SERVICE_HOURS,
		SERVICE_VERSIONS,
	];
	await using store = await throwAwayStore({ derive: { tables, intervalMs: 1e9 } });
	await store.writer.append(spanBlock([...spansOf('late', 'a', 1), ...spansOf('late', 'b', 1)]));
	const names = async () => {
		const scope = { project: 'default', window };
		const { operations } = await store.red.operations(scope, { service: 'late', namespace: '' }, 600_000);
		return operations.map(({ operation }) => operation).sort();
	};
	expect(await names()).toEqual(['a', 'b']);
	await store.deriver.settle(20_000);
	expect(await names()).toEqual(['(other)', 'a']);
});
