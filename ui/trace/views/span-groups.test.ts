import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrangeTrace } from '../../../collector/analysis/span-tree.ts';
import { checkoutTrace } from '../../../test/support/sample-traces.ts';
import { traceSpans } from '../../../test/support/trace-spans.ts';
import { filterSpans } from '../span-filter.ts';
import { groupSpans, readGroupBy, sortGroups } from './span-groups.ts';

const arranged = arrangeTrace(traceSpans(checkoutTrace()));
const trace = { ...arranged, total: arranged.count, truncated: false };
const all = [...trace.id.keys()];
/** A value for every third span, as text, number and truth value. */
const column = {
	values: [
		{ text: 'a b', type: 'text' as const },
		{ text: '5', type: 'number' as const },
		{ text: 'true', type: 'boolean' as const },
	],
	from: Uint32Array.from({ length: trace.count + 1 }, (_, row) => Math.floor((row + 2) / 3)),
	ids: Uint32Array.from({ length: trace.count }, (_, place) => place % 3),
};

test.each(['service', 'operation', 'name', 'kind', 'type', 'attribute:key'])(
	'every span is in one group by %s, and the filter of a group finds exactly its spans',
	(by) => {
		const groups = groupSpans(trace, all, readGroupBy(by), column);
		expect(groups.flatMap(({ rows }) => rows).sort((a, b) => a - b)).toEqual(all);
		for (const group of groups) {
			const found = filterSpans(trace, group.query ?? '', () => column);
			expect(found.kind === 'matches' ? [...found.matches.rows] : found, group.query).toEqual(group.rows);
		}
	},
);

test('sums and quantiles are those of the spans, by hand', () => {
	const spans = checkoutTrace();
	for (const group of groupSpans(trace, all, readGroupBy('operation'))) {
		const durations = spans
			.filter((span) => span.service === group.service && span.name === group.label)
			.map((span) => span.end - span.start)
			.sort((a, b) => a - b);
		const total = durations.reduce((sum, duration) => sum + duration, 0);
		expect(group).toMatchObject({
			count: durations.length,
			total,
			average: total / durations.length,
			longest: durations.at(-1),
			p50: durations.find((_, i) => (i + 1) / durations.length >= 0.5),
			p95: durations.find((_, i) => (i + 1) / durations.length >= 0.95),
			errors: spans.filter((span) => span.service === group.service && span.name === group.label && span.error === true)
				.length,
		});
	}
	const self = groupSpans(trace, all, readGroupBy('service')).reduce((sum, group) => sum + group.self, 0);
	expect(self).toBe(trace.self.reduce((sum, nano) => sum + nano, 0));
});

test('sorting is by any column, both ways, and total', () => {
	const groups = groupSpans(trace, all, readGroupBy('operation'));
	fc.assert(
		fc.property(fc.constantFrom('count', 'total', 'self', 'average', 'p50', 'p95', 'longest', 'errors'), (by) => {
			const up = sortGroups(groups, by).map((group) => group[by]);
			expect(up).toEqual(groups.map((group) => group[by]).sort((a, b) => a - b));
			expect(sortGroups(groups, `-${by}`).map((group) => group[by])).toEqual(up.reverse());
		}),
	);
});
