import type { Transition } from '../../transition.ts';
import { alertKey, isChannelOf, isSentOf } from '../alert-identity.ts';

/** What fires, or has ended and somebody has still to be told. */
export interface LiveAlert {
	transition: Transition;
	receivedMs: number;
	/** Another collector had the telling of it, or of what it follows, before: nobody knows whether it did. */
	mayBeTold?: true;
}

/** What a channel was last told of an alert. */
export interface Told {
	sequence: number;
	state: Transition['state'];
	atMs: number;
	/** How often the same was said again. */
	repeats: number;
}

interface Seen {
	project: string;
	sequence: number;
	startedMs: number;
}

/** Alerts and who was told of them, whatever process looks at it: all of it is on the disk. */
export class NotifyState {
	/** By alertKey. */
	readonly alerts = new Map<string, LiveAlert>();
	/** By channelKey, then alertKey. */
	readonly told = new Map<string, Map<string, Told>>();
	/** When a channel was last told something of a group, by sentKey. */
	readonly sentMs = new Map<string, number>();
	/** Newest transition of each alert, also of those that ended: oldest first. */
	readonly seen = new Map<string, Seen>();
	readonly #limits: { alerts: number; seen: number };

	constructor(limits = { alerts: 10_000, seen: 20_000 }) {
		this.#limits = limits;
	}

	/**
	 * Whether it says something new. A smaller sequence counts only for something that began later: then the evaluator has
	 * lost its memory, and must not be unheard until its count is where it was.
	 */
	isNews(transition: Transition): boolean {
		const seen = this.seen.get(alertKey(transition));
		return seen === undefined || transition.sequence > seen.sequence || transition.startedMs > seen.startedMs;
	}

	/** Takes a transition that is news. Keys of alerts that had to make room. */
	accept(transition: Transition, receivedMs: number, isTakenOver = false): string[] {
		const key = alertKey(transition);
		const mayBeTold = isTakenOver || this.alerts.get(key)?.mayBeTold === true;
		if (transition.sequence <= (this.seen.get(key)?.sequence ?? -1)) this.#forgetTold(key);
		this.remember(key, transition);
		this.alerts.delete(key);
		this.alerts.set(key, { transition, receivedMs, ...(mayBeTold ? { mayBeTold } : {}) });
		return this.#makeRoom();
	}

	remember(key: string, { project, sequence, startedMs }: Seen): void {
		this.seen.delete(key);
		this.seen.set(key, { project, sequence, startedMs });
		for (const oldest of this.seen.keys()) {
			if (this.seen.size <= this.#limits.seen) break;
			this.seen.delete(oldest);
		}
	}

	toldOf(channel: string, key: string): Told | undefined {
		return this.told.get(channel)?.get(key);
	}

	tell(channel: string, key: string, { sequence, state }: Transition, atMs: number, isRepeat: boolean): void {
		const before = this.toldOf(channel, key);
		const repeats = isRepeat ? (before?.repeats ?? 0) + 1 : 0;
		this.setTold(channel, key, { sequence, state, atMs, repeats });
	}

	setTold(channel: string, key: string, told: Told): void {
		const ofChannel = this.told.get(channel) ?? new Map<string, Told>();
		ofChannel.set(key, told);
		this.told.set(channel, ofChannel);
	}

	/** Old groups are forgotten: at worst one of them begins with `groupWait` alone. */
	noteSent(sentKey: string, atMs: number): void {
		this.sentMs.delete(sentKey);
		this.sentMs.set(sentKey, atMs);
		for (const oldest of this.sentMs.keys()) {
			if (this.sentMs.size <= this.#limits.seen) break;
			this.sentMs.delete(oldest);
		}
	}

	/** Nobody has to be told of it any more. */
	forget(key: string): void {
		this.alerts.delete(key);
		this.#forgetTold(key);
	}

	/** Leaves nothing of what happened in a project. */
	forgetProject(project: string): void {
		for (const [key, { transition }] of this.alerts) if (transition.project === project) this.alerts.delete(key);
		for (const [key, seen] of this.seen) if (seen.project === project) this.seen.delete(key);
		for (const channel of this.told.keys()) if (isChannelOf(project, channel)) this.told.delete(channel);
		for (const key of this.sentMs.keys()) if (isSentOf(project, key)) this.sentMs.delete(key);
	}

	#forgetTold(key: string): void {
		for (const [channel, told] of this.told) {
			told.delete(key);
			if (told.size === 0) this.told.delete(channel);
		}
	}

	#makeRoom(): string[] {
		const dropped: string[] = [];
		for (const key of this.alerts.keys()) {
			if (this.alerts.size <= this.#limits.alerts) break;
			this.forget(key);
			dropped.push(key);
		}
		return dropped;
	}
}
