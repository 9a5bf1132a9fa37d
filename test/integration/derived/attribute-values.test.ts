import { afterAll, beforeAll, expect, test } from 'vitest';
import { deriveColumns } from '../../../collector/pipeline/derive-columns.ts';
import type { WindowScope } from '../../../collector/store/reader-types.ts';
import type { AnyValue } from '../../../schema/api.ts';
import { KEYS_OF_A_DAY } from '../../../schema/facet-limits.ts';
import { readKey } from '../../../schema/query-edit.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { serviceOf, timeMs } from '../store/oracle.ts';

const hourMs = 3_600_000;
const endMs = Date.UTC(2026, 10, 20, 15);
const scope = (fromMs: number, toMs: number): WindowScope => ({ project: 'default', window: { fromMs, toMs } });
const wholeHours = scope(endMs - 2 * hourMs, endMs);

/** Of three hours; ids on all, 300 values of one key, the old and the new name of another. */
const spans = Array.from({ length: 600 }, (_, i): PlainSpan => {
	const end = BigInt(endMs - 1 - Math.floor((i * 3 * hourMs) / 600)) * 1_000_000n;
	const more: [string, AnyValue][] =
		i % 2 === 0 ? [['http.user_agent', { stringValue: 'okhttp' }]] : [['user_agent.original', { stringValue: 'curl' }]];
	return {
		traceId: i.toString(16).padStart(32, '0'),
		spanId: (i + 1).toString(16).padStart(16, '0'),
		startUnixNano: end - 1_000n,
		endUnixNano: end,
		kind: 2,
		name: `GET /${i % 3}`,
		resource: {
			service: i % 4 === 0 ? 'cart' : 'checkout',
			attributes: [['host.name', { stringValue: `host-${i % 2}` }]],
		},
		attributes: [
			['request.id', { stringValue: `r${i}` }],
			['app.many', { stringValue: `many-${i % 300}` }],
			['app.count', { intValue: String(i % 2) }],
			['app.long', { stringValue: 'x'.repeat(300) }],
			['http.response.status_code', { intValue: i % 10 === 0 ? '500' : '200' }],
			...more,
		],
	};
});
const inHours = spans.filter((span) => timeMs(span) >= wholeHours.window.fromMs);

let store: ThrowAwayStore;
beforeAll(async () => {
	store = await throwAwayStore();
	// Two ranges of inserts: what is kept of each has to add up.
	for (const half of [spans.slice(0, 300), spans.slice(300)]) {
		await store.writer.append(deriveColumns(spanBlock(half)));
		if (!(await store.deriver.settle(20_000))) throw new Error('not derived in 20 s');
	}
});
afterAll(() => store[Symbol.asyncDispose]());

async function values(key: string, prefix = '', limit = 1000) {
	const read = readKey(key);
	return read && store.completion.values(wholeHours, read, prefix, limit);
}
function counted(value: (span: PlainSpan) => string) {
	const counts = [...Map.groupBy(inHours, value)].map(([value, of]) => ({ value, spans: of.length }));
	return counts.sort((a, b) => b.spans - a.spans || (a.value < b.value ? -1 : 1));
}

test('values have the counts of their spans: of fields, of attributes under every name, of resources', async () => {
	expect(await values('service')).toEqual({ window: wholeHours.window, values: counted(serviceOf), others: 0 });
	expect((await values('name'))?.values).toEqual(counted((span) => span.name ?? ''));
	expect((await values('resource.host.name'))?.values).toEqual(
		counted((span) => `host-${(Number.parseInt(span.spanId, 16) - 1) % 2}`),
	);
	const codes = counted(
		(span) => span.attributes?.find(([key]) => key === 'http.response.status_code')?.[1].intValue ?? '',
	);
	for (const name of ['http.response.status_code', 'http.status_code'])
		expect((await values(name))?.values).toEqual(codes);
	const agents = counted((span) => (span.attributes?.some(([key]) => key === 'http.user_agent') ? 'okhttp' : 'curl'));
	for (const name of ['http.user_agent', 'user_agent.original']) expect((await values(name))?.values).toEqual(agents);
});

test('keys are ranked by use, with where they belong and what they hold', async () => {
	const { keys, window } = await store.completion.keys(scope(endMs - 90 * 60_000, endMs - 1), '', 100);
	expect(window).toEqual({ fromMs: endMs - 2 * hourMs, toMs: endMs });
	const find = (key: string) => keys.find((one) => one.key === key);
	const all = inHours.length;
	expect(find('service')).toEqual({ key: 'service', scope: 'field', type: 'text', spans: all });
	expect(find('app.count')).toEqual({ key: 'app.count', scope: 'span', type: 'integer', spans: all });
	expect(find('http.response.status_code')).toMatchObject({ scope: 'span', type: 'integer', spans: all });
	expect(find('resource.host.name')).toMatchObject({ scope: 'resource', spans: all });
	expect(find('http.user_agent')).toBeUndefined();
	expect(keys.map(({ spans }) => spans)).toEqual(keys.map(({ spans }) => spans).toSorted((a, b) => b - a));
	const holding = await store.completion.keys(wholeHours, 'APP.', 3);
	expect(holding.keys.map(({ key }) => key)).toEqual(['app.count', 'app.long', 'app.many']);
	const inside = await store.completion.keys(wholeHours, 'many', 10);
	expect(inside.keys.map(({ key }) => key)).toEqual(['app.many']);
});

