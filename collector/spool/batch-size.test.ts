import { expect, test } from 'vitest';
import { BatchSize } from './batch-size.ts';

test('a store without memory gets smaller batches, and larger ones again when many have passed', () => {
	const size = new BatchSize({ maxSpans: 100, maxBytes: 1_001 });
	expect(size.limits()).toEqual({ maxSpans: 100, maxBytes: 1_001 });
	size.halve();
	size.halve();
	expect(size.limits()).toEqual({ maxSpans: 25, maxBytes: 251 });
	for (let batch = 0; batch < 15; batch += 1) size.stored();
	expect(size.limits().maxSpans).toBe(25);
	size.stored();
	expect(size.limits().maxSpans).toBe(50);
	for (let batch = 0; batch < 15; batch += 1) size.stored();
	size.halve();
	for (let batch = 0; batch < 15; batch += 1) size.stored();
	expect(size.limits().maxSpans).toBe(25);
	for (let batch = 0; batch < 100; batch += 1) size.stored();
	expect(size.limits()).toEqual({ maxSpans: 100, maxBytes: 1_001 });
});

test('however often it is halved, something is sent', () => {
	const size = new BatchSize({ maxSpans: 12, maxBytes: 100 });
	for (let times = 0; times < 50; times += 1) size.halve();
	expect(size.limits()).toEqual({ maxSpans: 1, maxBytes: 1 });
});
