import { expect, test } from 'vitest';
import { ReadTimes } from './read-times.svelte.ts';

test('a read took as long as the clock says, and one that fails leaves the time of the last', async () => {
	let now = 1_000;
	const times = new ReadTimes(() => now);
	const reading = (ms: number) => async () => {
		now += ms;
		return ms;
	};
	expect(times.tookMs('/red')).toBeUndefined();
	expect(await times.measure('/red', reading(34))).toBe(34);
	await times.measure('/services', reading(5));
	expect([times.tookMs('/red'), times.tookMs('/services')]).toEqual([34, 5]);
	await expect(times.measure('/red', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
	expect(times.tookMs('/red')).toBe(34);
	await times.measure('/red', reading(8));
	expect(times.tookMs('/red')).toBe(8);
});

test('of many paths the times of those that were read last are kept', async () => {
	let now = 0;
	const times = new ReadTimes(() => now);
	const read = (path: string) => times.measure(path, async () => void (now += 1));
	await read('/red');
	for (let i = 0; i < 63; i++) await read(`/issues/${i}`);
	expect([times.tookMs('/red'), times.tookMs('/issues/0')]).toEqual([1, 1]);
	await read('/red');
	await read('/issues/63');
	expect([times.tookMs('/red'), times.tookMs('/issues/0'), times.tookMs('/issues/1')]).toEqual([1, undefined, 1]);
});
