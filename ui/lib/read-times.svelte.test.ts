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
