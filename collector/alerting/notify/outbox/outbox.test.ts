import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ModelDisk } from '../../../../test/support/model-disk.ts';
import { firing, resolved } from '../../../../test/support/transitions.ts';
import { silentLog } from '../../../log.ts';
import type { Transition } from '../../transition.ts';
import { directRoute } from '../route/route.ts';
import { backOffMs } from './delivery.ts';
import type { Outcome, StoredDelivery } from './delivery.ts';
import { Journal } from './journal.ts';
import { Outbox } from './outbox.ts';
import type { OutboxLimits } from './outbox.ts';
import { Planner } from './planner.ts';
import { Sender } from './sender.ts';

beforeEach(
	() => void vi.useFakeTimers({ now: Date.UTC(2026, 10, 28, 12), toFake: ['setTimeout', 'clearTimeout', 'Date'] }),
);
afterEach(() => void vi.useRealTimers());

const ok: Outcome = { state: 'delivered', status: 200, error: null, retryAfterMs: null };
const away: Outcome = { state: 'retry', status: 503, error: 'answered 503', retryAfterMs: null };

/** Everything but channels: what they answer is `answer`, and what they were sent is `sent`. */
async function world(disk = new ModelDisk(() => 0.5), limits?: OutboxLimits) {
	const sent: [second: number, channel: string, key: string][] = [];
	const it = {
		disk,
		sent,
		answer: ((): Outcome => ok) as (delivery: StoredDelivery) => Outcome,
		/** Since the tests began. */
		second: () => (Date.now() - Date.UTC(2026, 10, 28, 12)) / 1_000,
	};
	const outbox = await Outbox.open({
		disk: disk.mount(),
		folder: '/data/outbox',
		clock: Date.now,
		log: silentLog,
		crash: async () => {},
		random: () => 0,
		...(limits === undefined ? {} : { limits }),
	});
	const sender = new Sender({
		outbox,
		deliver: async (delivery) => {
			sent.push([it.second(), delivery.channel, delivery.key]);
			return it.answer(delivery);
		},
		clock: Date.now,
		crash: async () => {},
		log: silentLog,
	});
	const planner = new Planner({
		outbox,
		rules: {
			routes: () => [{ ...directRoute('', ['oncall']), groupBy: ['alert'] }],
			silencedUntil: () => null,
			sendsResolved: () => true,
		},
		isPerAlert: () => false,
		clock: Date.now,
		log: silentLog,
		onPlanned: () => sender.wake(),
	});
	planner.wake();
	sender.wake();
	return {
		...it,
		it,
		outbox,
		sender,
		tell: async (transition: Transition) => {
			const accepted = await outbox.accept(transition);
			planner.wake();
			sender.wake();
			return accepted;
		},
		seconds: (count: number) => vi.advanceTimersByTimeAsync(count * 1_000),
		close: async () => {
			await planner.close();
			await sender.close();
			await outbox.close();
		},
	};
}

const states = ({ state }: Outbox): string[] =>
	[...state.deliveries.values()].map((delivery) => `${delivery.state} ${delivery.attempts}`);

test('a delivery that fails is sent again with the same key, ever later, until it is taken', async () => {
	const it = await world();
	it.it.answer = () => away;
	await it.tell(firing());
	await it.seconds(600);
	expect(it.sent.map(([second]) => second).slice(0, 5)).toEqual([30, 35, 45, 65, 105]);
	expect(new Set(it.sent.map(([, , key]) => key)).size).toBe(1);
	it.it.answer = () => ok;
	await it.seconds(3_600);
	expect(states(it.outbox)).toEqual([`delivered ${it.sent.length}`]);
	await it.close();
});

test('back-off doubles up to a day, and chance takes off up to a half', () => {
	expect([1, 2, 3, 10].map((attempts) => backOffMs(attempts, 0))).toEqual([5_000, 10_000, 20_000, 2_560_000]);
	expect([15, 16, 1_000].map((attempts) => backOffMs(attempts, 0))).toEqual([81_920_000, 86_400_000, 86_400_000]);
	expect(backOffMs(3, 1)).toBe(10_000);
});

