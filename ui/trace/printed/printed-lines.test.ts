import { expect, test } from 'vitest';
import { openTraceView } from '../../testing/open-trace-view.ts';
import type { DrawnSpan } from '../../../test/support/trace-spans.ts';
import { MOST_PRINTED, PRINTED_WIDTH, printedLines } from './printed-lines.ts';

test('every line of a trace is printed, in its order, with its times and its bar as a share of the whole', () => {
	const { view } = openTraceView();
	const lines = printedLines(view);
	// As drawn in open-trace-view.ts: start, end and depth of each row.
	const expected = [
		[0, 1000, 0],
		[100, 400, 1],
		[200, 300, 2],
		[500, 900, 1],
		[600, 800, 2],
	] as const;
	expect(lines.map(({ startNano, nano, depth }) => [startNano, startNano + nano, depth])).toEqual(expected);
	for (const [i, [start, end]] of expected.entries()) {
		expect(lines[i]?.bar?.from).toBeCloseTo((start / 1000) * PRINTED_WIDTH);
		expect(lines[i]?.bar?.to).toBeCloseTo((end / 1000) * PRINTED_WIDTH);
	}
	expect(lines.map(({ isError }) => isError)).toEqual([false, false, true, false, false]);
});

test('what is folded away, outside of the zoom or not found by the filter is so on paper', () => {
	const { view } = openTraceView('?z=0-450');
	view.toggle(1);
	const lines = printedLines(view);
	expect(lines.map(({ entry }) => entry)).toEqual([0, 1, 3, 4]);
	expect(lines.map(({ bar }) => bar !== undefined)).toEqual([true, true, false, false]);
	expect(printedLines(openTraceView('?f=query').view).map(({ isDim }) => isDim)).toEqual([true, true, false, true, false]);
}); // prettier-ignore

test('repeats are one line, and of a long trace the first lines are printed', () => {
	const repeated: DrawnSpan[] = [
		{ id: 1n, start: 0, end: 1_000 },
		...Array.from({ length: 6 }, (_, i) => ({
			id: BigInt(i + 2),
			parent: 1n,
			start: i * 100,
			end: i * 100 + 60,
			name: 'same',
			error: i === 3,
		})),
	];
	const [, group, ...more] = printedLines(openTraceView('', repeated).view);
	expect(more).toEqual([]);
	expect(group).toMatchObject({ times: 6, label: 'same', isError: true, startNano: 0, nano: 360 });
	expect(group?.bar?.pieces).toHaveLength(6);

	const long = Array.from({ length: MOST_PRINTED + 40 }, (_, i): DrawnSpan => ({
		id: BigInt(i + 1),
		...(i === 0 ? {} : { parent: 1n }),
		start: i,
		end: i === 0 ? 10_000 : i + 1,
		name: `step ${i}`,
	}));
	const lines = printedLines(openTraceView('', long).view);
	expect(lines).toHaveLength(MOST_PRINTED);
	expect(lines.at(-1)?.startNano).toBe(MOST_PRINTED - 1);
});
