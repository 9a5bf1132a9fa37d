import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { stepRate } from './step-rate.ts';

test('whatever the window cuts, each step of a steady service has its rate', () => {
	const facts = fc.record({ fromMs: fc.nat(1e9), lengthMs: fc.integer({ min: 60_000, max: 1e7 }) });
	fc.assert(
		fc.property(facts, fc.constantFrom(1_000, 15_000, 60_000), ({ fromMs, lengthMs }, stepMs) => {
			const window = { fromMs, toMs: fromMs + lengthMs };
			let shown = 0;
			for (let tMs = Math.floor(fromMs / stepMs) * stepMs; tMs < window.toMs; tMs += stepMs) {
				// Two events each millisecond, counted one by one where there are few.
				const from = Math.max(tMs, fromMs);
				const to = Math.min(tMs + stepMs, window.toMs);
				const rate = stepRate(2 * (to - from), tMs, stepMs, window);
				expect(rate === null).toBe((to - from) * 4 < stepMs);
				if (rate === null) continue;
				shown += 1;
				expect(rate).toBeCloseTo(2_000);
			}
			expect(shown).toBeGreaterThan(0);
		}),
	);
});

test('a step outside of the window has none', () => {
	expect(stepRate(5, 0, 1_000, { fromMs: 5_000, toMs: 9_000 })).toBeNull();
});
