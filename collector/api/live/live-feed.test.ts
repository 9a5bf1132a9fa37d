import { expect, onTestFinished, test, vi } from 'vitest';
import type { TraceSummary } from '../../../schema/api.ts';
import { silentLog } from '../../log.ts';
import type { LiveReader } from '../../store/search/live-reader.ts';
import { LiveFeed } from './live-feed.ts';
import type { Follower } from './live-feed.ts';
import { LOOK_BACK_MS } from './live-topic.ts';

interface Stored {
	id: string;
	firstMs: number;
	lastMs: number;
}

/** A feed over a store that the test fills, with a clock that the test turns. */
function world() {
	vi.useFakeTimers({ now: 1_700_000_000_000 });
	const stored: Stored[] = [];
	let spans = 0;
	let isAway = false;
	const looks: string[] = [];
	const counts = { followers: 0, dropped: 0 };
	const reader: LiveReader = {
		recent: async (scope, query, limit) => {
			looks.push(query.where);
			await new Promise((resolve) => setTimeout(resolve, 10));
			if (isAway) throw new Error('connect ECONNREFUSED 10.0.0.1');
			scope.signal?.throwIfAborted();
			return stored
				.filter(({ lastMs }) => lastMs >= scope.window.fromMs && lastMs < scope.window.toMs)
				.sort((a, b) => b.lastMs - a.lastMs)
				.slice(0, limit)
				.map((trace) => ({ ...trace, sortKey: String(trace.lastMs) }));
		},
		summaries: async (_, traces) => traces.map(({ id, lastMs }) => ({ traceId: id, endMs: lastMs }) as TraceSummary),
	};
	const feed = new LiveFeed({
		reader,
		storedSpans: () => spans,
		clock: Date.now,
		metrics: { liveFollowers: { set: (n) => (counts.followers = n) }, liveDropped: { inc: () => counts.dropped++ } },
		log: silentLog,
	});
	onTestFinished(async () => {
		const closing = feed.close();
		await vi.runOnlyPendingTimersAsync();
		await closing;
		vi.useRealTimers();
	});
	return {
		feed,
		looks,
		counts,
		store: (id: string, endedAgoMs = 0) => {
			stored.push({ id, firstMs: Date.now() - endedAgoMs, lastMs: Date.now() - endedAgoMs });
			spans++;
		},
		extend: (id: string) => {
			for (const trace of stored.filter((one) => one.id === id)) trace.lastMs = Date.now();
			spans++;
		},
		setAway: (away: boolean) => (isAway = away),
	};
}

const ask = (q = '', project = 'default') => ({ project, q, query: { where: q || '1', parameters: {} } });

