import { expect, test } from 'vitest';
import { arrangeTrace } from '../../collector/analysis/span-tree.ts';
import { traceSpans } from '../../test/support/trace-spans.ts';
import { siblingRuns } from './sibling-runs.ts';

// 1 ─ a a a a a   b   a a a a        below the third a: x
test('five neighbours of one name are a run, four are none, and what is between ends it', () => {
	const names = 'aaaaabaaaa'.split('');
	const trace = arrangeTrace(
		traceSpans([
			{ id: 1n, start: 0, end: 1000, name: 'root' },
			...names.map((name, index) => ({
				id: BigInt(index + 2),
				parent: 1n,
				name,
				start: index * 10,
				end: index * 10 + 5,
			})),
			{ id: 99n, parent: 4n, name: 'x', start: 21, end: 22 },
		]),
	);
	const runs = Array.from(siblingRuns(trace)).flatMap((length, row) =>
		length > 0 ? [[Number(trace.id[row]), length]] : [],
	);
	expect(runs).toEqual([[2, 5]]);
});

test('the same name in another service is something else', () => {
	const service = ['p', 'p', 'q', 'p', 'q'];
	const trace = arrangeTrace(
		traceSpans(
			service.map((service, index) => ({ id: BigInt(index + 1), service, name: 'get', start: index, end: index + 1 })),
		),
	);
	expect([...siblingRuns(trace)]).toEqual([0, 0, 0, 0, 0]);
});
