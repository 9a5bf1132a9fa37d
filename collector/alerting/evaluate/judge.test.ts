import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { judge, judgedValue } from './judge.ts';

const burn = (threshold: number, before: number) => ({ kind: 'burn', threshold, before, longMs: 3_600_000 }) as const;
const rule = { minRequests: 0, noData: 'keep' } as const;
const rate = fc.option(fc.double({ min: 0, max: 100, noNaN: true }));

test('a burn rate fires exactly while both of its windows burn, and so while what is shown is above the threshold', () => {
	fc.assert(
		fc.property(
			fc.array(rate, { minLength: 4, maxLength: 4 }),
			fc.integer({ min: 0, max: 99 }),
			fc.constantFrom(0, 2),
			(before, threshold, at) => {
				const sample = { value: 1, requests: 1, before };
				const [long, short] = [before[at] ?? null, before[at + 1] ?? null];
				const areBoth = long !== null && short !== null && long > threshold && short > threshold;
				expect(judge(burn(threshold, at), sample, rule)).toBe(areBoth ? 'violates' : 'recovered');
				const shown = judgedValue(burn(threshold, at), sample);
				expect((shown ?? -1) > threshold).toBe(areBoth);
				expect([null, long, short]).toContain(shown);
			},
		),
	);
	expect(judgedValue(burn(1, 0), { value: 1, requests: 1, before: [9, 4] })).toBe(4);
	expect(judgedValue(burn(1, 0), { value: 1, requests: 1, before: [3, 8] })).toBe(3);
	expect(judgedValue(burn(1, 0), { value: 1, requests: 1, before: [9, null] })).toBeNull();
});
