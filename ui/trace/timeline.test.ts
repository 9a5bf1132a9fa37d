import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dragged, gripAt } from './overview/minimap-drag.ts';
import { recycleSlots } from './recycle-slots.ts';
import { rulerTicks } from './ruler-ticks.ts';
import { clampZoom, fitSpan, isWhole, panBy, zoomAround } from './zoom.ts';

const WHOLE = 1e9;
const zooms = fc
	.tuple(fc.double({ min: -1e9, max: 2e9, noNaN: true }), fc.double({ min: 0, max: 2e9, noNaN: true }))
	.map(([from, length]) => ({ from, to: from + length }));

describe('what is shown of the time', () => {
	test('never leaves the trace and never becomes too short to tell anything', () => {
		fc.assert(
			fc.property(
				zooms,
				fc.double({ min: 0.1, max: 10, noNaN: true }),
				fc.double({ min: -2, max: 2, noNaN: true }),
				(zoom, factor, share) => {
					const start = clampZoom(zoom, WHOLE);
					for (const next of [
						start,
						zoomAround(start, (start.from + start.to) / 2, factor, WHOLE),
						panBy(start, share, WHOLE),
					]) {
						expect(next.from).toBeGreaterThanOrEqual(0);
						expect(next.to).toBeLessThanOrEqual(WHOLE + 1e-6);
						expect(next.to - next.from).toBeGreaterThanOrEqual(49.9);
					}
				},
			),
		);
	});

	test('zooming keeps the moment under the pointer where it is', () => {
		const next = zoomAround({ from: 200, to: 600 }, 300, 0.5, 1000);
		expect(next).toEqual({ from: 250, to: 450 });
	});

	test('panning keeps the length', () => {
		expect(panBy({ from: 200, to: 600 }, 0.5, 1000)).toEqual({ from: 400, to: 800 });
		expect(panBy({ from: 200, to: 600 }, 5, 1000)).toEqual({ from: 600, to: 1000 });
	});

	test('fitting leaves some room around the span', () => {
		const zoom = fitSpan(4e8, 1e8, WHOLE);
		expect(zoom.from).toBeLessThan(4e8);
		expect(zoom.to).toBeGreaterThan(5e8);
		expect(isWhole(zoom, WHOLE)).toBe(false);
	});

	test('a trace shorter than can be zoomed is shown whole', () => {
		expect(clampZoom({ from: 3, to: 4 }, 10)).toEqual({ from: 0, to: 10 });
	});
});

describe('the minimap', () => {
	const window = { from: 100, to: 200 };
	test.each([
		[98, 'from'],
		[203, 'to'],
		[150, 'move'],
		[20, 'new'],
	] as const)('at %i it is gripped by %s', (x, grip) => {
		expect(gripAt(x, window, false)).toBe(grip);
	});

	test('all of it is always a new window', () => {
		expect(gripAt(100, window, true)).toBe('new');
	});

	test.each([
		['from', { from: 120, to: 200 }],
		['to', { from: 100, to: 220 }],
		['move', { from: 120, to: 220 }],
		['new', { from: 50, to: 70 }],
	] as const)('dragging %s by 20', (grip, expected) => {
		expect(dragged(grip, window, 50, 70)).toEqual(expected);
	});

	test('an end dragged past the other turns the window round', () => {
		expect(dragged('from', window, 100, 250)).toEqual({ from: 200, to: 250 });
	});
});

describe('the ruler', () => {
	test('stands at round moments within what is shown', () => {
		expect(rulerTicks({ from: 0, to: 2e9 }, 5).map((tick) => tick.label)).toEqual([
			'0',
			'0.5\u00a0s',
			'1.0\u00a0s',
			'1.5\u00a0s',
			'2.0\u00a0s',
		]);
		expect(rulerTicks({ from: 1_204_000, to: 1_206_000 }, 4).map((tick) => tick.label)).toEqual([
			'1.2040\u00a0ms',
			'1.2045\u00a0ms',
			'1.2050\u00a0ms',
			'1.2055\u00a0ms',
			'1.2060\u00a0ms',
		]);
	});

	test('neighbouring labels differ, however close', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 0, max: 1e12 }),
				fc.integer({ min: 50, max: 1e12 }),
				fc.integer({ min: 1, max: 20 }),
				(from, length, wanted) => {
					const ticks = rulerTicks({ from, to: from + length }, wanted);
					expect(ticks.length).toBeLessThanOrEqual(200);
					expect(ticks.every((tick) => tick.nano >= from && tick.nano <= from + length)).toBe(true);
					expect(new Set(ticks.map((tick) => tick.label)).size).toBe(ticks.length);
				},
			),
		);
	});
});

describe('the pool of rows', () => {
	test('scrolling by two rows touches two elements', () => {
		const before = recycleSlots(new Int32Array(0), [0, 1, 2, 3, 4]);
		const after = recycleSlots(before, [2, 3, 4, 5, 6]);
		expect([...after]).toEqual([5, 6, 2, 3, 4]);
	});

	test('shows every wanted row once, and a row that stays keeps its element', () => {
		const rows = fc.uniqueArray(fc.nat(60), { maxLength: 40 });
		fc.assert(
			fc.property(rows, rows, (first, second) => {
				const before = recycleSlots(new Int32Array(0), first);
				const after = recycleSlots(before, second);
				expect(
					Array.from(after)
						.filter((row) => row >= 0)
						.sort((a, b) => a - b),
				).toEqual(second.sort((a, b) => a - b));
				const stayed = Array.from(before.keys()).filter((slot) => second.includes(before[slot]));
				expect(stayed.map((slot) => after[slot])).toEqual(stayed.map((slot) => before[slot]));
				expect(after.length).toBeLessThanOrEqual(Math.max(first.length, second.length));
			}),
		);
	});
});