test('a target that fails is spared, what is new finds out that it is back, and then all goes at once', async () => {
	const it = await world();
	it.it.answer = () => away;
	await it.tell(firing());
	await it.seconds(8 * 3_600);
	const tried = it.sent.length;
	await it.tell(firing({ rule: 'second' }));
	await it.tell(firing({ rule: 'third' }));
	await it.seconds(3_600);
	// At most one attempt every five minutes, however many wait.
	const times = it.sent.slice(tried).map(([second]) => second);
	for (let index = 1; index < times.length; index++)
		expect((times[index] ?? 0) - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(300);
	it.it.answer = () => ok;
	await it.tell(firing({ rule: 'fourth' }));
	const before = it.sent.length;
	await it.seconds(360);
	expect(
		it.sent
			.slice(before)
			.map(([, , key]) => key.split('/')[0] ?? '')
			.sort((a, b) => a.localeCompare(b)),
	).toEqual(['checkout-is-slow', 'fourth', 'second', 'third']);
	await it.close();
});

test('a target that names a time is not asked before', async () => {
	const it = await world();
	it.it.answer = () => ({ ...away, status: 429, retryAfterMs: 100_000 });
	await it.tell(firing());
	await it.seconds(140);
	expect(it.sent.map(([second]) => second)).toEqual([30, 130]);
	await it.close();
});

test('what a target will never take is given up at once, and does not hold up the next', async () => {
	const it = await world();
	it.it.answer = ({ key }) => (key.startsWith('bad') ? { ...away, state: 'refused', status: 400 } : ok);
	await it.tell(firing({ rule: 'bad' }));
	await it.tell(firing({ rule: 'good' }));
	await it.seconds(60);
	expect(states(it.outbox)).toEqual(['failed 1', 'delivered 1']);
	expect(it.outbox.state.counts).toMatchObject({ failed: 1, delivered: 1 });
	await it.close();
});

test('an end that is told makes a beginning that was not pointless', async () => {
	const it = await world();
	it.it.answer = ({ alerts }) => (alerts[0]?.transition.state === 'firing' ? away : ok);
	await it.tell(firing());
	await it.seconds(60);
	await it.tell(resolved());
	await it.seconds(600);
	const [beginning, end] = [...it.outbox.state.deliveries.values()];
	expect([beginning?.state, beginning?.lastError, end?.state]).toEqual([
		'expired',
		'a newer notification told of it',
		'delivered',
	]);
	const attempts = it.sent.length;
	await it.seconds(90_000);
	expect(it.sent).toHaveLength(attempts);
	await it.close();
});

test('what is too old, too many or too large is given up, oldest first, and counted', async () => {
	const it = await world(undefined, { waiting: 3, waitingBytes: 1e9, ageMs: 86_400_000 });
	it.it.answer = () => away;
	for (let index = 0; index < 5; index++) await it.tell(firing({ rule: `r${index}` }));
	await it.seconds(60);
	expect(it.outbox.state.waiting().map(({ key }) => key.slice(0, 2))).toEqual(['r2', 'r3', 'r4']);
	expect(it.outbox.state.counts.expired).toBe(2);
	await it.close();
	const old = await world(undefined, { waiting: 1e9, waitingBytes: 1e9, ageMs: 86_400_000 });
	old.it.answer = () => away;
	await old.tell(firing());
	await old.seconds(86_400);
	expect(states(old.outbox)).toEqual([expect.stringMatching(/^waiting/)]);
	await old.seconds(100);
	expect(states(old.outbox)).toEqual([expect.stringMatching(/^expired/)]);
	expect(old.outbox.state.counts.expired).toBe(1);
	expect(old.outbox.state.waitingBytes).toBe(0);
	await old.close();
	const small = await world(undefined, { waiting: 1e9, waitingBytes: 3_000, ageMs: 1e12 });
	small.it.answer = () => away;
	for (let index = 0; index < 5; index++) await small.tell(firing({ rule: `r${index}` }));
	await small.seconds(60);
	expect(small.outbox.state.waitingBytes).toBeLessThanOrEqual(3_000);
	expect(small.outbox.state.waiting().at(-1)?.key.slice(0, 2)).toBe('r4');
	await small.close();
});

test('a restart keeps what waits, its key and its times', async () => {
	const first = await world();
	await first.tell(firing());
	await first.seconds(20);
	await first.close();
	const second = await world(first.disk);
	second.it.answer = () => away;
	await second.seconds(9);
	expect(second.sent).toEqual([]);
	await second.seconds(15);
	expect(second.sent.map(([time]) => time)).toEqual([30, 35]);
	await second.close();
	const third = await world(first.disk);
	await third.seconds(3_600);
	expect(third.sent[0]?.[0]).toBe(45);
	expect(third.sent.map(([, , key]) => key)).toEqual([second.sent[0]?.[2]]);
	expect(states(third.outbox)).toEqual(['delivered 3']);
	await third.close();
	const fourth = await world(first.disk);
	expect(await fourth.tell(firing())).toEqual({ isNews: false, isDurable: true });
	await fourth.seconds(3_600);
	expect(fourth.sent).toEqual([]);
	await fourth.close();
});

test('while the disk is full people are told all the same, it is said, and all is written when there is room', async () => {
	const it = await world();
	it.disk.faults.writes = 1_000;
	expect(await it.tell(firing())).toEqual({ isNews: true, isDurable: false });
	expect(it.outbox.diskProblem).toBe('ENOSPC');
	expect(await it.tell(firing())).toEqual({ isNews: false, isDurable: false });
	await it.seconds(60);
	expect(it.sent).toHaveLength(1);
	it.disk.faults.writes = 0;
	await it.seconds(60);
	expect(it.outbox.diskProblem).toBeNull();
	expect(await it.tell(firing())).toEqual({ isNews: false, isDurable: true });
	it.disk.cutPower();
	const after = await world(it.disk);
	expect(states(after.outbox)).toEqual(['delivered 1']);
	await after.seconds(60);
	expect(after.sent).toEqual([]);
	await after.close();
});

test('transitions are bounded by what is ever shown', async () => {
	const it = await world();
	const long = 'x'.repeat(100_000);
	await it.tell(
		firing({
			title: long,
			query: long,
			annotations: Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`a${index}`, long])),
			services: Array.from({ length: 100 }, () => long),
			evidence: {
				requests: 1,
				ofRequests: 2,
				difference: { key: long, value: long, selected: 1, rest: 0, selectedRatio: 1, restRatio: 0, score: 1 },
				comparedWith: 'rest',
				change: { changeId: 'c', title: long, service: long, tMs: 1 },
				violating: { traceId: 'a'.repeat(32), endMs: 1, operation: long, durationNano: 1 },
			},
		}),
	);
	await it.seconds(31);
	expect(it.sent).toHaveLength(1);
	expect(it.disk.read('/data/outbox/outbox.journal')?.length).toBeLessThan(200_000);
	await it.close();
});

