import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { traceSummary } from '../../testing/answers.ts';
import { mergeTraces } from './merge-traces.ts';

const trace = fc
	.record({ id: fc.nat(12), endMs: fc.nat(20), spanCount: fc.nat(9) })
	.map(({ id, ...facts }) => traceSummary(id, facts));
const traces = fc.uniqueArray(trace, { selector: ({ traceId }) => traceId });

test('every trace once, as it was told last, newest first', () => {
	fc.assert(
		fc.property(traces, traces, fc.nat(20), (told, known, limit) => {
			const merged = mergeTraces(told, known, limit);
			const newest = (id: string) => told.find((one) => one.traceId === id) ?? known.find((one) => one.traceId === id);
			const ids = [...new Set([...told, ...known].map(({ traceId }) => traceId))];
			expect(merged).toHaveLength(Math.min(limit, ids.length));
			for (const one of merged) expect(one).toBe(newest(one.traceId));
			for (const [i, one] of merged.entries()) {
				const before = merged[i - 1];
				if (before === undefined) continue;
				expect(before.endMs > one.endMs || (before.endMs === one.endMs && before.traceId > one.traceId)).toBe(true);
			}
			const leftOut = ids
				.filter((id) => !merged.some(({ traceId }) => traceId === id))
				.map((id) => newest(id)?.endMs ?? 0);
			expect(Math.max(-1, ...leftOut)).toBeLessThanOrEqual(merged.at(-1)?.endMs ?? Infinity);
		}),
	);
});