function follower(room = Infinity): Follower & { heard: string[]; traces: () => string[]; isOver: boolean } {
	const one = {
		heard: [] as string[],
		isOver: false,
		send: (event: string) => one.heard.push(event) <= room,
		end: () => void (one.isOver = true),
		traces: () =>
			one.heard.flatMap((event) =>
				event.startsWith('event: traces')
					? (JSON.parse(event.split('data: ')[1] ?? '') as { traces: TraceSummary[] }).traces.map(
							({ traceId }) => traceId,
						)
					: [],
			),
	};
	return one;
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test('what was there is not told, what comes later is, once, and within a second', async () => {
	const { feed, store } = world();
	const one = follower();
	store('before');
	feed.follow(ask(), one);
	await pass(500);
	expect(one.heard).toEqual(['event: ready\ndata: {}\n\n']);
	store('first');
	await pass(1000);
	store('second');
	await pass(10_000);
	expect(one.traces()).toEqual(['first', 'second']);
});

test('a trace that gets more spans is told again, one that comes in late once', async () => {
	const { feed, store, extend } = world();
	const one = follower();
	feed.follow(ask(), one);
	await pass(500);
	store('grows');
	await pass(1000);
	extend('grows');
	store('late', LOOK_BACK_MS - 10_000);
	store('too late', LOOK_BACK_MS + 10_000);
	await pass(5000);
	expect(one.traces()).toEqual(['grows', 'grows', 'late']);
});

test('of a flood the newest fifty are told, the rest is counted', async () => {
	const { feed, store } = world();
	const one = follower();
	feed.follow(ask(), one);
	await pass(500);
	for (let i = 0; i < 180; i++) store(`t${i}`, 180 - i);
	await pass(1000);
	expect(one.traces()).toHaveLength(50);
	expect(one.traces()[0]).toBe('t179');
	expect(one.heard.at(-1)).toContain('"more":130');
});

test('all who ask the same share the looks; another query, project or environment has its own', async () => {
	const { feed, store, looks, counts } = world();
	const [a, b, c] = [follower(), follower(), follower()];
	feed.follow(ask('error'), a);
	await pass(500);
	feed.follow(ask('error'), b);
	expect(b.heard).toEqual(['event: ready\ndata: {}\n\n']);
	feed.follow({ ...ask('error'), environment: 'prod' }, c);
	await pass(500);
	looks.length = 0;
	store('x');
	await pass(450);
	expect(looks).toEqual(['error', 'error']);
	expect([a, b, c].map((one) => one.traces())).toEqual([['x'], ['x'], ['x']]);
	expect(counts.followers).toBe(3);
});

test('nobody follows: nothing is read', async () => {
	const { feed, store, looks, counts } = world();
	const leave = feed.follow(ask(), follower());
	await pass(500);
	leave();
	leave();
	await pass(500);
	looks.length = 0;
	store('x');
	await pass(20_000);
	expect([looks, counts.followers]).toEqual([[], 0]);
	const again = follower();
	feed.follow(ask(), again);
	await pass(500);
	expect(again.heard).toHaveLength(1);
});

test('one that does not keep up is left behind and counted; the others go on', async () => {
	const { feed, store, counts } = world();
	const [slow, quick] = [follower(2), follower()];
	feed.follow(ask(), slow);
	feed.follow(ask(), quick);
	for (const id of ['a', 'b', 'c']) {
		await pass(1000);
		store(id);
	}
	await pass(1000);
	expect(slow.isOver).toBe(true);
	expect(counts).toEqual({ followers: 1, dropped: 1 });
	expect(quick.traces()).toEqual(['a', 'b', 'c']);
});

test('a store that is away is told once, without its secrets, and what came meanwhile afterwards', async () => {
	const { feed, store, setAway } = world();
	const one = follower();
	feed.follow(ask(), one);
	await pass(500);
	setAway(true);
	store('meanwhile');
	await pass(9000);
	const trouble = one.heard.filter((event) => event.startsWith('event: trouble'));
	expect(trouble).toHaveLength(1);
	expect(trouble[0]).not.toContain('10.0.0.1');
	setAway(false);
	await pass(5000);
	expect(one.traces()).toEqual(['meanwhile']);
});

test('a quiet stream has a heartbeat', async () => {
	const { feed } = world();
	const one = follower();
	feed.follow(ask(), one);
	await pass(60_000);
	expect(one.heard.filter((event) => event.startsWith(':')).length).toBeGreaterThanOrEqual(3);
});

test('followers and queries are bounded', async () => {
	const { feed } = world();
	for (let i = 0; i < 16; i++) feed.follow(ask(`q${i}`), follower());
	expect(() => feed.follow(ask('one more'), follower())).toThrow(/too many/);
	for (let i = 0; i < 48; i++) feed.follow(ask('q1'), follower());
	expect(() => feed.follow(ask('q1'), follower())).toThrow(/too many/);
});

test('closing ends the streams at once, and takes no more', async () => {
	const { feed } = world();
	const one = follower();
	feed.follow(ask(), one);
	await pass(300);
	const closed = feed.close();
	await pass(0);
	await closed;
	expect(one.isOver).toBe(true);
	expect(() => feed.follow(ask(), one)).toThrow(/too many/);
});
