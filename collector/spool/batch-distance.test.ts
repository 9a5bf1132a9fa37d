import { expect, test } from 'vitest';
import { batchDistanceMs } from './batch-distance.ts';

test('little traffic is stored soon, much of it gathers for longer, a full batch waits for nothing', () => {
	const distance = (waiting: number) => batchDistanceMs({ waiting, perBatch: 100_000, most: 100_000 }, 500);
	expect([1, 4_999, 5_000, 79_999].map(distance)).toEqual([500, 500, 1_000, 1_000]);
	expect([80_000, 1_000_000].map(distance)).toEqual([0, 0]);
});

test('a batch is full when it has what the store has memory for', () => {
	const distance = (waiting: number) => batchDistanceMs({ waiting, perBatch: 400, most: 100_000 }, 500);
	expect([319, 320, 20_000].map(distance)).toEqual([500, 0, 0]);
});
