import { expect, test } from 'vitest';
import { randomSpans } from '../../../test/support/random-spans.ts';
import { spanBlock } from '../../../test/support/span-block.ts';
import { CommitLog } from './commit-log.ts';
import type { Commit } from './commit-log.ts';
import type { DerivedMark } from './derived-mark.ts';
import { InsertCounts } from './insert-counts.ts';
import type { WaitingParts } from './insert-counts.ts';

const minuteMs = 60_000;
const nowMs = Date.UTC(2026, 10, 20, 12, 34, 30);
const thisMinuteMs = nowMs - 30_000;

/** Each insert has one more span than the one before, so that its rows say which it is. */
function opened({ last = 0, isAlone = true } = {}) {
	const at = { nowMs };
	const clock = () => at.nowMs;
	const log = new CommitLog('6a3d2c7e-0000-4000-8000-000000000001', last, clock);
	const counts = new InsertCounts({ commits: log, isAlone, clock });
	const mark = (derivedTo: number): DerivedMark => ({ derivedTo }) as DerivedMark;
	const begin = (project = 'shop', of: { endMs?: number; earliestMs?: number } = {}): Commit => {
		const { endMs = nowMs - 1_000 } = of;
		const { earliestMs = endMs - 2_000 } = of;
		const spans = (log.last + 1 - last) % 1_000;
		const block = spanBlock(randomSpans({ seed: spans, count: spans, endMs, withinMs: 1_001 }), project);
		const commit = log.begin({ project, day: 20_000 }, spans, { earliestMs, latestMs: endMs });
		counts.add(commit, [block]);
		return commit;
	};
	const insert = (project?: string, of?: { endMs?: number; earliestMs?: number }): Commit => {
		const commit = begin(project, of);
		log.settle(commit, 'stored');
		return commit;
	};
	const waiting = (derivedTo: number, project = 'shop') => counts.waiting(project, mark(derivedTo));
	return { at, log, counts, begin, insert, waiting };
}

const spansOf = ({ inMemory }: WaitingParts): number => inMemory.reduce((sum, { spans }) => sum + spans, 0);
const shown = (parts: WaitingParts) => ({ inMemory: spansOf(parts), inSpans: parts.inSpans });

test('what is inserted is counted once somebody has asked, and no longer when nobody does', () => {
	const { at, insert, waiting } = opened();
	insert();
	expect(shown(waiting(0).whole)).toEqual({ inMemory: 0, inSpans: { after: 0, upTo: 1 } });
	insert();
	insert();
	expect(shown(waiting(0).whole)).toEqual({ inMemory: 5, inSpans: { after: 0, upTo: 1 } });
	expect(shown(waiting(1).whole)).toEqual({ inMemory: 5, inSpans: undefined });
	at.nowMs += 31_000;
	insert();
	expect(shown(waiting(1).whole)).toEqual({ inMemory: 0, inSpans: { after: 1, upTo: 4 } });
});

test('what is derived is in memory no more', () => {
	const { insert, waiting } = opened();
	waiting(0);
	insert();
	insert();
	insert();
	expect(shown(waiting(2).whole)).toEqual({ inMemory: 3, inSpans: undefined });
	// As a question has it that took its mark before.
	expect(shown(waiting(0).whole)).toEqual({ inMemory: 3, inSpans: { after: 0, upTo: 2 } });
});

test.each([
	['running', 'running', { inMemory: 1 + 3, inSpans: { after: 1, upTo: 2 } }],
	['lost its answer', 'unknown', { inMemory: 1 + 3, inSpans: { after: 1, upTo: 2 } }],
	['turned out to be absent', 'absent', { inMemory: 1 + 3, inSpans: undefined }],
	['turned out to be stored', 'stored', { inMemory: 1 + 2 + 3, inSpans: undefined }],
] as const)('an insert that is or has %s counts accordingly', (_, state, expected) => {
	const { log, begin, insert, waiting } = opened();
	waiting(0);
	insert();
	const doubtful = begin();
	if (state !== 'running') log.settle(doubtful, 'unknown');
	insert();
	if (state !== 'running' && state !== 'unknown') log.settle(doubtful, state);
	expect(shown(waiting(0).whole)).toEqual(expected);
});

test('what lies between two inserts that have to be counted from spans is counted with them', () => {
	const { log, begin, insert, waiting } = opened();
	waiting(0);
	insert();
	const [second] = [begin(), insert(), begin(), insert()];
	log.settle(second, 'unknown');
	expect(shown(waiting(0).whole)).toEqual({ inMemory: 1 + 5, inSpans: { after: 1, upTo: 4 } });
});

test('projects are counted apart, each while it is asked for', () => {
	const { insert, waiting } = opened();
	waiting(0);
	insert();
	insert('bank');
	insert();
	expect(shown(waiting(0).whole)).toEqual({ inMemory: 4, inSpans: undefined });
	expect(shown(waiting(0, 'bank').whole)).toEqual({ inMemory: 0, inSpans: { after: 0, upTo: 2 } });
});

