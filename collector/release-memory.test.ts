import { expect, test } from 'vitest';
import { releaseMemory } from './release-memory.ts';

test('memory of its own is given back, and given back again without harm', () => {
	const bytes = Uint8Array.of(1, 2, 3);
	releaseMemory(bytes);
	expect(bytes).toHaveLength(0);
	releaseMemory(bytes);
	expect(bytes.buffer.byteLength).toBe(0);
});

test('memory that others use stays', () => {
	const both = Uint8Array.of(1, 2, 3, 4);
	releaseMemory(both.subarray(0, 2));
	expect([...both]).toEqual([1, 2, 3, 4]);
});
