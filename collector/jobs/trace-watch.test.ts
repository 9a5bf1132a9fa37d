import { expect, test } from 'vitest';
import { TraceWatch } from './trace-watch.ts';

const touched = (traceId: string, commit: number, spans = 1, project = 'p') => ({
	project,
	traceId,
	fromMs: commit,
	toMs: commit,
	spans,
	firstCommit: commit,
});
const ids = (traces: { traceId: string }[]) => traces.map(({ traceId }) => traceId);

test('a trace is complete when nothing came for it for a while, and again after it was touched again', () => {
	const watch = new TraceWatch({ most: 10, quietMs: 30 });
	watch.touch([touched('a', 1), touched('b', 1)], 0);
	watch.touch([touched('a', 2, 5)], 10);
	expect(ids(watch.complete(29, 9, 99))).toEqual([]);
	expect(ids(watch.complete(30, 9, 99))).toEqual(['b']);
	const both = watch.complete(40, 9, 99);
	expect(both).toMatchObject([{ traceId: 'b' }, { traceId: 'a', spans: 6, fromMs: 1, toMs: 2, firstCommit: 1 }]);
	watch.touch([touched('b', 3)], 41); // While it was being searched.
	watch.done(both);
	expect(watch.size).toBe(1);
	expect(watch.oldestCommit()).toBe(1);
	expect(ids(watch.complete(71, 9, 99))).toEqual(['b']);
});

test('a round takes a bounded number of traces and spans of one project, one trace at least', () => {
	const watch = new TraceWatch({ most: 10, quietMs: 0 });
	watch.touch([touched('big', 1, 1_000), touched('a', 1, 60), touched('b', 1, 60), touched('c', 1, 1, 'q')], 0);
	expect(ids(watch.complete(0, 9, 100))).toEqual(['big']);
	watch.done(watch.complete(0, 9, 100));
	expect(ids(watch.complete(0, 9, 100))).toEqual(['a']);
	expect(ids(watch.complete(0, 9, 1_000))).toEqual(['a', 'b']);
	expect(ids(watch.complete(0, 1, 1_000))).toEqual(['a']);
});

test('of many complete traces those go together whose ids are near the one that waits longest', () => {
	const watch = new TraceWatch({ most: 1_000, quietMs: 0 });
	// Every 41st of 256 places in turn, so that neighbours come far apart.
	const all = Array.from({ length: 256 }, (_, at) => ((at * 41) % 256).toString(16).padStart(2, '0').padEnd(32, '0'));
	watch.touch(
		all.map((id) => touched(id, 1)),
		0,
	);
	const left = new Set(all);
	for (let rounds = 0; left.size > 0; rounds += 1) {
		expect(rounds).toBeLessThan(24);
		const [oldest] = left;
		const round = watch.complete(0, 16, 1_000);
		expect(round[0]?.traceId).toBe(oldest);
		const places = ids(round).map((id) => parseInt(id.slice(0, 2), 16));
		expect(Math.max(...places) - Math.min(...places)).toBeLessThanOrEqual(Math.ceil(256 / Math.ceil(left.size / 16)));
		watch.done(round);
		for (const { traceId } of round) left.delete(traceId);
	}
});

test('traces that there is no room for are counted', () => {
	const watch = new TraceWatch({ most: 2, quietMs: 0 });
	watch.touch([touched('a', 1), touched('b', 1), touched('c', 1)], 0);
	watch.touch([touched('a', 2)], 0);
	expect([watch.size, watch.skipped]).toEqual([2, 1]);
});
