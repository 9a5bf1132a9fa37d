import { describe, expect, test } from 'vitest';
import { arrangeTrace } from '../../collector/analysis/span-tree.ts';
import { traceSpans } from '../../test/support/trace-spans.ts';
import type { DrawnSpan } from '../../test/support/trace-spans.ts';
import { edgeOf, layOutBar, layOutRepeats, toNano, toPixel } from './bar-layout.ts';
import type { Bar } from './bar-layout.ts';
import { repeatFacts } from './repeat-facts.ts';
import { findRepeats } from './repeats.ts';
import { Stretches } from './stretches.ts';

const MS = 1e6;
const lay = (drawn: DrawnSpan[], row: number, zoom = { from: 0, to: 100 * MS }): Bar | undefined => {
	const arranged = arrangeTrace(traceSpans(drawn));
	const trace = { ...arranged, total: arranged.count, truncated: false };
	return layOutBar(
		{ trace, stretches: new Stretches(trace), scale: { zoom, width: 1000 }, measure: () => 40 },
		row,
		24,
	);
};
const parent = { id: 1n, start: 0, end: 100 * MS };
const span = (id: bigint, from: number, to: number): DrawnSpan => ({ id, parent: 1n, start: from * MS, end: to * MS });

test('a pixel and a moment are the same place', () => {
	const scale = { zoom: { from: 20, to: 220 }, width: 400 };
	expect(toPixel(scale, 120)).toBe(200);
	expect(toNano(scale, 200)).toBe(120);
});

describe('a bar', () => {
	test('lies where its span lies, with the duration beside it', () => {
		expect(lay([parent, span(2n, 20, 50)], 1)).toMatchObject({
			from: 200,
			to: 500,
			label: '30\u00a0ms',
			labelPlace: 'right',
			labelAt: 505,
			cutLeft: false,
			cutRight: false,
		});
	});

	test('has its duration on the left or inside when there is no room on the right', () => {
		expect(lay([parent, span(2n, 60, 99)], 1)).toMatchObject({ labelPlace: 'left', labelAt: 555 });
		expect(lay([parent], 0)).toMatchObject({ labelPlace: 'inside' });
	});

	test('is cut where what is shown ends', () => {
		expect(lay([parent], 0, { from: 40 * MS, to: 60 * MS })).toMatchObject({
			from: 0,
			to: 1000,
			cutLeft: true,
			cutRight: true,
		});
	});

	test('shows a failure at its end, and only when that is in sight', () => {
		const failed = { ...parent, error: true };
		expect(lay([failed], 0)?.error).toBe(true);
		expect(lay([failed], 0, { from: 0, to: 50 * MS })?.error).toBe(false);
	});

	test('is never thinner than a pixel', () => {
		const bar = lay([parent, { ...span(2n, 50, 50) }], 1);
		expect(bar!.to - bar!.from).toBeGreaterThanOrEqual(1);
	});

	test('tells where children ran, overlaps joined', () => {
		expect(lay([parent, span(2n, 10, 30), span(3n, 20, 40), span(4n, 60, 70)], 0)?.covered).toEqual([
			{ from: 100, to: 400 },
			{ from: 600, to: 700 },
		]);
	});

	test('tells where it was on the critical path', () => {
		expect(lay([parent, span(2n, 30, 80)], 0)?.critical).toEqual([
			{ from: 0, to: 300 },
			{ from: 800, to: 1000 },
		]);
		expect(lay([parent, span(2n, 30, 80)], 1)?.critical).toEqual([{ from: 300, to: 800 }]);
	});

	test('out of sight is not drawn; the edge behind which it is can be told', () => {
		const drawn = [parent, span(2n, 10, 20)];
		const arranged = arrangeTrace(traceSpans(drawn));
		const trace = { ...arranged, total: 2, truncated: false };
		const zoom = { from: 50 * MS, to: 60 * MS };
		expect(lay(drawn, 1, zoom)).toBeUndefined();
		expect(edgeOf({ zoom, width: 1000 }, { from: trace.start[1], to: trace.start[1] + trace.duration[1] })).toBe(
			'left',
		);
		expect(
			edgeOf(
				{ zoom: { from: 0, to: 5 * MS }, width: 1000 },
				{ from: trace.start[1], to: trace.start[1] + trace.duration[1] },
			),
		).toBe('right');
		expect(
			edgeOf({ zoom, width: 1000 }, { from: trace.start[0], to: trace.start[0] + trace.duration[0] }),
		).toBeUndefined();
	});
});

test('repeats are as many bars as can be told apart, with the time in which one ran', () => {
	const members = [20, 20.01, 40, 60, 80].map((from, i) => span(BigInt(i + 2), from, from + 10));
	const arranged = arrangeTrace(traceSpans([parent, ...members.map((member) => ({ ...member, name: 'query' }))]));
	const trace = { ...arranged, total: arranged.count, truncated: false };
	const bar = layOutRepeats(
		{
			trace,
			stretches: new Stretches(trace),
			scale: { zoom: { from: 0, to: 100 * MS }, width: 1000 },
			measure: () => 40,
		},
		6,
		repeatFacts(trace, findRepeats(trace), 0),
		24,
	);
	expect(bar).toMatchObject({ row: 6, from: 200, to: 900, label: '40\u00a0ms' });
	expect(bar!.pieces!.map(({ from, to }) => [from, Math.round(to)])).toEqual([
		[200, 300],
		[400, 500],
		[600, 700],
		[800, 900],
	]);
});
