import { expect, test } from 'vitest';
import { bucketOf } from '../../../schema/histogram.ts';
import { randomSpans } from '../../../test/support/random-spans.ts';
import { isEntry, spanBlock, timeOf } from '../../../test/support/span-block.ts';
import type { PlainSpan } from '../../../test/support/span-block.ts';
import { rowsOfInsert } from './insert-rows.ts';
import type { InsertRow } from './insert-rows.ts';

const minuteMs = 60_000;
const endMs = Date.UTC(2026, 10, 20, 12, 34, 56, 789);

const timeMs = (span: PlainSpan): number => Number(timeOf(span));
const durationOf = ({ startUnixNano, endUnixNano }: PlainSpan): number =>
	endUnixNano > startUnixNano ? Number(endUnixNano - startUnixNano) : 0;

function keyOf(span: PlainSpan): string {
	const { namespace = '', service = '', environment = '', version = '' } = span.resource ?? {};
	const status = Number(
		span.promoted?.['http.response.status_code'] ?? span.copied?.['http.response.status_code'] ?? 0,
	);
	const statusClass = status >= 100 && status < 600 ? Math.floor(status / 100) : 0;
	const minute = Math.floor(timeMs(span) / minuteMs) * minuteMs;
	const flags = [isEntry(span) ? 1 : 0, span.error === true ? 1 : 0, statusClass];
	return JSON.stringify([namespace, service, environment, version, minute, ...flags]);
}

function expectedRow(of: readonly PlainSpan[]) {
	const histogram: Record<number, number> = {};
	for (const span of of) {
		const bucket = bucketOf(durationOf(span));
		histogram[bucket] = (histogram[bucket] ?? 0) + (span.weight ?? 1);
	}
	return {
		requests: of.reduce((sum, { weight = 1 }) => sum + weight, 0),
		spans: of.length,
		totalNano: of.reduce((sum, span) => sum + (span.weight ?? 1) * durationOf(span), 0),
		firstMs: Math.min(...of.map(timeMs)),
		lastMs: Math.max(...of.map(timeMs)),
		histogram,
	};
}

const bucketsOf = ({ histograms, from, to }: Pick<InsertRow, 'histograms' | 'from' | 'to'>): number[] => [
	...histograms.buckets.subarray(from, to),
];

test('spans of an insert are counted by names, minute, entry, error and status class, whatever blocks they came in', () => {
	const spans = randomSpans({ seed: 3, count: 2_000, endMs, withinMs: 5 * minuteMs });
	const blocks = [spans.slice(0, 700), spans.slice(700, 701), spans.slice(701)].map((some) => spanBlock(some));
	const rows = rowsOfInsert(blocks);
	const shown = rows?.map(({ names, minuteMs: minute, entry, error, statusClass, ...sums }) => {
		const { requests, spans: n, totalNano, firstMs, lastMs } = sums;
		const { namespace, service, environment, version } = names;
		const buckets = bucketsOf(sums);
		expect(buckets).toEqual([...buckets].sort((a, b) => a - b));
		const histogram = Object.fromEntries(
			buckets.map((bucket, at) => [bucket, sums.histograms.bucketRequests[sums.from + at]]),
		);
		const key = JSON.stringify([namespace, service, environment, version, minute, entry, error, statusClass]);
		return [key, { requests, spans: n, totalNano, firstMs, lastMs, histogram }] as const;
	});
	const expected = new Map([...Map.groupBy(spans, keyOf)].map(([key, of]) => [key, expectedRow(of)]));
	expect(shown?.length).toBe(expected.size);
	expect(new Map(shown)).toEqual(expected);
});

test('durations and times beyond 32 bits are whole', () => {
	const durationNano = 2n ** 63n + 2n ** 40n;
	const span = {
		traceId: 'a'.repeat(32),
		spanId: 'b'.repeat(16),
		startUnixNano: 0n,
		endUnixNano: durationNano,
		timeUnixMs: endMs,
	};
	const [row] = rowsOfInsert([spanBlock([span])]) ?? [];
	expect(row).toMatchObject({ totalNano: Number(durationNano), lastMs: endMs, spans: 1 });
	expect(bucketsOf(row!)).toEqual([bucketOf(Number(durationNano))]);
});

test('an insert with too many names is left to the store', () => {
	const spans = randomSpans({ seed: 4, count: 10_100, endMs, withinMs: minuteMs });
	const named = spans.map((span, at) => ({ ...span, resource: { service: `service ${at}` } }));
	expect(rowsOfInsert([spanBlock(named.slice(0, 500))])).toHaveLength(500);
	expect(rowsOfInsert([spanBlock(named)])).toBeUndefined();
});
