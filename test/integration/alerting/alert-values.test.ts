import { afterAll, beforeAll, expect, test } from 'vitest';
import { measuredQuery } from '../../../collector/alerting/measure-alerts.ts';
import { groupingColumns } from '../../../collector/analysis/column-plan.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { randomSpans } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { durationOf, entrySpans, isQuantile, serviceOf, timeMs, weightOf } from '../store/oracle.ts';

const minuteMs = 60_000;
const endMs = Date.UTC(2026, 10, 20, 12, 0, 0);
const spans = randomSpans({ seed: 71, count: 3_000, endMs, withinMs: 60 * minuteMs });
const scope = { project: 'default' };

let store: ThrowAwayStore;
beforeAll(async () => {
	store = await throwAwayStore({ derive: { intervalMs: 1e9 } });
	await store.writer.append(spanBlock(spans.slice(0, 2_000)));
	await store.deriver.settle(10_000);
	// The last third is stored and not derived.
	await store.writer.append(spanBlock(spans.slice(2_000)));
});
afterAll(() => store[Symbol.asyncDispose]());

interface Asked {
	text: string;
	matches: (span: PlainSpan) => boolean;
	windowMs: number;
	everyMs: number;
	ticks: number;
}

/** From the rollup; from spans by attributes; by seconds; windows that are no multiple of the interval. */
test.each<Asked>([
	{ text: '', matches: () => true, windowMs: 5 * minuteMs, everyMs: minuteMs, ticks: 30 },
	{ text: '', matches: () => true, windowMs: 5 * minuteMs, everyMs: minuteMs, ticks: 1 },
	{
		text: 'name:"work 3"',
		matches: ({ name }) => name === 'work 3',
		windowMs: 7 * minuteMs,
		everyMs: 2 * minuteMs,
		ticks: 12,
	},
	{ text: 'kind:server', matches: ({ kind }) => kind === 2, windowMs: minuteMs, everyMs: 10_000, ticks: 60 },
	{ text: 'kind:server', matches: ({ kind }) => kind === 2, windowMs: 30_000, everyMs: minuteMs, ticks: 9 },
])('windows of $windowMs ms each $everyMs ms over $text, $ticks of them', async (asked) => {
	const { windowMs, everyMs } = asked;
	const toMs = endMs - 3 * minuteMs;
	const range = { fromMs: toMs - (asked.ticks - 1) * everyMs, toMs };
	const measures = ['p95', 'errorPercent', 'count', 'requestsPerSecond', 'errorsPerSecond'];
	const question = {
		query: measuredQuery(asked.text),
		spans: 'entry' as const,
		by: groupingColumns(['service']),
		windowMs,
		everyMs,
		measures,
	};
	const found = await store.alertValues.values(scope, question, range);
	if (found.kind !== 'values') throw new Error(found.kind);
	expect(found.ticks.map(({ tMs }) => tMs)).toEqual(
		Array.from({ length: asked.ticks }, (_, index) => range.fromMs + index * everyMs),
	);
	const matching = entrySpans(spans).filter(asked.matches);
	for (const { tMs, groups } of found.ticks) {
		const inWindow = matching.filter((span) => timeMs(span) >= tMs - windowMs && timeMs(span) < tMs);
		const expected = Map.groupBy(inWindow, (span) => JSON.stringify([serviceOf(span)]));
		expect([...groups.keys()].sort()).toEqual([...expected.keys()].sort());
		for (const [key, { values, requests }] of groups) {
			const of = expected.get(key)!;
			const failed = weightOf(of.filter(({ error }) => error));
			expect(requests).toBeCloseTo(weightOf(of), 9);
			expect(isQuantile(values[0]!, of, 0.95)).toBe(true);
			expect(values[1]).toBeCloseTo((100 * failed) / weightOf(of), 9);
			expect(values[2]).toBeCloseTo(weightOf(of), 9);
			expect(values[3]).toBeCloseTo(weightOf(of) / (windowMs / 1_000), 9);
			expect(values[4]).toBeCloseTo(failed / (windowMs / 1_000), 9);
		}
	}
});

test('apdex is counted by its threshold exactly, and one group is there without spans', async () => {
	const question = {
		query: measuredQuery(''),
		spans: 'all' as const,
		by: groupingColumns([]),
		windowMs: 10 * minuteMs,
		everyMs: minuteMs,
		measures: ['apdex(2ms)', 'p99'],
	};
	const range = { fromMs: endMs, toMs: endMs + 15 * minuteMs };
	const found = await store.alertValues.values(scope, question, range);
	if (found.kind !== 'values') throw new Error(found.kind);
	for (const { tMs, groups } of found.ticks) {
		const of = spans.filter((span) => timeMs(span) >= tMs - 10 * minuteMs && timeMs(span) < tMs);
		const satisfied = weightOf(of.filter((span) => !span.error && durationOf(span) <= 2e6));
		const tolerating = weightOf(of.filter((span) => !span.error && durationOf(span) > 2e6 && durationOf(span) <= 8e6));
		const expected = of.length === 0 ? null : (satisfied + tolerating / 2) / weightOf(of);
		const { values } = groups.get('[]')!;
		if (expected === null)
			expect(values).toEqual([null, null]); // eslint-disable-line vitest/no-conditional-expect
		else expect(values[0]).toBeCloseTo(expected, 9); // eslint-disable-line vitest/no-conditional-expect
	}
	expect(found.ticks).toHaveLength(16);
});

test('more groups than are judged are no answer', async () => {
	const many: PlainSpan[] = Array.from({ length: 5_100 }, (_, index) => ({
		traceId: index.toString(16).padStart(32, '9'),
		spanId: index.toString(16).padStart(16, '9'),
		startUnixNano: BigInt(endMs + 3_600_000) * 1_000_000n,
		endUnixNano: BigInt(endMs + 3_600_000) * 1_000_000n + 5n,
		name: `operation ${index}`,
		resource: { service: 'many' },
	}));
	await store.writer.append(spanBlock(many));
	const question = {
		query: measuredQuery('service:many'),
		spans: 'all' as const,
		by: groupingColumns(['name']),
		windowMs: 5 * minuteMs,
		everyMs: minuteMs,
		measures: ['count'],
	};
	const toMs = endMs + 3_600_000 + minuteMs;
	expect(await store.alertValues.values(scope, question, { fromMs: toMs, toMs })).toEqual({ kind: 'tooManyGroups' });
});
