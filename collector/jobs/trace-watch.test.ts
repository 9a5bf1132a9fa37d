import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import type { TouchedTrace, TouchedTraces } from '../store/job-types.ts';
import { TraceWatch } from './trace-watch.ts';

const touched = (traceId: string, commit: number, spans = 1, project = 'p'): TouchedTrace => ({
	project,
	traceId: traceId.padEnd(32, '0'),
	fromMs: commit,
	toMs: commit,
	spans,
	firstCommit: commit,
});
const ids = (traces: { traceId: string }[]) => traces.map(({ traceId }) => traceId);
const whole = (...beginnings: string[]) => beginnings.map((id) => id.padEnd(32, '0'));

const asColumns = (traces: TouchedTrace[]): TouchedTraces => {
	const numbers = (of: (trace: TouchedTrace) => number) => Float64Array.from(traces, of);
	return {
		rows: traces.length,
		project: { ids: Uint32Array.from(traces.keys()), dictionary: traces.map(({ project }) => project) },
		traceId: Buffer.from(ids(traces).join(''), 'hex'),
		fromMs: numbers(({ fromMs }) => fromMs),
		toMs: numbers(({ toMs }) => toMs),
		spans: numbers(({ spans }) => spans),
		firstCommit: numbers(({ firstCommit }) => firstCommit),
	};
};

test('a trace is complete when nothing came for it for a while, and again after it was touched again', () => {
	const watch = new TraceWatch({ most: 10, quietMs: 30 });
	watch.touch(asColumns([touched('a', 1), touched('b', 1)]), 0);
	watch.touch(asColumns([touched('a', 2, 5)]), 10);
	expect([watch.isAnyComplete(29), ids(watch.complete(29, 9, 99))]).toEqual([false, []]);
	expect([watch.isAnyComplete(30), ids(watch.complete(30, 9, 99))]).toEqual([true, whole('b')]);
	const both = watch.complete(40, 9, 99);
	expect(both).toMatchObject([
		{ traceId: whole('b')[0] },
		{ traceId: whole('a')[0], spans: 6, fromMs: 1, toMs: 2, firstCommit: 1 },
	]);
	watch.touch(asColumns([touched('b', 3)]), 41); // While it was being searched.
	watch.done(both);
	expect(watch.size).toBe(1);
	expect(watch.oldestCommit()).toBe(1);
	expect(ids(watch.complete(71, 9, 99))).toEqual(whole('b'));
});

test('a round takes a bounded number of traces and spans of one project, one trace at least', () => {
	const watch = new TraceWatch({ most: 10, quietMs: 0 });
	watch.touch(
		asColumns([touched('ee', 1, 1_000), touched('a', 1, 60), touched('b', 1, 60), touched('c', 1, 1, 'q')]),
		0,
	);
	expect(ids(watch.complete(0, 9, 100))).toEqual(whole('ee'));
	watch.done(watch.complete(0, 9, 100));
	expect(ids(watch.complete(0, 9, 100))).toEqual(whole('a'));
	expect(ids(watch.complete(0, 9, 1_000))).toEqual(whole('a', 'b'));
	expect(ids(watch.complete(0, 1, 1_000))).toEqual(whole('a'));
});

test('of many complete traces those go together whose ids are near the one that waits longest', () => {
	const watch = new TraceWatch({ most: 1_000, quietMs: 0 });
	// Every 41st of 256 places in turn, so that neighbours come far apart.
	const all = Array.from({ length: 256 }, (_, at) => ((at * 41) % 256).toString(16).padStart(2, '0').padEnd(32, '0'));
	watch.touch(asColumns(all.map((id) => touched(id, 1))), 0);
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
	watch.touch(asColumns([touched('a', 1), touched('b', 1), touched('c', 1)]), 0);
	watch.touch(asColumns([touched('a', 2)]), 0);
	expect([watch.size, watch.skipped]).toEqual([2, 1]);
});

/** What the watch does, with a map of objects. */
class Model {
	readonly traces = new Map<string, TouchedTrace & { touchedMs: number }>();
	skipped = 0;

	touch(traces: TouchedTrace[], touchedMs: number, most: number): void {
		for (const trace of traces) {
			const key = trace.project + trace.traceId;
			const known = this.traces.get(key);
			if (known === undefined && this.traces.size >= most) this.skipped += 1;
			else {
				this.traces.delete(key);
				this.traces.set(key, {
					...trace,
					touchedMs,
					fromMs: Math.min(trace.fromMs, known?.fromMs ?? Infinity),
					toMs: Math.max(trace.toMs, known?.toMs ?? -Infinity),
					spans: trace.spans + (known?.spans ?? 0),
					firstCommit: Math.min(trace.firstCommit, known?.firstCommit ?? Infinity),
				});
			}
		}
	}

	complete(untilMs: number, most: number): (TouchedTrace & { touchedMs: number })[] {
		const ready = [...this.traces.values()].filter(({ touchedMs }) => touchedMs <= untilMs);
		return ready.filter(({ project }) => project === ready[0]?.project).slice(0, most);
	}

	done(traces: TouchedTrace[]): void {
		for (const trace of traces) {
			const key = trace.project + trace.traceId;
			if (this.traces.get(key) === trace) this.traces.delete(key);
		}
	}

	oldestCommit(): number {
		return Math.min(...[...this.traces.values()].map(({ firstCommit }) => firstCommit));
	}
}

const touch = record({
	// Few ids that differ at the end alone, so that no choice by neighbourhood is made, and in two projects.
	trace: integer({ min: 0, max: 15 }),
	project: constantFrom('p', 'q'),
	commit: integer({ min: 1, max: 50 }),
	spans: integer({ min: 1, max: 9 }),
});
const step = record({
	before: array(touch, { maxLength: 12 }),
	search: integer({ min: 0, max: 6 }),
	meanwhile: array(touch, { maxLength: 3 }),
});

test('whatever is touched and searched in whatever order, it waits for what a map of objects waits for', () => {
	const quietMs = 3;
	const most = 12;
	assert(
		property(array(step, { maxLength: 60 }), (steps) => {
			const watch = new TraceWatch({ most, quietMs });
			const model = new Model();
			const touchBoth = (touches: typeof touch extends Arbitrary<infer T> ? T[] : never, ms: number) => {
				const traces = touches.map(({ trace, project, commit, spans }) =>
					touched(trace.toString(16).padStart(32, '0'), commit, spans, project),
				);
				watch.touch(asColumns(traces), ms);
				model.touch(traces, ms, most);
			};
			for (const [ms, { before, search, meanwhile }] of steps.entries()) {
				touchBoth(before, ms);
				const found = watch.complete(ms, most, 1_000).slice(0, search);
				const expected = model.complete(ms - quietMs, search);
				expect(found.map(({ slot: _slot, touches: _touches, ...trace }) => trace)).toEqual(
					expected.map(({ touchedMs: _touchedMs, ...trace }) => trace),
				);
				touchBoth(meanwhile, ms);
				for (let twice = 0; twice < 2; twice += 1) watch.done(found);
				model.done(expected);
				expect([watch.size, watch.skipped, watch.oldestCommit() ?? Infinity]).toEqual([
					model.traces.size,
					model.skipped,
					model.oldestCommit(),
				]);
			}
		}),
	);
});
