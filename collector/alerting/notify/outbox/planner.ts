import type { Log } from '../../../log.ts';
import { messageOf } from '../../../problem.ts';
import { planNotifications } from '../route/plan.ts';
import type { PlanRules } from '../route/plan.ts';
import { makeDeliveries } from './make-deliveries.ts';
import type { Outbox } from './outbox.ts';

export interface PlannerParts {
	outbox: Outbox;
	rules: PlanRules;
	/** The channel takes one alert at a time. */
	isPerAlert: (project: string, channel: string) => boolean;
	/** Where another collector tells, nothing is planned here; what was, goes out. */
	isTeller?: () => boolean;
	clock: () => number;
	log: Log;
	/** Deliveries wait. */
	onPlanned: () => void;
}

/** Looks again at least so often: documents of silences speak of times, too. */
const longestPauseMs = 60_000;

/** Makes deliveries of alerts when they are due: woken by news, by changed documents and by its own timer. */
export class Planner {
	readonly #parts: PlannerParts;
	#timer: NodeJS.Timeout | undefined;
	#running: Promise<void> | undefined;
	#isWoken = false;
	#isClosed = false;

	constructor(parts: PlannerParts) {
		this.#parts = parts;
	}

	wake(): void {
		this.#isWoken = true;
		this.#running ??= this.#run().finally(() => {
			this.#running = undefined;
			// Somebody called after the last look and before this.
			if (this.#isWoken && !this.#isClosed) this.wake();
		});
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		clearTimeout(this.#timer);
		await this.#running;
	}

	async #run(): Promise<void> {
		clearTimeout(this.#timer);
		let nextMs: number | null = null;
		while (this.#isWoken && !this.#isClosed) {
			this.#isWoken = false;
			try {
				nextMs = await this.#plan();
			} catch (error) {
				this.#parts.log.error({ error: messageOf(error) }, 'notifications could not be planned');
				nextMs = null;
			}
		}
		if (this.#isClosed) return;
		const pauseMs = nextMs === null ? longestPauseMs : nextMs - this.#parts.clock();
		this.#timer = setTimeout(() => this.wake(), Math.min(longestPauseMs, Math.max(0, pauseMs)));
		this.#timer.unref();
	}

	async #plan(): Promise<number | null> {
		const { outbox, rules, isPerAlert, isTeller = () => true, clock, onPlanned } = this.#parts;
		if (!isTeller()) return null;
		const nowMs = clock();
		const { due, done, nextMs } = planNotifications(outbox.state.notify, rules, nowMs);
		outbox.forget(done);
		for (const planned of due) {
			const options = { isPerAlert: isPerAlert(planned.project, planned.channel), nowMs };
			await outbox.plan(makeDeliveries(outbox.state, planned, options));
		}
		if (due.length > 0) {
			// What was just told has a next time of its own.
			this.#isWoken = true;
			onPlanned();
		}
		return nextMs;
	}
}
