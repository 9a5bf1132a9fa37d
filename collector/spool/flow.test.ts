import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Flow } from './flow.ts';

const windowMs = 30_000;
const startMs = Date.UTC(2026, 10, 29, 18);

function flowAt() {
	let nowMs = startMs;
	const flow = new Flow(() => nowMs);
	return { flow, at: (ms: number) => (nowMs = startMs + ms) };
}

test('what came and went in the last half minute, by the second; what is older no longer counts', () => {
	const { flow, at } = flowAt();
	at(500);
	flow.filled(600);
	flow.drained(300);
	at(10_000);
	flow.filled(400);
	expect(flow.rates()).toEqual({ fillBytesPerSecond: 100, drainBytesPerSecond: 30 });
	at(30_000);
	expect(flow.rates()).toEqual({ fillBytesPerSecond: 33, drainBytesPerSecond: 10 });
	at(31_000);
	expect(flow.rates()).toEqual({ fillBytesPerSecond: 13, drainBytesPerSecond: 0 });
	at(10_000 + windowMs + 1_000);
	expect(flow.rates()).toEqual({ fillBytesPerSecond: 0, drainBytesPerSecond: 0 });
});

test('one request right after the start is not a rate of thousands', () => {
	const { flow, at } = flowAt();
	at(1);
	flow.filled(500);
	expect(flow.rates().fillBytesPerSecond).toBe(500);
});

test('whatever the times, the rate is that of all noted within the window', () => {
	const steps = fc.array(fc.tuple(fc.nat(9_000), fc.nat(1e6)), { maxLength: 60 });
	fc.assert(
		fc.property(steps, (notes) => {
			const { flow, at } = flowAt();
			const noted: { ms: number; bytes: number }[] = [];
			let ms = 0;
			for (const [pauseMs, bytes] of notes) {
				at((ms += pauseMs));
				flow.filled(bytes);
				noted.push({ ms, bytes });
			}
			const fromMs = Math.max(0, Math.floor(ms / 1_000) * 1_000 - windowMs);
			const bytes = noted.reduce((sum, note) => sum + (note.ms >= fromMs ? note.bytes : 0), 0);
			const expected = bytes / Math.max(1, (ms - fromMs) / 1_000);
			expect(Math.abs(flow.rates().fillBytesPerSecond - expected)).toBeLessThanOrEqual(0.5);
		}),
	);
});

test('room lasts for as long as what comes in exceeds what leaves, once something waits or the store is away', () => {
	const { flow, at } = flowAt();
	flow.filled(1_500);
	flow.drained(500);
	at(10_000);
	expect(flow.outlook(6_000, false, windowMs + 1)).toEqual({
		fillBytesPerSecond: 150,
		drainBytesPerSecond: 50,
		fullInMs: 60_000,
	});
	expect(flow.outlook(6_000, true, 0)).toMatchObject({ drainBytesPerSecond: 0, fullInMs: 40_000 });
	expect(flow.outlook(6_000, false, windowMs).fullInMs).toBeUndefined();
	expect(flow.outlook(0, true, 0).fullInMs).toBe(0);
	flow.drained(1_000);
	expect(flow.outlook(6_000, false, windowMs + 1).fullInMs).toBeUndefined();
});
