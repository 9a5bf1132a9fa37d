import { describe, expect, test } from 'vitest';
import { documentSchema } from '../../../../schema/desired-state.ts';
import type { DocumentOf } from '../../../../schema/desired-state.ts';
import { firing, resolved } from '../../../../test/support/transitions.ts';
import type { Transition } from '../../transition.ts';
import type { AlertLabels } from '../alert-labels.ts';
import { matchesLabels } from '../alert-labels.ts';
import { makeDeliveries } from '../outbox/make-deliveries.ts';
import { OutboxState } from '../outbox/outbox-state.ts';
import { planNotifications } from './plan.ts';
import { readRoutes } from './route.ts';

interface Window {
	match: Record<string, string>;
	from: number;
	until: number;
}

const route = (name: string, spec: object): DocumentOf<'Route'> =>
	documentSchema.parse({
		apiVersion: 'spanhouse.dev/v1',
		kind: 'Route',
		metadata: { name },
		spec: { notify: ['oncall'], ...spec },
	}) as DocumentOf<'Route'>;

/**
 * A clock that steps by ten seconds; what is told is noted as `time channel: what`. With `restarts`, everything is read again
 * from its journal entries at every step.
 */
class World {
	nowMs = 0;
	readonly log: string[] = [];
	readonly keys: string[] = [];
	quiet: Window[] = [];
	/** Nobody takes what is sent. */
	isAway = false;
	withoutResolved = new Set<string>();
	perAlert = new Set<string>();
	routes: DocumentOf<'Route'>[];
	#state = new OutboxState();
	readonly #restarts: boolean;

	constructor(routes: DocumentOf<'Route'>[], restarts: boolean) {
		this.routes = routes;
		this.#restarts = restarts;
	}

	tell(...transitions: Transition[]): void {
		for (const transition of transitions) this.#state.apply({ type: 'transition', atMs: this.nowMs, transition });
	}

	/** What another collector had the telling of until now. */
	takeOver(...transitions: Transition[]): void {
		const entries = transitions.map((transition) => ({ type: 'transition', transition, isTakenOver: true }) as const);
		for (const entry of entries) this.#state.apply({ ...entry, atMs: this.nowMs });
	}

