import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { partitionMs } from './batch-sink.ts';
import { intervalOf } from './interval.ts';

const naive = (times: readonly number[]): number | undefined => {
	const found = new Set(times.map((time) => Math.floor(time / partitionMs)));
	return found.size === 1 ? [...found][0] : undefined;
};

test('times of one interval are told from times of several, before and after 1970', () => {
	const near = fc.integer({ min: -3 * partitionMs, max: 3 * partitionMs });
	const far = fc.integer({ min: -(2 ** 41), max: 2 ** 43 });
	const times = fc.oneof(fc.array(near, { maxLength: 5 }), fc.array(far, { maxLength: 3 }));
	fc.assert(
		fc.property(times, (all) => {
			expect(intervalOf(BigInt64Array.from(all, BigInt))).toBe(naive(all));
		}),
	);
});

test('the first millisecond of an interval belongs to it, the last one before does not', () => {
	const start = 157_000n * BigInt(partitionMs);
	expect(intervalOf(BigInt64Array.of(start, start + BigInt(partitionMs) - 1n))).toBe(157_000);
	expect(intervalOf(BigInt64Array.of(start, start - 1n))).toBeUndefined();
	expect(intervalOf(BigInt64Array.of(start, start + BigInt(partitionMs)))).toBeUndefined();
});

test('a column that begins within its buffer is read from there', () => {
	const all = BigInt64Array.of(0n, BigInt(partitionMs), BigInt(partitionMs) + 1n);
	expect(intervalOf(all.subarray(1))).toBe(1);
});
