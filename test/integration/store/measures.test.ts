import { afterAll, beforeAll, expect, test } from 'vitest';
import { groupingColumns } from '../../../collector/analysis/column-plan.ts';
import { compileQuery } from '../../../collector/analysis/query-to-sql.ts';
import type { MeasuredQuery } from '../../../collector/store/reader-types.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import { SPAN_KINDS } from '../../../schema/span.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { randomNumbers, randomSpans } from '../../support/random-spans.ts';
import { isEntry, spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { durationOf, isQuantile, serviceOf, shuffled, timeMs, weightOf, within } from './oracle.ts';

const hourMs = 3_600_000;
const endMs = Date.UTC(2026, 10, 20, 12, 34, 56, 789);
const spans = randomSpans({ seed: 31, count: 2_000, endMs, withinMs: 4 * hourMs });
const window = { fromMs: endMs - 2 * hourMs, toMs: endMs };
const project = 'default';

let store: ThrowAwayStore;
beforeAll(async () => {
	store = await throwAwayStore({ derive: { intervalMs: 1e9 } });
	const late = shuffled(spans, randomNumbers(3));
	for (let from = 0; from < late.length; from += 500) {
		await store.writer.append(spanBlock(late.slice(from, from + 500)));
		// The last quarter is stored and not derived.
		if (from === 1_000) await store.deriver.settle(10_000);
	}
});
afterAll(() => store[Symbol.asyncDispose]());

function query(text: string): MeasuredQuery {
	const parsed = parseQuery(text);
	if (parsed.kind === 'error') throw new Error(parsed.message);
	const compiled = compileQuery(parsed.query);
	if ('kind' in compiled) throw new Error(compiled.message);
	return { ...compiled, query: parsed.query };
}

/** By the definition of the OpenTelemetry metrics data model: in (base^i, base^(i+1)] with base = 2^(2^-5). */
function bucketByDefinition(nano: number): number {
	if (nano <= 1) return -1;
	const base = 2 ** (1 / 32);
	let index = Math.floor(Math.log(nano) / Math.log(base)) - 1;
	while (base ** (index + 1) < nano * (1 - 1e-12)) index += 1;
	return index;
}

function expectedHistogram(of: readonly PlainSpan[], stepMs: number, { fromMs, toMs } = window) {
	const points: { tMs: number; buckets: number[]; requests: number[]; errors: number[] }[] = [];
	for (let tMs = Math.floor(fromMs / stepMs) * stepMs; tMs < toMs; tMs += stepMs) {
		const inStep = of.filter(
			(span) => within({ fromMs, toMs }, span) && timeMs(span) >= tMs && timeMs(span) < tMs + stepMs,
		);
		const byBucket = Map.groupBy(inStep, (span) => bucketByDefinition(durationOf(span)));
		const buckets = [...byBucket.keys()].toSorted((a, b) => a - b);
		points.push({
			tMs,
			buckets,
			requests: buckets.map((bucket) => weightOf(byBucket.get(bucket)!)),
			errors: buckets.map((bucket) => weightOf(byBucket.get(bucket)!.filter(({ error }) => error))),
		});
	}
	return points;
}

test.each<[string, number, (span: PlainSpan) => boolean]>([
	['', 600_000, () => true],
	['entry:true', 60_000, isEntry],
	['service:cart -error:true', 300_000, ({ resource, error }) => resource?.service === 'cart' && !error],
	['(env:staging OR kind:client) operation:"GET /a"', 600_000, ({ resource, kind, operation }) =>
		(resource?.environment === 'staging' || kind === 3) && operation === 'GET /a'],
	// Not counted by the rollup, or not by this step.
	['service:cart name:"work 3"', 600_000, ({ resource, name }) => resource?.service === 'cart' && name === 'work 3'],
	['service:cart duration>1ms', 600_000, (span) => span.resource?.service === 'cart' && durationOf(span) > 1e6],
	['service:cart', 10_000, ({ resource }) => resource?.service === 'cart'],
	['error:true nonsense:1', 600_000, () => false],
])('the histogram of %j by %d ms has every span that matches in its bucket', async (text, stepMs, matches) => {
	const { points } = await store.measures.latencyHistogram({ project, window }, query(text), stepMs);
	expect(points).toEqual(expectedHistogram(spans.filter(matches), stepMs));
}); // prettier-ignore

// The window has one partition whole and parts of two. The last step isn't made of whole stretches of five minutes.
test.each([900_000, 300_000, 420_000])('a histogram over partitions by %d ms counts each span once', async (stepMs) => {
	const wide = { fromMs: endMs - 3.9 * hourMs, toMs: endMs - 7 * 60_000 };
	expect(Math.ceil(wide.fromMs / (3 * hourMs)) + 1).toBe(Math.floor(wide.toMs / (3 * hourMs)));
	for (const environment of [undefined, 'staging']) {
		const of = spans.filter(
			({ name, resource }) => name === 'work 3' && (environment ?? resource?.environment) === resource?.environment,
		);
		const scope = { project, window: wide, ...(environment === undefined ? {} : { environment }) };
		const { points } = await store.measures.latencyHistogram(scope, query('name:"work 3"'), stepMs);
		expect(points).toEqual(expectedHistogram(of, stepMs, wide));
		expect(points.filter(({ buckets }) => buckets.length > 0).length).toBeGreaterThan(10);
	}
});

test('a histogram of one environment is of that environment alone, derived or not', async () => {
	const of = spans.filter(({ resource }) => resource?.environment === 'staging');
	for (const text of ['type:db', 'type:db name:*']) {
		const scope = { project, window, environment: 'staging' };
		const { points } = await store.measures.latencyHistogram(scope, query(text), 600_000);
		expect(points).toEqual(expectedHistogram(of.filter(({ type }) => type === 2), 600_000)); // prettier-ignore
	}
});

const textOf = (span: PlainSpan, key: string): string => {
	const value = span.attributes?.find(([name]) => name === key)?.[1];
	if (value === undefined) return '';
	return String(value.stringValue ?? value.intValue ?? value.boolValue ?? '');
};
const seriesOf = (
	text: string,
	by: string[],
	measure: string,
	more: { spans?: 'entry' | 'all'; limit?: number } = {},
) =>
	store.series.series(
		{ project, window },
		{
			query: query(text),
			spans: 'all',
			measure,
			by: groupingColumns(by),
			stepMs: 600_000,
			limit: 5_000,
			...more,
		},
	);

test.each<[string, (span: PlainSpan) => string]>([
	// From the rollup, from columns, and from maps of every type.
	['service', (span) => serviceOf(span)],
	['kind', ({ kind }) => SPAN_KINDS[kind!] ?? ''],
	['instance', ({ resource }) => resource?.instance ?? ''],
	['whole', (span) => textOf(span, 'whole')],
	['yes', (span) => textOf(span, 'yes')],
	['__proto__', (span) => textOf(span, '__proto__') || 'true'],
	['host.cpus', ({ resource }) => textOf({ attributes: resource?.attributes } as PlainSpan, 'host.cpus')],
	['resource.host.cpus', ({ resource }) => textOf({ attributes: resource?.attributes } as PlainSpan, 'host.cpus')],
	['span.host.cpus', () => ''],
	['nobody.has.this', () => ''],
])('series by %s have the requests and the quantiles of their spans, step by step', async (key, valueOf) => {
	const { groups, other, unit } = await seriesOf('-kind:client', [key], 'p95');
	expect(other).toBeUndefined();
	expect(unit).toBe('nanoseconds');
	const members = spans.filter((span) => within(window, span) && span.kind !== 3);
	const expected = Map.groupBy(members, valueOf);
	expect(new Set(groups.map(({ values }) => values[0]))).toEqual(new Set(expected.keys()));
	for (const { values, requests, value, points } of groups) {
		const of = expected.get(values[0]!)!;
		expect(requests).toBe(weightOf(of));
		expect(isQuantile(value, of, 0.95)).toBe(true);
		for (const point of points) {
			const inStep = of.filter((span) => timeMs(span) >= point.tMs && timeMs(span) < point.tMs + 600_000);
			expect(isQuantile(point.value, inStep, 0.95)).toBe(true);
		}
	}
});

test('beyond the limit groups are one, and nothing is lost', async () => {
	const { groups, other } = await seriesOf('', ['service', 'operation'], 'count', { limit: 3 });
	const members = spans.filter((span) => within(window, span));
	const counts = [...Map.groupBy(members, (span) => JSON.stringify([serviceOf(span), span.operation])).values()]
		.map(weightOf)
		.sort((a, b) => b - a);
	expect(groups.map(({ value }) => value)).toEqual(counts.slice(0, 3));
	expect(other?.value).toBe(counts.slice(3).reduce((sum, count) => sum + count, 0));
});

test('rates, errors and Apdex are those of the entry spans', async () => {
	const members = spans.filter((span) => within(window, span) && isEntry(span));
	const failed = members.filter(({ error }) => error);
	const ask = async (measure: string) => (await seriesOf('', [], measure, { spans: 'entry' })).groups[0]!;
	expect((await ask('requestsPerSecond')).value).toBeCloseTo(weightOf(members) / 7_200);
	expect((await ask('errorsPerSecond')).value).toBeCloseTo(weightOf(failed) / 7_200);
	expect((await ask('errorPercent')).value).toBeCloseTo((100 * weightOf(failed)) / weightOf(members));
	const fine = members.filter(({ error }) => !error);
	const upTo = (nano: number) => weightOf(fine.filter((span) => durationOf(span) <= nano));
	const apdex = await ask('apdex(1.5ms)');
	expect(apdex.value).toBeCloseTo((upTo(1.5e6) + (upTo(6e6) - upTo(1.5e6)) / 2) / weightOf(members));
	const first = apdex.points[0]!;
	const requests = await ask('requestsPerSecond');
	// The first step is cut by the window: its rate is of the part that lies in it.
	const inFirst = members.filter((span) => timeMs(span) < first.tMs + 600_000);
	expect(requests.points[0]!.value).toBeCloseTo(weightOf(inFirst) / ((first.tMs + 600_000 - window.fromMs) / 1_000));
});

test.each(["' OR 1=1 --", '{q0:String}', "a\\'b"])('a key %j is a key and nothing else', async (key) => {
	const { groups } = await seriesOf('', [key], 'count');
	expect(groups.map(({ values }) => values)).toEqual([['']]);
});

test('groups by several keys are told apart wherever one value ends and the next begins', async () => {
	const joined: PlainSpan[] = [['a', 'bc'], ['ab', 'c'], ['ab', 'c'], ['1:a', 'b'], ['1', ':ab']].map(([first, second], i) => ({
		traceId: (i + 1).toString(16).padStart(32, '0'),
		spanId: (i + 1).toString(16).padStart(16, '0'),
		startUnixNano: BigInt(endMs - 60_000) * 1_000_000n,
		endUnixNano: BigInt(endMs - 60_000) * 1_000_000n + 5_000_000n,
		attributes: [['first', { stringValue: first! }], ['second', { stringValue: second! }]],
		resource: { service: 'joined' },
	})); // prettier-ignore
	await store.writer.append(spanBlock(joined, 'joined'));
	const question = { query: query(''), spans: 'all', measure: 'count', stepMs: 600_000, limit: 10 } as const;
	const by = groupingColumns(['first', 'second']);
	const { groups } = await store.series.series({ project: 'joined', window }, { ...question, by });
	expect(groups.map(({ values, requests }) => [...values, requests])).toEqual([
		['ab', 'c', 2],
		['1', ':ab', 1],
		['1:a', 'b', 1],
		['a', 'bc', 1],
	]);
});

test('versions are those of entry spans, from the first to the last of each in the window', async () => {
	const keyOf = ({ resource }: PlainSpan) =>
		[resource?.namespace ?? '', resource?.service ?? '', resource?.environment ?? '', resource?.version ?? ''].join();
	for (const environment of [undefined, 'staging']) {
		const members = spans.filter(
			(span) =>
				within(window, span) &&
				isEntry(span) &&
				span.resource?.version !== '' &&
				(environment ?? span.resource?.environment) === span.resource?.environment,
		);
		const expected = [...Map.groupBy(members, keyOf)].map(([key, of]) => {
			const times = of.map(timeMs);
			return [key, Math.min(...times), Math.max(...times)];
		});
		const scope = { project, window, ...(environment === undefined ? {} : { environment }) };
		const { versions, total } = await store.changes.versions(scope);
		const found = versions.map((seen) => [
			[seen.namespace, seen.service, seen.environment, seen.version].join(),
			seen.firstMs,
			seen.lastMs,
		]);
		expect(new Set(found.map(String))).toEqual(new Set(expected.map(String)));
		expect([total, total > 3]).toEqual([expected.length, true]);
	}
});
