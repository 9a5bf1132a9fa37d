import type { Transition } from '../../transition.ts';
import { alertKey, channelKey } from '../alert-identity.ts';
import { NotifyState } from '../route/notify-state.ts';
import type { LiveAlert, Told } from '../route/notify-state.ts';
import type { StoredDelivery } from './delivery.ts';

/**
 * What the journal holds. Each entry says what is, not what changes: one that is read twice does no harm, which happens when
 * the journal is written anew while others wait to be appended.
 */
export type OutboxEntry =
	| { type: 'transition'; atMs: number; transition: Transition; isTakenOver?: true }
	| {
			type: 'planned';
			atMs: number;
			sentKey: string;
			told: [channel: string, key: string, told: Told][];
			deliveries: StoredDelivery[];
	  }
	| { type: 'settled'; id: number; change: Settlement }
	| { type: 'alert'; alert: LiveAlert }
	| { type: 'seen'; key: string; project: string; sequence: number; startedMs: number }
	| { type: 'told'; channel: string; key: string; told: Told }
	| { type: 'sent'; key: string; atMs: number }
	| { type: 'delivery'; delivery: StoredDelivery }
	| { type: 'counts'; nextId: number; counts: Counts };

export type Settlement = Pick<
	StoredDelivery,
	'state' | 'attempts' | 'attemptedMs' | 'nextMs' | 'lastStatus' | 'lastError'
>;

/** Since the data folder was made. */
export interface Counts {
	delivered: number;
	/** Refused by a target for good. */
	failed: number;
	/** Given up: too old, too many, or told by a newer one. */
	expired: number;
	/** Alerts that were left out because too many fired. */
	dropped: number;
	/** Transitions that came again. */
	repeated: number;
}

/** Settled ones that are kept to be shown. */
const mostSettled = 1_000;

/** Alerts, who was told, and what is on its way: the sum of the journal's entries. */
export class OutboxState {
	readonly notify = new NotifyState();
	/** By id, oldest first. */
	readonly deliveries = new Map<number, StoredDelivery>();
	counts: Counts = { delivered: 0, failed: 0, expired: 0, dropped: 0, repeated: 0 };
	nextId = 1;
	#waitingBytes = 0;
	#settled: number[] = [];

	get waitingBytes(): number {
		return this.#waitingBytes;
	}

	waiting(): StoredDelivery[] {
		return [...this.deliveries.values()].filter(({ state }) => state === 'waiting');
	}

	apply(entry: OutboxEntry): void {
		switch (entry.type) {
			case 'transition':
				this.#accept(entry);
				break;
			case 'planned':
				this.notify.noteSent(entry.sentKey, entry.atMs);
				for (const [channel, key, told] of entry.told) this.notify.setTold(channel, key, told);
				for (const delivery of entry.deliveries) this.#add(delivery);
				break;
			case 'settled':
				this.#settle(entry.id, entry.change);
				break;
			case 'delivery':
				this.#add(entry.delivery);
				break;
			case 'counts':
				this.nextId = Math.max(this.nextId, entry.nextId);
				this.counts = { ...this.counts, ...entry.counts };
				break;
			default:
				this.#restore(entry);
		}
	}

	/** What was found when it fired goes where it names one of the traces. */
	forgetTraces(project: string, traceIds: ReadonlySet<string>): void {
		const without = (transition: Transition): Transition =>
			transition.project === project && traceIds.has(transition.evidence?.violating?.traceId ?? '')
				? { ...transition, evidence: null }
				: transition;
		for (const alert of this.notify.alerts.values()) alert.transition = without(alert.transition);
		for (const delivery of this.deliveries.values()) {
			delivery.alerts = delivery.alerts.map((one) => ({ ...one, transition: without(one.transition) }));
		}
	}

	/** Nothing of a project is told any more, and nothing is known of what was told. The counts stay. */
	forgetProject(project: string): void {
		this.notify.forgetProject(project);
		for (const [id, delivery] of this.deliveries) {
			if (delivery.project !== project) continue;
			this.deliveries.delete(id);
			if (delivery.state === 'waiting') this.#waitingBytes -= delivery.bytes;
		}
		this.#settled = this.#settled.filter((id) => this.deliveries.has(id));
	}

	/** All that still matters, as entries that make the same state of an empty one. */
	*entries(): Generator<OutboxEntry> {
		yield { type: 'counts', nextId: this.nextId, counts: this.counts };
		const { notify } = this;
		for (const [key, seen] of notify.seen) yield { type: 'seen', key, ...seen };
		for (const alert of notify.alerts.values()) yield { type: 'alert', alert };
		for (const [channel, ofChannel] of notify.told)
			for (const [key, told] of ofChannel) yield { type: 'told', channel, key, told };
		for (const [key, atMs] of notify.sentMs) yield { type: 'sent', key, atMs };
		for (const delivery of this.deliveries.values()) yield { type: 'delivery', delivery };
	}

	#accept({ transition, atMs, isTakenOver }: Extract<OutboxEntry, { type: 'transition' }>): void {
		if (!this.notify.isNews(transition)) return;
		this.counts.dropped += this.notify.accept(transition, atMs, isTakenOver).length;
	}

	#restore(entry: Extract<OutboxEntry, { type: 'alert' | 'seen' | 'told' | 'sent' }>): void {
		if (entry.type === 'alert') this.notify.alerts.set(alertKey(entry.alert.transition), entry.alert);
		else if (entry.type === 'seen') this.notify.remember(entry.key, entry);
		else if (entry.type === 'told') this.notify.setTold(entry.channel, entry.key, entry.told);
		else this.notify.noteSent(entry.key, entry.atMs);
	}

	/** One that is here already is further on than what is read again. */
	#add(delivery: StoredDelivery): void {
		if (this.deliveries.has(delivery.id)) return;
		this.nextId = Math.max(this.nextId, delivery.id + 1);
		this.deliveries.set(delivery.id, { ...delivery });
		if (delivery.state === 'waiting') this.#waitingBytes += delivery.bytes;
		else this.#keepSettled(delivery.id);
	}

	#settle(id: number, change: Settlement): void {
		const delivery = this.deliveries.get(id);
		if (delivery === undefined || delivery.state !== 'waiting') return;
		Object.assign(delivery, change);
		if (change.state === 'waiting') return;
		this.counts[change.state] += 1;
		this.#waitingBytes -= delivery.bytes;
		delivery.alerts = [];
		this.#keepSettled(id);
	}

	#keepSettled(id: number): void {
		this.#settled.push(id);
		if (this.#settled.length <= mostSettled) return;
		const oldest = this.#settled.shift();
		if (oldest !== undefined) this.deliveries.delete(oldest);
	}
}

/** Earlier deliveries on the same channel that this one makes pointless: it says something newer of all they are about. */
export function supersededBy(delivered: StoredDelivery, waiting: readonly StoredDelivery[]): StoredDelivery[] {
	const channel = channelKey(delivered.project, delivered.channel);
	return waiting.filter(
		({ id, project, channel: name, covers, omitted }) =>
			id < delivered.id &&
			omitted === 0 &&
			channelKey(project, name) === channel &&
			Object.entries(covers).every(([key, sequence]) => (delivered.covers[key] ?? -1) >= sequence),
	);
}
