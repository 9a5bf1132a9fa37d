import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KeyCounts } from '../../../collector/analysis/difference.ts';
import { rankDifferences } from '../../../collector/analysis/difference.ts';
import { compileQuery } from '../../../collector/analysis/query-to-sql.ts';
import type { CompiledQuery } from '../../../collector/analysis/query-to-sql.ts';
import { deriveColumns } from '../../../collector/pipeline/derive-columns.ts';
import type { Difference, Selection } from '../../../collector/store/search/difference-reader.ts';
import type { WindowScope } from '../../../collector/store/reader-types.ts';
import type { AnyValue } from '../../../schema/api.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { randomNumbers, randomSpans } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { durationOf, serviceOf, timeMs, within } from './oracle.ts';

const hourMs = 3_600_000;
const endMs = Date.UTC(2026, 10, 20, 15);
const window = { fromMs: endMs - hourMs, toMs: endMs };
const scope = (project: string): WindowScope => ({ project, window });

function compiled(q: string, prefix?: string): CompiledQuery {
	const parsed = parseQuery(q);
	if (parsed.kind === 'error') throw new Error(parsed.message);
	const query = compileQuery(parsed.query, prefix);
	if ('kind' in query) throw new Error(query.message);
	return query;
}
const selection = (q: string, brush: Omit<Selection, 'query'> = {}): Selection => ({
	query: compiled(q, 's'),
	...brush,
});

let store: ThrowAwayStore;
beforeAll(async () => {
	store = await throwAwayStore();
});
afterAll(() => store[Symbol.asyncDispose]());

const found = (difference: Difference, key: string): KeyCounts | undefined =>
	difference.keys.find((counts) => counts.key === key);

/** Selected and rest of a value, or of all values of a key. */
function counted(difference: Difference, key: string, value: string): [number, number] | undefined {
	const counts = found(difference, key)?.values.find((one) => one.value === value);
	return counts && [counts.selected, counts.rest];
}

test('counts on both sides are those of every span, by field, attribute, number and resource', async () => {
	const spans = randomSpans({ seed: 41, count: 900, endMs, withinMs: 2 * hourMs });
	await store.writer.append(spanBlock(spans));
	const brush = { fromMs: endMs - hourMs / 2, toMs: endMs - 60_000, minNano: 1_000, maxNano: 1e9 };
	const difference = await store.difference.compare(
		scope('default'),
		compiled('kind!=internal'),
		selection('error:true', brush),
	);
	const all = spans.filter((span) => within(window, span) && span.kind !== 1);
	const isSelected = (span: PlainSpan) =>
		span.error === true &&
		timeMs(span) >= brush.fromMs &&
		timeMs(span) < brush.toMs &&
		durationOf(span) >= brush.minNano &&
		durationOf(span) <= brush.maxNano;
	const sidesOf = (has: (span: PlainSpan) => boolean): [number, number] => [
		all.filter((span) => isSelected(span) && has(span)).length,
		all.filter((span) => !isSelected(span) && has(span)).length,
	];
	expect([difference.selected, difference.rest]).toEqual(sidesOf(() => true));
	expect(difference.selected).toBeGreaterThan(5);
	expect(difference.matching).toBe(all.length);
	const attribute = (span: PlainSpan, key: string): AnyValue | undefined =>
		span.attributes?.find(([name]) => name === key)?.[1];
	for (const name of new Set(all.map(serviceOf)))
		expect(counted(difference, 'service', name)).toEqual(sidesOf((span) => serviceOf(span) === name));
	expect(counted(difference, 'kind', 'server')).toEqual(sidesOf((span) => span.kind === 2));
	expect(counted(difference, 'error', 'true')).toEqual(sidesOf((span) => span.error === true));
	expect(counted(difference, 'text', "it's")).toEqual(
		sidesOf((span) => attribute(span, 'text')?.stringValue === "it's"),
	);
	expect(counted(difference, 'yes', 'true')).toEqual(sidesOf((span) => attribute(span, 'yes')?.boolValue === true));
	expect(counted(difference, '__proto__', 'own')).toEqual(
		sidesOf((span) => attribute(span, '__proto__') !== undefined),
	);
	expect(counted(difference, 'http.response.status_code', '404')).toEqual(
		sidesOf((span) => span.promoted?.['http.response.status_code'] === 404n),
	);
	expect(counted(difference, 'resource.host.cpus', '3')).toEqual(
		sidesOf(
			(span) =>
				span.resource?.attributes?.some(([key, value]) => key === 'host.cpus' && value.intValue === '3') ?? false,
		),
	);
	expect(found(difference, 'resource.service.name')).toBeUndefined();
	const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
	const real = found(difference, 'real')?.numbers;
	expect([sum(real?.selected ?? []), sum(real?.rest ?? [])]).toEqual(
		// 1e300 is beyond what is compared as a number.
		sidesOf((span) => Math.abs(Number(attribute(span, 'real')?.doubleValue ?? Infinity)) < 3e38),
	);
	const durations = found(difference, 'duration')?.numbers;
	expect([sum(durations?.selected ?? []), sum(durations?.rest ?? [])]).toEqual(sidesOf(() => true));
	expect(real?.values).toEqual(real?.values.toSorted((a, b) => a - b));
	expect(real?.values).toContain(-1.5);
});