test('what an earlier process inserted is counted from spans until it is derived', () => {
	const { insert, waiting } = opened({ last: 7 });
	waiting(3);
	insert();
	expect(shown(waiting(3).whole)).toEqual({ inMemory: 1, inSpans: { after: 3, upTo: 7 } });
	expect(shown(waiting(7).whole)).toEqual({ inMemory: 1, inSpans: undefined });
});

test('rows of the minute that the end of a window cuts stand for spans unless one of them ended later', () => {
	const { insert, waiting } = opened();
	waiting(0);
	insert();
	insert('shop', { endMs: nowMs + 20_000 });
	insert('shop', { endMs: nowMs + 2 * minuteMs });
	const { whole, cut } = waiting(0);
	expect(shown(whole)).toEqual({ inMemory: 6, inSpans: undefined });
	expect(shown(cut(0, thisMinuteMs, nowMs))).toEqual({ inMemory: 1 + 3, inSpans: { after: 1, upTo: 2 } });
	expect(shown(cut(0, thisMinuteMs, nowMs + 20_000))).toEqual({ inMemory: 6, inSpans: undefined });
});

test('where ranges do not hold up to the mark, what follows the last that does is counted from spans', () => {
	const { insert, waiting } = opened();
	waiting(0);
	for (let at = 0; at < 4; at += 1) insert();
	expect(shown(waiting(2).cut(1, thisMinuteMs, nowMs))).toEqual({ inMemory: 7, inSpans: { after: 1, upTo: 2 } });
});

test('spans so old that they may go before they are derived are left to the store', () => {
	const { insert, waiting } = opened();
	waiting(0);
	insert();
	insert('shop', { earliestMs: nowMs - 3_600_001 });
	expect(shown(waiting(0).whole)).toEqual({ inMemory: 1, inSpans: { after: 1, upTo: 2 } });
});

test('after a deletion, and while it runs, nothing that was inserted before its end is taken from memory', async () => {
	const { counts, log, begin, insert, waiting } = opened();
	waiting(0);
	insert();
	const running = begin();
	const deletion = Promise.withResolvers<void>();
	const done = counts.deleting(() => deletion.promise);
	log.settle(running, 'stored');
	insert();
	expect(shown(waiting(0).whole)).toEqual({ inMemory: 0, inSpans: { after: 0, upTo: 3 } });
	deletion.reject(new Error('refused'));
	await expect(done).rejects.toThrow('refused');
	insert();
	expect(shown(waiting(0).whole)).toEqual({ inMemory: 4, inSpans: { after: 0, upTo: 3 } });
});

test('where others may delete, what is in memory is trusted for a minute', () => {
	const [alone, among] = [opened(), opened({ isAlone: false })].map(({ at, insert, waiting }) => {
		waiting(0);
		insert();
		for (let seconds = 0; seconds < 60; seconds += 20) waiting(0);
		at.nowMs += 60_001;
		return shown(waiting(0).whole);
	});
	expect(alone).toEqual({ inMemory: 1, inSpans: undefined });
	expect(among).toEqual({ inMemory: 0, inSpans: { after: 0, upTo: 1 } });
});

test('neighbours that the log keeps as one are counted from spans', () => {
	const { log, insert, waiting } = opened();
	waiting(0);
	insert();
	// Of another project, between them: they are no neighbours.
	for (let at = 0; at < 20_001; at += 1)
		log.settle(log.begin({ project: 'bank', day: 20_000 }, 1, { earliestMs: nowMs, latestMs: nowMs }), 'stored');
	insert();
	const { number } = insert();
	log.forget(0);
	expect(log.waitingOf('shop', 0).map(({ number }) => number)).toEqual([1, number]);
	expect(shown(waiting(0).whole)).toEqual({ inMemory: 1, inSpans: { after: 1, upTo: number } });
});

test('memory is bounded: the oldest are counted from spans', () => {
	const { counts, log, waiting } = opened();
	waiting(0);
	const block = spanBlock(randomSpans({ seed: 1, count: 3_000, endMs: nowMs, withinMs: 1_001 }), 'shop');
	const inserts = 200;
	for (let at = 0; at < inserts; at += 1) {
		const commit = log.begin({ project: 'shop', day: 20_000 }, block.rows, {
			earliestMs: nowMs - 1_001,
			latestMs: nowMs,
		});
		counts.add(commit, [block]);
		log.settle(commit, 'stored');
	}
	const parts = waiting(0).whole;
	const { upTo = 0, after } = parts.inSpans ?? {};
	expect(after).toBe(0);
	expect(upTo).toBeGreaterThan(1);
	expect(upTo).toBeLessThan(inserts - 1);
	expect(spansOf(parts)).toBe((inserts - upTo) * block.rows);
});