	/** Seconds, in tens. */
	until(second: number): string[] {
		while (this.nowMs <= second * 1_000) {
			if (this.#restarts) this.#restart();
			this.#step();
			this.nowMs += 10_000;
		}
		this.nowMs = second * 1_000;
		return this.log.splice(0);
	}

	get live(): number {
		return this.#state.notify.alerts.size;
	}

	#restart(): void {
		const entries = JSON.parse(JSON.stringify([...this.#state.entries()])) as Parameters<OutboxState['apply']>[0][];
		this.#state = new OutboxState();
		for (const entry of entries) this.#state.apply(entry);
	}

	#step(): void {
		const { due, done } = planNotifications(
			this.#state.notify,
			{
				routes: () => readRoutes(this.routes),
				silencedUntil: (_, labels) => this.#silencedUntil(labels),
				sendsResolved: (_, channel) => !this.withoutResolved.has(channel),
			},
			this.nowMs,
		);
		for (const key of done) this.#state.notify.forget(key);
		for (const planned of due) {
			const isPerAlert = this.perAlert.has(planned.channel);
			const entry = makeDeliveries(this.#state, planned, { isPerAlert, nowMs: this.nowMs });
			this.#state.apply(JSON.parse(JSON.stringify(entry)) as typeof entry);
			for (const { id, channel, key, alerts, isRepeat, omitted } of entry.deliveries) {
				if (!this.isAway) this.#state.apply({ type: 'settled', id, change: taken });
				this.keys.push(`${channel} ${key}`);
				const said = alerts.map(({ transition, isNew }) => `${isNew ? '' : '='}${nameOf(transition)}`);
				this.log.push(
					`${this.nowMs / 1_000} ${channel}${isRepeat ? ' again' : ''}: ${said.join(' ')}${omitted === 0 ? '' : ` +${omitted}`}`,
				);
			}
		}
	}

	#silencedUntil(labels: AlertLabels): number | null {
		const active = this.quiet.filter(
			({ match, from, until }) =>
				matchesLabels(match, labels) && from * 1_000 <= this.nowMs && this.nowMs < until * 1_000,
		);
		return active.length === 0 ? null : Math.max(...active.map(({ until }) => until * 1_000));
	}
}

const taken = {
	state: 'delivered',
	attempts: 1,
	attemptedMs: 0,
	nextMs: null,
	lastStatus: 200,
	lastError: null,
} as const;

const nameOf = ({ rule, group, state }: Transition): string =>
	`${rule}${Object.values(group)
		.map((value) => `[${value}]`)
		.join('')}${state === 'resolved' ? ' ended' : ''}`;

const fires = (rule: string, more: Partial<Transition> = {}) => firing({ rule, ...more });
const ends = (rule: string, more: Partial<Transition> = {}) => resolved({ rule, ...more });
const hour = 3_600;
/** Began after the others, and ended after them. */
const later = { startedMs: Date.UTC(2026, 10, 28, 12, 5) };

describe.each([
	['on end', false],
	['with a restart at every step', true],
])('%s', (_, restarts) => {
	const world = (...routes: DocumentOf<'Route'>[]) => new World(routes, restarts);

	test('what begins waits for company, then is told once', () => {
		const it = world(route('all', {}));
		it.tell(fires('a'));
		expect(it.until(20)).toEqual([]);
		it.tell(fires('b'));
		expect(it.until(hour)).toEqual(['30 oncall: a b']);
	});

	test('what joins a group waits for its interval; what ends is told with it', () => {
		const it = world(route('all', {}));
		it.tell(fires('a'));
		expect(it.until(40)).toEqual(['30 oncall: a']);
		it.tell(fires('b'));
		expect(it.until(320)).toEqual([]);
		it.tell(ends('a'));
		expect(it.until(hour)).toEqual(['330 oncall: b a ended']);
		it.tell(ends('b'));
		expect(it.until(2 * hour)).toEqual([`${hour + 30} oncall: b ended`]);
		expect(it.live).toBe(0);
	});

	test('what goes on is repeated, and counts anew from the last time', () => {
		const it = world(route('all', { repeatEvery: '1h' }));
		it.tell(fires('a'));
		expect(it.until(2.6 * hour)).toEqual(['30 oncall: a', '3630 oncall again: =a', '7230 oncall again: =a']);
		it.tell(fires('b'));
		expect(it.until(3.9 * hour)).toEqual(['9390 oncall: b =a', '12990 oncall again: =a =b']);
	});

	test('what still waits to be sent is not repeated', () => {
		const it = world(route('all', { repeatEvery: '1h' }));
		it.isAway = true;
		it.tell(fires('a'));
		expect(it.until(3 * hour)).toEqual(['30 oncall: a']);
	});

	test('what ends before anybody was told is not told at all', () => {
		const it = world(route('all', {}));
		it.tell(fires('a'));
		it.until(10);
		it.tell(ends('a'));
		expect(it.until(hour)).toEqual([]);
		expect(it.live).toBe(0);
	});

	test('what fires again within the interval is told as firing, with its new sequence', () => {
		const it = world(route('all', {}));
		it.tell(fires('a'));
		it.until(40);
		it.tell(ends('a'));
		it.until(50);
		it.tell(fires('a', { sequence: 3, startedMs: Date.UTC(2026, 10, 28, 13), firingId: 'f2' }));
		expect(it.until(hour)).toEqual(['330 oncall: a']);
		expect(it.keys.map((key) => key.split('/').at(-1))).toEqual(['1', '3']);
	});

	test('the same transition again changes nothing, nor does an older one', () => {
		const it = world(route('all', {}));
		it.tell(fires('a'), fires('a'));
		expect(it.until(40)).toEqual(['30 oncall: a']);
		it.tell(fires('a'), ends('a'), fires('a'), ends('a'));
		expect(it.until(hour)).toEqual(['330 oncall: a ended']);
		it.tell(ends('a'), fires('a'));
		expect(it.until(2 * hour)).toEqual([]);
	});

	test('an evaluator that lost its count is heard', () => {
		const it = world(route('all', {}));
		it.tell(fires('a', { sequence: 70 }));
		it.until(40);
		it.tell(ends('a', { sequence: 71 }));
		it.until(400);
		it.tell(fires('a', { sequence: 1, startedMs: Date.UTC(2026, 10, 29) }));
		expect(it.until(hour)).toEqual(['630 oncall: a']);
	});

	test('the first route that matches counts, and with continue the next, too', () => {
		const it = world(
			route('z-pages', { match: { severity: 'page' }, notify: ['pager'], order: 1, continue: true }),
			route('a-shop', { match: { team: 'sh*' }, notify: ['shop'], order: 2 }),
			route('rest', { notify: ['rest'], order: 3 }),
		);
		it.tell(fires('a'), fires('b', { severity: 'ticket' }), fires('c', { severity: 'ticket', labels: {} }));
		expect(it.until(60).sort()).toEqual(['30 pager: a', '30 rest: c', '30 shop: a b']);
	});

	test('groups are told apart by their labels', () => {
		const it = world(route('all', { groupBy: ['service', 'http.route'] }));
		it.tell(
			fires('a', { group: { 'http.route': '/cart' } }),
			fires('a', { group: { 'http.route': '/pay' } }),
			fires('b', { group: { 'http.route': '/pay' } }),
			fires('c', { services: ['other'] }),
		);
		expect(it.until(60)).toEqual(['30 oncall: a[/cart]', '30 oncall: a[/pay] b[/pay]', '30 oncall: c']);
	});

	test('a channel that several routes reach is told once', () => {
		const it = world(
			route('one', { notify: ['oncall', 'oncall'], continue: true, order: 1 }),
			route('two', { notify: ['oncall', 'other'], groupWait: '40s', order: 2, groupBy: [] }),
		);
		it.tell(fires('a'));
		expect(it.until(hour)).toEqual(['30 oncall: a', '40 other: a']);
		it.tell(ends('a'));
		expect(it.until(2 * hour)).toEqual(['3630 oncall: a ended', '3640 other: a ended']);
	});

	test("a rule's own channels are told whatever routes say", () => {
		const it = world(route('all', { notify: ['everybody'] }));
		it.tell(fires('a', { notify: ['owner'] }), fires('b', { notify: ['owner'] }));
		expect(it.until(60)).toEqual(['30 owner: a', '30 owner: b']);
	});

	test('without a route nobody is told, and a route that comes later tells', () => {
		const it = world();
		it.tell(fires('a'));
		expect(it.until(hour)).toEqual([]);
		it.routes = [route('all', {})];
		expect(it.until(hour + 10)).toEqual([`${hour} oncall: a`]);
	});

	test('a silence holds back until it ends', () => {
		const it = world(route('all', {}));
		it.quiet = [{ match: { alert: 'a' }, from: 0, until: 600 }];
		it.tell(fires('a'), fires('b'));
		expect(it.until(590)).toEqual(['30 oncall: b']);
		expect(it.until(hour)).toEqual(['600 oncall: a =b']);
	});

	test('a silenced alert is not repeated, and its end is told to whom it was told', () => {
		const it = world(route('all', { repeatEvery: '10m' }));
		it.tell(fires('a'), fires('b'));
		it.until(40);
		it.quiet = [{ match: { alert: 'a' }, from: 40, until: 9_000 }];
		expect(it.until(700)).toEqual(['630 oncall again: =b']);
		it.tell(ends('a'));
		expect(it.until(1_000)).toEqual(['930 oncall: a ended =b']);
		it.tell(fires('c'), ends('b'));
		expect(it.until(1_300)).toEqual(['1230 oncall: c b ended']);
	});

	test('what begins and ends within a silence is not told', () => {
		const it = world(route('all', {}));
		it.quiet = [{ match: { alert: '*' }, from: 0, until: 600 }];
		it.tell(fires('a'));
		it.until(300);
		it.tell(ends('a'));
		expect(it.until(hour)).toEqual([]);
		expect(it.live).toBe(0);
	});

	test('a channel that wants no ends is told of none', () => {
		const it = world(route('all', { notify: ['oncall', 'tickets'] }));
		it.withoutResolved.add('tickets');
		it.tell(fires('a'));
		expect(it.until(60)).toEqual(['30 oncall: a', '30 tickets: a']);
		it.tell(ends('a'));
		expect(it.until(hour)).toEqual(['330 oncall: a ended']);
		expect(it.live).toBe(0);
		it.tell(fires('a', { sequence: 3, startedMs: Date.UTC(2026, 10, 28, 13) }));
		expect(it.until(hour + 100)).toEqual(['3630 oncall: a', '3630 tickets: a']);
	});

	test('a channel that takes one alert at a time gets each once, and repeats of each', () => {
		const it = world(route('all', { notify: ['pager'], repeatEvery: '1h' }));
		it.perAlert.add('pager');
		it.tell(fires('a'), fires('b'));
		expect(it.until(60)).toEqual(['30 pager: a', '30 pager: b']);
		it.tell(fires('c'));
		expect(it.until(400)).toEqual(['330 pager: c']);
		expect(it.until(4_000)).toEqual(['3930 pager again: =a', '3930 pager again: =b', '3930 pager again: =c']);
	});

	test('conditions of one severity begin and end apart from each other', () => {
		const it = world(route('all', { groupBy: ['alert'] }));
		const fast = { threshold: 14.4, firingId: 'fast' };
		const slow = { threshold: 6, firingId: 'slow' };
		it.tell(fires('a', fast), fires('a', slow));
		expect(it.until(60)).toEqual(['30 oncall: a a']);
		it.tell(ends('a', fast));
		expect(it.until(400)).toEqual(['330 oncall: a ended =a']);
	});

	test('keys of one channel are never the same', () => {
		const it = world(route('all', { repeatEvery: '10m', continue: true }), route('too', { groupBy: [] }));
		it.tell(fires('a'), fires('b', { group: { x: '1' } }), fires('b', { group: { x: '2' } }));
		it.until(2_000);
		it.tell(ends('a'), fires('d'));
		it.until(2 * hour);
		expect(it.keys.length).toBeGreaterThan(8);
		expect(new Set(it.keys).size).toBe(it.keys.length);
	});

	test('a reminder after news of others has a key of its own', () => {
		const it = world(route('all', { repeatEvery: '10m' }));
		it.tell(fires('a'));
		expect(it.until(700)).toEqual(['30 oncall: a', '630 oncall again: =a']);
		it.tell(fires('b', later));
		it.until(hour);
		it.tell(ends('b', later));
		expect(it.until(2 * hour).length).toBeGreaterThan(4);
		expect(new Set(it.keys).size).toBe(it.keys.length);
	});

	test('what another collector may have told is told under its key, and so is the end of it', () => {
		const before = world(route('all', {}));
		before.tell(fires('a'));
		before.until(40);
		before.tell(fires('b', later));
		expect(before.until(400)).toEqual(['330 oncall: b =a']);
		const it = world(route('all', {}));
		it.takeOver(fires('a'), fires('b', later));
		expect(it.until(20)).toEqual([]);
		it.tell(ends('a'));
		it.takeOver(ends('c'));
		expect(it.until(60)).toEqual(['30 oncall: b a ended c ended']);
		expect(it.keys).toEqual([before.keys[1]]);
		expect(it.live).toBe(1);
	});

	test('what the one before had not told has a key that nobody has seen', () => {
		const before = world(route('all', {}));
		before.tell(fires('a'));
		before.until(40);
		const it = world(route('all', {}));
		it.takeOver(fires('a'), fires('b', later));
		expect(it.until(60)).toEqual(['30 oncall: a b']);
		expect(before.keys).not.toContain(it.keys[0]);
	});

	test('what began and ended before the end of one that was taken over could be told is told as that end', () => {
		const it = world(route('all', {}));
		it.takeOver(ends('a'));
		it.tell(
			fires('a', { ...later, firingId: 'f2', sequence: 3 }),
			ends('a', { ...later, firingId: 'f2', sequence: 4 }),
		);
		expect(it.until(hour)).toEqual(['30 oncall: a ended']);
		expect(it.live).toBe(0);
	});

	test('news that began before what was told already has a key of its own', () => {
		const it = world(route('all', {}));
		it.quiet = [{ match: { alert: 'a' }, from: 0, until: 600 }];
		it.tell(fires('a'), fires('b', later));
		expect(it.until(hour)).toEqual(['30 oncall: b', '600 oncall: a =b']);
		expect(new Set(it.keys).size).toBe(2);
	});

	test('an end that another collector may have told, of what is silenced, is not told', () => {
		const it = world(route('all', {}));
		it.quiet = [{ match: { alert: 'a' }, from: 0, until: hour }];
		it.takeOver(ends('a'), ends('b'));
		expect(it.until(2 * hour)).toEqual(['30 oncall: b ended']);
		expect(it.live).toBe(0);
	});

	test('a notification lists fifty alerts and counts the rest', () => {
		const it = world(route('all', {}));
		for (let index = 0; index < 60; index++) it.tell(fires('a', { group: { id: String(index) } }));
		expect(it.until(60)[0]).toMatch(/a\[49\] \+10$/);
		expect(it.until(hour)).toEqual([]);
	});
});

test('the earliest next moment is named', () => {
	const state = new OutboxState();
	const rules = {
		routes: () => readRoutes([route('all', {})]),
		silencedUntil: ({ rule }: Transition) => (rule === 'quiet' ? 20_000 : null),
		sendsResolved: () => true,
	};
	expect(planNotifications(state.notify, rules, 0).nextMs).toBeNull();
	state.apply({ type: 'transition', atMs: 5_000, transition: fires('a') });
	expect(planNotifications(state.notify, rules, 6_000).nextMs).toBe(35_000);
	state.apply({ type: 'transition', atMs: 6_000, transition: fires('quiet') });
	expect(planNotifications(state.notify, rules, 6_000).nextMs).toBe(20_000);
});

test('too many alerts push out the oldest, and are counted', () => {
	const state = new OutboxState();
	for (let index = 0; index < 10_003; index++)
		state.apply({ type: 'transition', atMs: index, transition: fires('a', { group: { id: String(index) } }) });
	expect(state.notify.alerts.size).toBe(10_000);
	expect(state.counts.dropped).toBe(3);
});
