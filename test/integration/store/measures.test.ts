import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileQuery } from '../../../collector/analysis/query-to-sql.ts';
import type { MeasuredQuery } from '../../../collector/store/reader-types.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { randomNumbers, randomSpans } from '../../support/random-spans.ts';
import { isEntry, spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { durationOf, shuffled, timeMs, weightOf, within } from './oracle.ts';

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

function expectedHistogram(of: readonly PlainSpan[], stepMs: number) {
	const points: { tMs: number; buckets: number[]; requests: number[]; errors: number[] }[] = [];
	for (let tMs = Math.floor(window.fromMs / stepMs) * stepMs; tMs < window.toMs; tMs += stepMs) {
		const inStep = of.filter((span) => within(window, span) && timeMs(span) >= tMs && timeMs(span) < tMs + stepMs);
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
	const points = await store.measures.latencyHistogram({ project, window }, query(text), stepMs);
	expect(points).toEqual(expectedHistogram(spans.filter(matches), stepMs));
}); // prettier-ignore

test('a histogram of one environment is of that environment alone, derived or not', async () => {
	const of = spans.filter(({ resource }) => resource?.environment === 'staging');
	for (const text of ['type:db', 'type:db name:*']) {
		const scope = { project, window, environment: 'staging' };
		const points = await store.measures.latencyHistogram(scope, query(text), 600_000);
		expect(points).toEqual(expectedHistogram(of.filter(({ type }) => type === 2), 600_000)); // prettier-ignore
	}
});
