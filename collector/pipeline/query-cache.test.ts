import { expect, test } from 'vitest';
import { QueryCache } from './query-cache.ts';

test('keeps no more entries than allowed: those that were used last', () => {
	const cache = new QueryCache<number>({ maxEntries: 3, maxBytes: 1_000 });
	for (const key of ['a', 'b', 'c']) cache.set(key, 1, 10);
	cache.get('a');
	cache.set('d', 1, 10);
	expect(['a', 'b', 'c', 'd'].filter((key) => cache.get(key) !== undefined)).toEqual(['a', 'c', 'd']);
});

test('keeps no more bytes than allowed, and counts what replaces another', () => {
	const cache = new QueryCache<number>({ maxEntries: 100, maxBytes: 100 });
	for (let i = 0; i < 50; i++) cache.set(`${i}`, i, 12);
	expect(cache.size).toBe(8);
	expect(cache.bytes).toBe(96);
	cache.set('49', 0, 2);
	expect(cache.bytes).toBe(86);
	expect(cache.get('49')).toBe(0);
});

test('an entry that would push out many is not kept', () => {
	const cache = new QueryCache<number>({ maxEntries: 100, maxBytes: 100 });
	cache.set('a', 1, 13);
	expect(cache.size).toBe(0);
});
