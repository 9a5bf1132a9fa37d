import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { clustersOf, labelsOf } from './marker-clusters.ts';

const marker = (tMs: number) => ({ tMs, label: `v${tMs}` });

test('markers that are close share a label, at the first of them', () => {
	const clusters = clustersOf([marker(300), marker(10), marker(20), marker(73)], (tMs) => tMs, 64);
	expect(clusters.map(({ atPx, markers }) => [atPx, markers.map(({ tMs }) => tMs)])).toEqual([
		[10.5, [10, 20, 73]],
		[300.5, [300]],
	]);
});

test('each marker is in one cluster, and labels have room', () => {
	fc.assert(
		fc.property(fc.array(fc.nat(2_000)), (times) => {
			const clusters = clustersOf(times.map(marker), (tMs) => tMs / 2, 64);
			expect(clusters.flatMap(({ markers }) => markers.map(({ tMs }) => tMs))).toEqual(times.toSorted((a, b) => a - b));
			for (const [i, { atPx }] of clusters.entries())
				expect(i === 0 ? 64 : atPx - (clusters[i - 1]?.atPx ?? 0)).toBeGreaterThanOrEqual(64);
		}),
	);
});

test('no label reaches into another or beyond the chart, and each has room for a word', () => {
	fc.assert(
		fc.property(fc.array(fc.nat(1_599)), (times) => {
			const labels = labelsOf(times.map(marker), (tMs) => 52 + tMs / 2, [52, 852]);
			const spans = labels.map(({ atPx, isBefore, roomPx }) =>
				isBefore ? [atPx - roomPx, atPx] : [atPx, atPx + roomPx],
			);
			for (const [i, [from = 0, to = 0]] of spans.entries()) {
				expect(from).toBeGreaterThanOrEqual(spans[i - 1]?.[1] ?? 52);
				expect(to).toBeLessThanOrEqual(853);
				expect(to - from).toBeGreaterThanOrEqual(24);
			}
		}),
	);
});
