import { expect, test } from 'vitest';
import { arrangeTrace } from '../../../collector/analysis/span-tree.ts';
import { checkoutTrace } from '../../../test/support/sample-traces.ts';
import { traceSpans } from '../../../test/support/trace-spans.ts';
import { hasFlag, nameOf } from '../span-facts.ts';
import { errorEntries, pathSteps, workedWithin } from './path-list.ts';

const arranged = arrangeTrace(traceSpans(checkoutTrace()));
const trace = { ...arranged, total: arranged.count, truncated: false };
const rows = [...trace.id.keys()];

test('the steps of the path add up to the root, in the order of time', () => {
	const steps = pathSteps(trace);
	expect(steps.reduce((sum, step) => sum + step.nano, 0)).toBeCloseTo(trace.duration[0], 3);
	expect(steps.reduce((sum, step) => sum + step.ratio, 0)).toBeCloseTo(1, 9);
	expect(steps.map(({ from }) => from)).toEqual(steps.map(({ from }) => from).sort((a, b) => a - b));
	expect(new Set(steps.map(({ row }) => row))).toEqual(new Set(rows.filter((row) => hasFlag(trace, row, 'critical'))));
});

test('an error starts where nothing below it failed', () => {
	const failed = rows.filter((row) => hasFlag(trace, row, 'error'));
	const entries = errorEntries(trace);
	expect(entries.map(({ row }) => row)).toEqual(failed);
	for (const { row, isOrigin } of entries) {
		expect(isOrigin).toBe(!failed.some((other) => other > row && other < trace.end[row]));
	}
	expect(entries.filter(({ isOrigin }) => isOrigin).map(({ row }) => nameOf(trace, row))).toEqual([
		'POST api.stripe.test',
		'POST api.stripe.test',
	]);
});

test('the whole trace is worked as long as all self times, and idle where nothing ran', () => {
	const end = Math.max(...rows.map((row) => trace.start[row] + trace.duration[row]));
	const { worked, idle, sum } = workedWithin(trace, { from: 0, to: end });
	expect(sum).toBe(trace.self.reduce((total, nano) => total + nano, 0));
	expect(worked.reduce((total, group) => total + group.self, 0)).toBe(sum);
	// The root ends at 1842.3 ms, the mailer began at 1840.
	expect(idle).toBe(0);
	expect(workedWithin(trace, { from: end, to: end + 500 }).idle).toBe(500);
});
