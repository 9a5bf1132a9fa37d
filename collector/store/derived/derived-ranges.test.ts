import { expect, test } from 'vitest';
import { DerivedRanges } from './derived-ranges.ts';

test('ranges hold up to the first with a span behind the end of the window', () => {
	const ranges = new DerivedRanges({ upTo: 5, latestMs: 1_000 }, 500);
	expect(ranges.lastBefore(1_001)).toBe(5);
	ranges.add({ upTo: 8, latestMs: 2_000 });
	ranges.add({ upTo: 9, latestMs: 5_000 });
	ranges.add({ upTo: 12, latestMs: 3_000 });
	expect([499, 1_000, 1_001, 2_000, 2_001, 4_000, 5_000, 5_001].map((toMs) => ranges.lastBefore(toMs))).toEqual([
		0, 0, 5, 5, 8, 8, 8, 12,
	]);
});

test('of those that are too old to be kept one by one, the latest span decides', () => {
	const all = Array.from({ length: 300 }, (_, index) => ({ upTo: index + 1, latestMs: (index * 7_919) % 1_000 }));
	const ranges = new DerivedRanges({ upTo: 0, latestMs: -Infinity }, -Infinity);
	for (const range of all) ranges.add(range);
	const dropped = all.slice(0, -64);
	const most = Math.max(...dropped.map(({ latestMs }) => latestMs));
	expect(ranges.lastBefore(most)).toBe(0);
	expect(ranges.lastBefore(most + 1)).toBe(
		all.findLast((_, index) => all.slice(0, index + 1).every(({ latestMs }) => latestMs <= most))!.upTo,
	);
});