test('ids and long values are counted under their key alone, and of many values the most frequent are kept', async () => {
	for (const key of ['request.id', 'app.long'])
		expect(await values(key)).toMatchObject({ values: [], others: inHours.length });
	const many = await values('app.many');
	const kept = many?.values.reduce((sum, { spans }) => sum + spans, 0) ?? 0;
	expect(kept + (many?.others ?? 0)).toBe(inHours.length);
});

test('of many spans some inserts are read, and what they hold is multiplied to all', async () => {
	await using sampled = await throwAwayStore({ derive: { maxSpans: 1e6, intervalMs: 1e9 } });
	const rows = 10_000;
	const inserts = 11;
	for (let insert = 0; insert < inserts; insert += 1) {
		const block = Array.from({ length: rows }, (_, i): PlainSpan => {
			const number = insert * rows + i + 1;
			const end = BigInt(endMs - 60_000) * 1_000_000n;
			return {
				traceId: number.toString(16).padStart(32, '0'),
				spanId: number.toString(16).padStart(16, '0'),
				startUnixNano: end - 1_000n,
				endUnixNano: end,
				attributes: [['app.tier', { stringValue: i % 4 === 0 ? 'gold' : 'silver' }]],
			};
		});
		await sampled.writer.append(deriveColumns(spanBlock(block)));
	}
	expect(await sampled.deriver.settle(60_000)).toBe(true);
	const read = readKey('app.tier');
	const found = read && (await sampled.completion.values(wholeHours, read, '', 10));
	expect(found?.values).toEqual([
		{ value: 'silver', spans: (rows * inserts * 3) / 4 },
		{ value: 'gold', spans: (rows * inserts) / 4 },
	]);
	const estimated = { seen: rows * Math.ceil(inserts / 2), of: rows * inserts, what: 'spans' };
	expect(found?.partial).toMatchObject({ ...estimated, reason: expect.stringContaining('estimated') });
	const { partial } = await sampled.completion.keys(wholeHours, 'app.', 10);
	expect(partial).toMatchObject(estimated);
	const { partial: cut } = await sampled.completion.keys(wholeHours, '', 2);
	expect(cut).toMatchObject({ seen: 2, what: 'keys', reason: expect.stringContaining(`of ${rows * inserts} spans`) });
	const elsewhere = scope(endMs - 48 * hourMs, endMs - 46 * hourMs);
	expect(await sampled.completion.keys(elsewhere, '', 10)).not.toHaveProperty('partial');
});

test('a day lists so many keys, those that it has already and then the most frequent; what is under others is counted', async () => {
	await using crowded = await throwAwayStore();
	const hour = scope(endMs - hourMs, endMs);
	let number = 0;
	/** A span for each hundred of the keys. */
	const insert = async (keys: readonly string[]) => {
		const end = BigInt(endMs - 60_000) * 1_000_000n;
		const block = Array.from({ length: Math.ceil(keys.length / 100) }, (_, i): PlainSpan => {
			number += 1;
			return {
				traceId: number.toString(16).padStart(32, '0'),
				spanId: number.toString(16).padStart(16, '0'),
				startUnixNano: end - 1_000n,
				endUnixNano: end,
				attributes: keys.slice(100 * i, 100 * i + 100).map((key) => [key, { stringValue: 'v' }]),
			};
		});
		await crowded.writer.append(deriveColumns(spanBlock(block)));
		expect(await crowded.deriver.settle(60_000)).toBe(true);
	};
	const named = (from: number, to: number) =>
		Array.from({ length: to - from }, (_, i) => `key.${String(from + i).padStart(5, '0')}`);
	const listed = () => crowded.completion.keys(hour, '', 10_000);
	const seldom = named(0, 3_000);
	const often = named(9_000, 9_400);
	await insert(seldom);
	const fields = (await listed()).keys.filter(({ scope: place }) => place !== 'span').length;
	// 3,000 more than there is room for, a few of them in three spans each.
	await insert([...named(3_000, 7_600), ...often, ...often, ...often]);
	const { keys, others } = await listed();
	expect(keys).toHaveLength(KEYS_OF_A_DAY);
	const names = new Set(keys.map(({ key }) => key));
	expect([...seldom, ...often].filter((key) => !names.has(key))).toEqual([]);
	const sent = 3_000 + 4_600 + 3 * often.length;
	const shown = keys.filter(({ scope: place }) => place === 'span').reduce((sum, { spans: count }) => sum + count, 0);
	expect(shown + others).toBe(sent);
	// The day is full: what comes now is under others, what is listed goes on being counted.
	await insert(['key.00001', 'one.more']);
	expect(await listed()).toMatchObject({ others: others + 1 });
	expect((await crowded.completion.keys(hour, 'key.00001', 1)).keys).toMatchObject([{ spans: 2 }]);
	expect(fields).toBeGreaterThan(0);
	expect((await crowded.completion.keys(hour, 'key.', 7)).keys).toHaveLength(7);
});

test('a prefix comes before what holds it, and the limit cuts the rest', async () => {
	const found = await values('name', 'get /1');
	expect(found?.values.map(({ value }) => value)).toEqual(['GET /1']);
	expect(found).not.toHaveProperty('partial');
	const one = await values('service', 'c', 1);
	expect(one?.values).toHaveLength(1);
	expect(one?.partial).toEqual({ reason: 'the most frequent only', seen: 1, of: 2, what: 'values' });
	const { keys, partial } = await store.completion.keys(wholeHours, 'app.', 2);
	expect(keys).toHaveLength(2);
	expect(partial).toMatchObject({ seen: 2, of: 3, what: 'keys' });
	expect((await values('service', '%'))?.values).toEqual([]);
});