test('between two windows that do not touch, only what lies in either is counted, each on its side', async () => {
	const dayMs = 24 * hourMs;
	const spans = randomSpans({ seed: 43, count: 700, endMs, withinMs: 26 * hourMs });
	await store.writer.append(spanBlock(spans, 'apart'));
	const against = { fromMs: endMs - dayMs - hourMs, toMs: endMs - dayMs + 2 * hourMs };
	const own = { fromMs: endMs - 3 * hourMs, toMs: endMs };
	const hull = { project: 'apart', window: { fromMs: against.fromMs, toMs: own.toMs } };
	const difference = await store.difference.compare(
		hull,
		compiled('kind!=internal'),
		selection('error:true', { ...own, against }),
	);
	const all = spans.filter((span) => span.kind !== 1);
	const now = all.filter((span) => within(own, span) && span.error === true);
	const then = all.filter((span) => within(against, span));
	expect([difference.selected, difference.rest, difference.matching]).toEqual([
		now.length,
		then.length,
		now.length + then.length,
	]);
	expect(Math.min(now.length, then.length)).toBeGreaterThan(5);
	for (const name of new Set([...now, ...then].map(serviceOf)))
		expect(counted(difference, 'service', name)).toEqual(
			[now, then].map((side) => side.filter((span) => serviceOf(span) === name).length),
		);
});

test('a planted cause comes first among 200 attributes', async () => {
	const random = randomNumbers(7);
	const pick = (of: number) => Math.floor(random() * of);
	const spans = Array.from({ length: 4_000 }, (_, i): PlainSpan => {
		const isCause = pick(12) === 0;
		const isSlow = isCause ? pick(10) < 8 : pick(50) === 0;
		const durationNano = BigInt((isSlow ? 900 + pick(400) : 5 + pick(60)) * 1_000_000);
		const endUnixNano = BigInt(endMs - 1 - pick(hourMs - 2)) * 1_000_000n;
		const noise = Array.from({ length: 199 }, (_, k): [string, AnyValue] => [
			`app.noise.${k}`,
			k % 4 === 0 ? { intValue: String(pick(1 + k)) } : { stringValue: `v${pick(2 + (k % 40))}` },
		]);
		return {
			traceId: i.toString(16).padStart(32, '0'),
			spanId: (i + 1).toString(16).padStart(16, '0'),
			startUnixNano: endUnixNano - durationNano,
			endUnixNano,
			kind: 2,
			operation: 'POST /checkout',
			attributes: [...noise, ['app.payment.provider', { stringValue: isCause ? 'acme' : `other-${pick(5)}` }]],
		};
	});
	await store.writer.append(spanBlock(spans, 'planted'));
	const brush = { minNano: 500_000_000 };
	const { selected, rest, keys } = await store.difference.compare(scope('planted'), compiled(''), selection('', brush));
	expect(keys.filter(({ scope }) => scope === 'span')).toHaveLength(200);
	const { attributes, numbers } = rankDifferences({ selected, rest, keys, asked: new Set(['duration']) });
	expect(attributes[0]).toMatchObject({ key: 'app.payment.provider', value: 'acme' });
	expect(attributes[0]?.leastScore).toBeGreaterThan(0.6);
	expect(Math.abs(attributes.find(({ key }) => key !== 'app.payment.provider')?.score ?? 1)).toBeLessThan(0.2);
	expect(Math.abs(numbers[0]?.score ?? 1)).toBeLessThan(0.2);
});

test('old names of attributes and new ones are the same key', async () => {
	const at = BigInt(endMs - 5_000) * 1_000_000n;
	const make = (i: number, attributes: [string, AnyValue][]): PlainSpan => ({
		traceId: '5'.repeat(32),
		spanId: String(i).padStart(16, '1'),
		startUnixNano: at - BigInt(i),
		endUnixNano: at,
		attributes,
	});
	const agent = { stringValue: 'okhttp' };
	const spans = [
		make(1, [
			['http.user_agent', agent],
			['http.method', { stringValue: 'GET' }],
		]),
		make(2, [
			['user_agent.original', agent],
			['http.request.method', { stringValue: 'GET' }],
		]),
		make(3, []),
	];
	await store.writer.append(deriveColumns(spanBlock(spans, 'names')));
	const difference = await store.difference.compare(scope('names'), compiled(''), selection('has:http.request.method'));
	expect(counted(difference, 'user_agent.original', 'okhttp')).toEqual([2, 0]);
	expect(counted(difference, 'http.request.method', 'GET')).toEqual([2, 0]);
	for (const old of ['http.user_agent', 'http.method']) expect(found(difference, old)).toBeUndefined();
});

test('what is named in the query reaches ClickHouse as values alone', async () => {
	const hostile = `"'; DROP TABLE spans; --"`;
	const difference = await store.difference.compare(
		scope('default'),
		compiled(`name:${hostile}`),
		selection(`x:${hostile}`),
	);
	expect(difference).toMatchObject({ selected: 0, rest: 0, keys: [] });
});
