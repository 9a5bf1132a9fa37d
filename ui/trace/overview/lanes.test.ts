import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Lanes } from './lanes.ts';

interface Drawn {
	start: number;
	length: number;
	lane: number;
}
const lanesOf = (spans: readonly Drawn[]): Lanes =>
	new Lanes({
		count: spans.length,
		start: Float64Array.from(spans, (span) => span.start),
		duration: Float64Array.from(spans, (span) => span.length),
		laneOf: (row) => spans[row]?.lane,
		lanes: 3,
	});

/** Every span drawn by itself: pixel by pixel, at least one each. */
function paintedOneByOne(spans: readonly Drawn[], from: number, width: number, perNano: number): Set<string> {
	const painted = new Set<string>();
	for (const { start, length, lane } of spans) {
		const left = Math.floor((start - from) * perNano);
		const right = Math.max(Math.ceil((start + length - from) * perNano), left + 1);
		for (let x = Math.max(0, left); x < Math.min(width, right); x++) painted.add(`${lane}:${x}`);
	}
	return painted;
}

// Powers of two, so that no rounding stands between the two ways to compute a pixel.
const drawn = fc.record({ start: fc.nat(512), length: fc.oneof(fc.nat(3), fc.nat(300)), lane: fc.nat(2) });

test('paints exactly the pixels that drawing every span would paint, each once', () => {
	fc.assert(
		fc.property(
			fc.array(drawn, { maxLength: 60 }),
			fc.constantFrom(0, 64, 256),
			fc.constantFrom(512, 128),
			(spans, from, length) => {
				const width = 64;
				const rects = lanesOf(spans).rects({ from, to: from + length }, width);
				const pixels = rects.flatMap(({ lane, from, to }) =>
					Array.from({ length: to - from }, (_, index) => `${lane}:${from + index}`),
				);
				expect(new Set(pixels).size).toBe(pixels.length);
				// A span that ends exactly where the picture begins is not in it.
				const expected = paintedOneByOne(
					spans.filter((span) => span.start + span.length >= from && span.start <= from + length),
					from,
					width,
					width / length,
				);
				expect(new Set(pixels)).toEqual(expected);
			},
		),
	);
});

test('a million hidden spans cost no more rectangles than there are pixels', () => {
	const spans = Array.from({ length: 200_000 }, (_, index) => ({ start: index, length: 1 + (index % 7), lane: 0 }));
	const lanes = lanesOf(spans);
	const rects = lanes.rects({ from: 0, to: 200_000 }, 1600);
	expect(rects.length).toBeLessThanOrEqual(1600);
});

test('a long span that begins in the same pixel as many short ones is not lost', () => {
	const spans = [
		...Array.from({ length: 50 }, (_, index) => ({ start: index / 100, length: 0.001, lane: 0 })),
		{ start: 0.9, length: 40, lane: 0 },
	];
	const covered = lanesOf(spans)
		.rects({ from: 0, to: 100 }, 100)
		.reduce((sum, rect) => sum + rect.to - rect.from, 0);
	expect(covered).toBe(41);
});
