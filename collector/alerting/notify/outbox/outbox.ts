import type { Log } from '../../../log.ts';
import { messageOf } from '../../../problem.ts';
import type { SpoolDisk } from '../../../spool/disk.ts';
import type { Transition } from '../../transition.ts';
import { boundTransition } from './bound-transition.ts';
import type { OutboxCrashHook } from './crash-point.ts';
import { backOffMs } from './delivery.ts';
import type { Outcome, StoredDelivery } from './delivery.ts';
import { Journal } from './journal.ts';
import { OutboxState, supersededBy } from './outbox-state.ts';
import type { OutboxEntry, Settlement } from './outbox-state.ts';

export interface OutboxLimits {
	waiting: number;
	waitingBytes: number;
	ageMs: number;
}

const usualLimits: OutboxLimits = { waiting: 2_000, waitingBytes: 32 * 1024 ** 2, ageMs: 7 * 86_400_000 };
const compactBytes = 8 * 1024 ** 2;

interface OutboxParts {
	disk: SpoolDisk;
	folder: string;
	/** Unix milliseconds. */
	clock: () => number;
	log: Log;
	crash: OutboxCrashHook;
	/** From 0 to 1, for the jitter. */
	random: () => number;
	limits?: OutboxLimits;
}

/**
 * What is to be told, on the disk: at least once, however the process ends. Memory goes first and the disk follows at once; while
 * the disk takes nothing it is said, tried again, and people are told all the same.
 */
export class Outbox {
	readonly state = new OutboxState();
	readonly #parts: OutboxParts;
	#journal: Journal<OutboxEntry> | undefined;
	#diskProblem: string | null = null;

	private constructor(parts: OutboxParts) {
		this.#parts = parts;
	}

	/** Reads what was there. Throws where it can't be read at all, or a newer program wrote it. */
	static async open(parts: OutboxParts): Promise<Outbox> {
		const outbox = new Outbox(parts);
		const { disk, folder, crash, log } = parts;
		const { entries, damaged } = await Journal.read<OutboxEntry>({ disk, folder });
		if (damaged > 0) log.error({ damaged }, 'lines of the outbox are damaged: what they held is lost');
		for (const entry of entries) outbox.state.apply(entry);
		const snapshot = () => outbox.state.entries();
		outbox.#journal = await Journal.begin({ disk, folder, crash, snapshot, compactBytes });
		return outbox;
	}

	/** Why nothing can be written down at present; null when it can. */
	get diskProblem(): string | null {
		return this.#diskProblem;
	}

	/**
	 * `isNews` false: it came before, and nothing is to be done. Otherwise resolves with whether it is on the disk.
	 * @param isTakenOver it may have been told already, by a collector whose disk this one can't see
	 */
	async accept(transition: Transition, isTakenOver = false): Promise<{ isNews: boolean; isDurable: boolean }> {
		if (!this.state.notify.isNews(transition)) {
			this.state.counts.repeated += 1;
			return { isNews: false, isDurable: !this.#isBroken };
		}
		const bounded = boundTransition(transition);
		return {
			isNews: true,
			isDurable: await this.#record({
				type: 'transition',
				atMs: this.#parts.clock(),
				transition: bounded,
				...(isTakenOver ? { isTakenOver } : {}),
			}),
		};
	}

	/** Resolves when it was tried to write it down: before the first attempt to send. */
	async plan(entry: Extract<OutboxEntry, { type: 'planned' }>): Promise<void> {
		await this.#record(entry);
		await this.#parts.crash('after_planned');
	}

	/** Notes how an attempt ended; what a delivered one makes pointless is given up. */
	async settle(delivery: StoredDelivery, { state, status, error, retryAfterMs }: Outcome): Promise<void> {
		const nowMs = this.#parts.clock();
		const attempts = delivery.attempts + 1;
		const waitMs = Math.max(backOffMs(attempts, this.#parts.random()), retryAfterMs ?? 0);
		const superseded = state === 'delivered' ? supersededBy(delivery, this.state.waiting()) : [];
		const settled = this.#record({
			type: 'settled',
			id: delivery.id,
			change: {
				state: state === 'retry' ? 'waiting' : state === 'refused' ? 'failed' : 'delivered',
				attempts,
				attemptedMs: nowMs,
				nextMs: state === 'retry' ? nowMs + waitMs : null,
				lastStatus: status,
				lastError: error,
			},
		});
		for (const older of superseded) void this.#expire(older, 'a newer notification told of it');
		await settled;
		await this.#parts.crash('after_outcome');
	}

	/** Gives up what is too old or too much, oldest first. */
	expire(): void {
		const { waiting: most, waitingBytes, ageMs } = this.#parts.limits ?? usualLimits;
		const waiting = this.state.waiting();
		let left = waiting.length;
		for (const delivery of waiting) {
			const isOld = this.#parts.clock() - delivery.createdMs > ageMs;
			const isTooMuch = left > most || this.state.waitingBytes > waitingBytes;
			if (!isOld && !isTooMuch) continue;
			left -= 1;
			const reason = isOld ? `not delivered within ${ageMs / 86_400_000} days` : 'too many notifications waited';
			this.#parts.log.error({ key: delivery.key, channel: delivery.channel, reason }, 'a notification was given up');
			void this.#expire(delivery, reason);
		}
	}

	/** What fires, as far as is known here. */
	firings(): Transition[] {
		return [...this.state.notify.alerts.values()].flatMap(({ transition }) =>
			transition.state === 'firing' ? [transition] : [],
		);
	}

	/** Forgets alerts that nobody has to be told of any more. The plan after a restart says the same again. */
	forget(keys: readonly string[]): void {
		for (const key of keys) this.state.notify.forget(key);
	}

	/**
	 * Takes what was found out of whatever names one of these traces, and resolves when the disk holds it no longer. People are
	 * still told that it fires.
	 */
	async forgetTraces(project: string, traceIds: ReadonlySet<string>): Promise<void> {
		this.state.forgetTraces(project, traceIds);
		await this.#journal?.replace();
	}

	/** Gives up what waits to be told of a project that was dropped, and resolves when the disk holds nothing of it any longer. */
	async forgetProject(project: string): Promise<void> {
		this.state.forgetProject(project);
		await this.#journal?.replace();
	}

	/** Tries to write everything down where that failed before. */
	async repair(): Promise<void> {
		if (!this.#isBroken) return;
		await this.#journal?.repair().catch(() => undefined);
		if (this.#isBroken) return;
		this.#diskProblem = null;
		this.#parts.log.info({}, 'the outbox is on the disk again');
	}

	async close(): Promise<void> {
		await this.repair();
		await this.#journal?.close();
	}

	get #isBroken(): boolean {
		return this.#journal?.isBroken ?? true;
	}

	#expire(delivery: StoredDelivery, lastError: string): Promise<boolean> {
		const { attempts, attemptedMs, lastStatus } = delivery;
		const change: Settlement = { state: 'expired', attempts, attemptedMs, nextMs: null, lastStatus, lastError };
		return this.#record({ type: 'settled', id: delivery.id, change });
	}

	/** Whether it is on the disk. */
	async #record(entry: OutboxEntry): Promise<boolean> {
		this.state.apply(entry);
		try {
			await this.#journal?.append(entry);
			this.#diskProblem = null;
			return true;
		} catch (error) {
			if (this.#diskProblem === null)
				this.#parts.log.error(
					{ error: messageOf(error) },
					'the outbox can not be written: notifications are sent from memory',
				);
			this.#diskProblem = (error as NodeJS.ErrnoException).code ?? messageOf(error);
			return false;
		}
	}
}
