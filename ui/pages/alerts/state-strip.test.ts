import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALERT_STATES } from '../../../schema/alert.ts';
import type { AlertState } from '../../../schema/alert.ts';
import { STATE_ORDER } from './alert-words.ts';
import { stripRuns, stripTotal } from './state-strip.ts';

/** Neighbouring stretches of whole milliseconds from a start on. */
const strips = fc
	.tuple(
		fc.integer({ min: -40, max: 140 }),
		fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.constantFrom(...ALERT_STATES), fc.boolean())),
	)
	.map(([start, parts]) => {
		let atMs = start;
		return parts.flatMap(([length, state, isGap]) => {
			const stretch = { fromMs: atMs, toMs: atMs + length, state };
			atMs += length;
			return isGap ? [] : [stretch];
		});
	});

test('every cell shows the most urgent state of its milliseconds, looked at one by one', () => {
	fc.assert(
		fc.property(strips, fc.constantFrom(1, 2, 4, 5, 10, 20, 50, 100), (strip, cells) => {
			const seen: (AlertState | undefined)[] = Array.from({ length: cells });
			for (let ms = 0; ms < 100; ms++) {
				const state = strip.find(({ fromMs, toMs }) => ms >= fromMs && ms < toMs)?.state;
				const cell = Math.floor(ms / (100 / cells));
				const both = [seen[cell], state].filter((each) => each !== undefined);
				seen[cell] = STATE_ORDER.find((each) => both.includes(each));
			}
			const drawn: (AlertState | undefined)[] = Array.from({ length: cells });
			for (const { from, to, state } of stripRuns(strip, 0, 100, cells)) drawn.fill(state, from, to);
			expect(drawn).toEqual(seen);
			for (const state of ALERT_STATES) {
				const brute = Array.from({ length: 100 }, (_, ms) => ms).filter(
					(ms) => strip.find(({ fromMs, toMs }) => ms >= fromMs && ms < toMs)?.state === state,
				).length;
				expect(stripTotal(strip, state, 0, 100)).toBe(brute);
			}
		}),
	);
});

test('neighbouring cells of one state are one run, parted by what is not known', () => {
	const strip = [
		{ fromMs: 0, toMs: 40, state: 'normal' as const },
		{ fromMs: 60, toMs: 61, state: 'firing' as const },
	];
	expect(stripRuns(strip, 0, 100, 10)).toEqual([
		{ from: 0, to: 4, state: 'normal' },
		{ from: 6, to: 7, state: 'firing' },
	]);
});
