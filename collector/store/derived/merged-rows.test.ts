import { expect, test } from 'vitest';
import { randomSpans } from '../../../test/support/random-spans.ts';
import { spanBlock } from '../../../test/support/span-block.ts';
import { rowsOfInsert } from './insert-rows.ts';
import type { InsertRow } from './insert-rows.ts';
import { MergedRows } from './merged-rows.ts';

const endMs = Date.UTC(2026, 10, 20, 12, 34, 56, 789);
const all = [1, 2, 3, 4].map((seed) => randomSpans({ seed, count: 300, endMs, withinMs: 90_000 }));
const inserts = all.map((spans, at) => ({ commit: { number: at + 5 }, rows: rowsOfInsert([spanBlock(spans)]) ?? [] }));

const plain = (rows: readonly InsertRow[]) =>
	rows
		.map(({ histograms, from, to, names, ...row }) => ({
			...row,
			names: names.key,
			buckets: [...histograms.buckets.subarray(from, to)],
			bucketRequests: [...histograms.bucketRequests.subarray(from, to)],
		}))
		.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

test.each([
	['one after the other', [[0], [0, 1], [0, 1, 2, 3]]],
	[
		'when the first are gone',
		[
			[0, 1],
			[1, 2],
		],
	],
	[
		'when one between is gone',
		[
			[0, 1, 2],
			[0, 2, 3],
		],
	],
	['when all are gone', [[0, 1], []]],
	[
		'when nothing is new',
		[
			[0, 1],
			[0, 1],
		],
	],
] as const)('rows of inserts are those of their spans together, %s', (_, turns) => {
	const merged = new MergedRows();
	for (const turn of turns) {
		const expected = rowsOfInsert([spanBlock(turn.flatMap((at) => all[at]!))]);
		expect(plain(merged.of(turn.map((at) => inserts[at]!)))).toEqual(plain(expected ?? []));
	}
});

test('what was answered before stays as it was', () => {
	const merged = new MergedRows();
	const before = merged.of(inserts.slice(0, 2));
	const kept = plain(before);
	merged.of(inserts);
	expect(plain(before)).toEqual(kept);
});
