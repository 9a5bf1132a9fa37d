import { expect, test } from 'vitest';
import { arrangeTrace } from '../../../collector/analysis/span-tree.ts';
import { traceSpans } from '../../../test/support/trace-spans.ts';
import { slowRows } from '../slow-spans.ts';
import { hasFlag, serviceOf } from '../span-facts.ts';
import { OverviewWork } from './overview-work.ts';

const spans = Array.from({ length: 40 }, (_, i) => ({
	id: BigInt(i + 1),
	...(i === 0 ? {} : { parent: BigInt(Math.floor((i - 1) / 3) + 1) }),
	start: i * 10,
	end: i === 0 ? 1_000 : i * 10 + (i === 39 ? 500 : 40),
	error: i % 7 === 3,
	name: 'work',
}));
const arranged = arrangeTrace(traceSpans(spans));
const trace = { ...arranged, total: arranged.count, truncated: false };
const WIDTH = 200;

/** Every span drawn by itself, pixel by pixel. */
function pixels(): Set<string> {
	const found = new Set<string>();
	for (let row = 0; row < trace.count; row++) {
		const [start, duration] = [trace.start[row] ?? 0, trace.duration[row] ?? 0];
		const from = Math.floor(start * (WIDTH / 1_000));
		const to = Math.min(WIDTH, Math.max(from + 1, Math.ceil((start + duration) * (WIDTH / 1_000))));
		for (let x = from; x < to; x++) found.add(`${trace.depth[row]} ${x}`);
	}
	return found;
}

test('the minimap has the pixels of every span, in the lane of its depth, and the ends of all that failed', () => {
	const { lanes, spans: rects, errors } = new OverviewWork(trace).minimap(WIDTH);
	const drawn = new Set<string>();
	for (let at = 0; at < rects.length; at += 4) {
		const [service = -1, lane, from = 0, to = 0] = rects.subarray(at, at + 4);
		expect(trace.services[service]).toBe(serviceOf(trace, 0));
		for (let x = from; x < to; x++) drawn.add(`${lane} ${x}`);
	}
	expect(lanes).toBe(Math.max(...trace.depth) + 1);
	expect(drawn).toEqual(pixels());
	const ends = Array.from({ length: trace.count }, (_, row) => row)
		.filter((row) => hasFlag(trace, row, 'error'))
		.map((row) => Math.floor(((trace.start[row] ?? 0) + (trace.duration[row] ?? 0)) * (WIDTH / 1_000)));
	expect([...errors].filter((_, index) => index % 2 === 0)).toEqual([...new Set(ends)].sort((a, b) => a - b));
});

test('slow spans are counted as the filter finds them', () => {
	expect(new OverviewWork(trace).slow()).toBe(slowRows(trace).filter((isSlow) => isSlow === 1).length);
	expect(new OverviewWork(trace).slow()).toBeGreaterThan(0);
});