test('of a deleted trace nothing is left, in what waits and on the disk; people are told all the same', async () => {
	const it = await world();
	it.it.answer = () => away;
	const traceId = 'ab'.repeat(16);
	const other = 'cd'.repeat(16);
	const found = (id: string): NonNullable<Transition['evidence']> => ({
		requests: 1,
		ofRequests: 2,
		difference: null,
		comparedWith: 'rest',
		change: null,
		violating: { traceId: id, endMs: 1, operation: 'POST /checkout', durationNano: 1 },
	});
	await it.tell(firing({ rule: 'a', evidence: found(traceId) }));
	await it.tell(firing({ rule: 'b', evidence: found(other) }));
	await it.tell(firing({ rule: 'c', project: 'elsewhere', evidence: found(traceId) }));
	await it.seconds(31);
	expect(states(it.outbox)).toHaveLength(3);
	await it.outbox.forgetTraces('default', new Set([traceId]));
	const onDisk = async () =>
		JSON.stringify((await Journal.read({ disk: it.disk.mount(), folder: '/data/outbox' })).entries);
	const waiting = it.outbox.state.waiting().flatMap(({ alerts }) => alerts.map(({ transition }) => transition));
	expect(new Map(waiting.map(({ rule, evidence }) => [rule, evidence?.violating?.traceId]))).toEqual(
		new Map([
			['a', undefined],
			['b', other],
			['c', traceId],
		]),
	);
	expect((await onDisk()).split(traceId)).toHaveLength(3);
	await it.outbox.forgetTraces('elsewhere', new Set([traceId]));
	expect(await onDisk()).not.toContain(traceId);
	expect(await onDisk()).toContain(other);
	it.it.answer = () => ok;
	await it.seconds(120);
	expect(states(it.outbox).filter((state) => state.startsWith('delivered'))).toHaveLength(3);
	await it.close();
});

test('of a dropped project nothing waits and nothing is on the disk; what others wait for goes on, a restart between', async () => {
	const it = await world();
	it.it.answer = ({ key }) => (key.startsWith('mango-told') ? ok : away);
	const project = 'mango';
	await it.tell(firing({ rule: 'mango-told', project, title: 'mango burns' }));
	await it.tell(firing({ rule: 'mango-waits', project, group: { service: 'mango-web' } }));
	await it.tell(firing({ rule: 'mango-over', project }));
	await it.tell(resolved({ rule: 'mango-over', project }));
	await it.tell(firing({ rule: 'kiwi', project: 'kiwi' }));
	await it.seconds(31);
	const onDisk = async () =>
		JSON.stringify((await Journal.read({ disk: it.disk.mount(), folder: '/data/outbox' })).entries);
	expect(await onDisk()).toContain('mango');
	const { waitingBytes } = it.outbox.state;
	await it.outbox.forgetProject('mango');
	expect(await onDisk()).not.toContain('mango');
	expect(JSON.stringify([...it.outbox.state.entries()])).not.toContain('mango');
	expect(it.outbox.firings().map(({ rule }) => rule)).toEqual(['kiwi']);
	const [kept, ...others] = it.outbox.state.waiting();
	expect([kept?.project, others, it.outbox.state.waitingBytes]).toEqual(['kiwi', [], kept?.bytes]);
	expect(it.outbox.state.waitingBytes).toBeLessThan(waitingBytes);
	await it.close();

	const again = await world(it.disk);
	const sent = again.it.sent;
	await again.seconds(120);
	expect(new Set(sent.map(([, , key]) => key.split('/')[0]))).toEqual(new Set(['kiwi']));
	await again.close();
});
