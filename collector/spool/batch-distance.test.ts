import { expect, test } from 'vitest';
import { batchDistanceMs } from './batch-distance.ts';

test('little traffic is stored soon, much of it gathers for longer, a full batch waits for nothing', () => {
	expect(batchDistanceMs(1, 100_000, 500)).toBe(500);
	expect(batchDistanceMs(4_999, 100_000, 500)).toBe(500);
	expect(batchDistanceMs(5_000, 100_000, 500)).toBe(1_000);
	expect(batchDistanceMs(79_999, 100_000, 500)).toBe(1_000);
	expect(batchDistanceMs(80_000, 100_000, 500)).toBe(0);
	expect(batchDistanceMs(1_000_000, 100_000, 500)).toBe(0);
});
