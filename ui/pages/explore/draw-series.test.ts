import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawSeries } from './draw-series.ts';
import type { SeriesAnswer } from '../../../schema/api-measures.ts';

const answerOf = (facts: Partial<SeriesAnswer>): SeriesAnswer => ({
	window: { fromMs: 0, toMs: 600_000 },
	stepMs: 60_000,
	unit: 'perSecond',
	series: [],
	...facts,
});

const line = fc.record({
	requests: fc.nat(1000),
	value: fc.option(fc.nat(100)),
	points: fc.uniqueArray(fc.record({ tMs: fc.nat(9).map((i) => i * 60_000), value: fc.option(fc.nat(100)) }), {
		selector: ({ tMs }) => tMs,
	}),
});
const hostile = fc.constantFrom('', '(none)', 'a', 'a · b', 'b', '__proto__', 'all others', 'a (2)');
const grouped = fc.tuple(line, hostile, hostile).map(([one, x, y]) => ({ ...one, group: { x, y } }));

test('every value stands at its time, and every line has a name of its own', () => {
	fc.assert(
		fc.property(fc.array(grouped, { maxLength: 12 }), fc.option(line, { nil: undefined }), (series, other) => {
			const drawn = drawSeries(answerOf({ series, ...(other === undefined ? {} : { other }) }), 'Rate');
			const all = [...series, ...(other === undefined ? [] : [other])];
			expect(drawn.rows).toHaveLength(all.length);
			expect(new Set(drawn.series.map(({ name }) => name)).size).toBe(all.length);
			for (const [i, { points, value, requests }] of all.entries()) {
				const row = drawn.rows[i];
				expect(row).toMatchObject({ value, requests });
				for (const [at, tMs] of drawn.steps.timesMs.entries()) {
					expect(row?.values[at]).toBe(points.find((point) => point.tMs === tMs)?.value ?? null);
				}
				const shown = row?.values.filter((one) => one !== null).length;
				expect(shown).toBe(points.filter((point) => point.value !== null).length);
			}
		}),
	);
});

test('names groups by their values, a line without groups by its measure', () => {
	const points = [{ tMs: 0, value: 1 }];
	const one = { requests: 1, value: 1, points };
	const names = (series: SeriesAnswer['series']) =>
		drawSeries(answerOf({ series, other: one }), 'Rate').rows.map(({ name }) => name);
	expect(names([{ ...one, group: {} }])).toEqual(['Rate', 'all others']);
	expect(names([{ ...one, group: { service: 'shop/cart', kind: '' } }])).toEqual(['shop/cart · (none)', 'all others']);
});

test('a service has the hue that it has everywhere', () => {
	const one = { requests: 1, value: 1, points: [] };
	const [cart, other] = drawSeries(
		answerOf({ series: [{ ...one, group: { service: 'checkout' } }], other: one }),
		'',
	).rows;
	expect([cart?.color, other?.color]).toEqual(['var(--hue-9)', 'var(--text-faint)']);
});
