import type { Log } from '../../../log.ts';
import { messageOf } from '../../../problem.ts';
import { withinTime } from '../../../within-time.ts';
import { channelKey } from '../alert-identity.ts';
import { Breaker } from './breaker.ts';
import type { OutboxCrashHook } from './crash-point.ts';
import type { Outcome, StoredDelivery } from './delivery.ts';
import type { Outbox } from './outbox.ts';

interface SenderParts {
	outbox: Outbox;
	/** Never rejects for what a target does. */
	deliver: (delivery: StoredDelivery) => Promise<Outcome>;
	clock: () => number;
	crash: OutboxCrashHook;
	log: Log;
}

const mostAtOnce = 16;
const longestPauseMs = 60_000;
const repairEveryMs = 5_000;
const longestCloseMs = 5_000;

const targetOf = ({ project, channel }: Pick<StoredDelivery, 'project' | 'channel'>): string =>
	channelKey(project, channel);

/** Sends what is due: one delivery at a time to each channel, oldest first, to several channels at once. */
export class Sender {
	readonly #parts: SenderParts;
	readonly #breakers = new Map<string, Breaker>();
	readonly #running = new Map<string, Promise<void>>();
	#timer: NodeJS.Timeout | undefined;
	#isClosed = false;

	constructor(parts: SenderParts) {
		this.#parts = parts;
	}

	/** Undefined while nothing was sent there. */
	breakerOf = (project: string, channel: string): Breaker | undefined =>
		this.#breakers.get(channelKey(project, channel));

	/** Looks for what is due. */
	wake(): void {
		if (this.#isClosed) return;
		clearTimeout(this.#timer);
		const { outbox, clock } = this.#parts;
		outbox.expire();
		const nowMs = clock();
		let wakeMs = nowMs + (outbox.diskProblem === null ? longestPauseMs : repairEveryMs);
		for (const [target, deliveries] of Map.groupBy(outbox.state.waiting(), targetOf)) {
			if (this.#running.has(target) || this.#running.size >= mostAtOnce) continue;
			const pausedUntilMs = this.#breakers.get(target)?.pausedUntilMs ?? 0;
			const due = pausedUntilMs > nowMs ? undefined : deliveries.find(({ nextMs }) => (nextMs ?? 0) <= nowMs);
			if (due !== undefined) this.#start(target, due);
			else wakeMs = Math.min(wakeMs, Math.max(pausedUntilMs, Math.min(...deliveries.map(({ nextMs }) => nextMs ?? 0))));
		}
		this.#timer = setTimeout(() => void this.#repairAndWake(), Math.max(0, wakeMs - nowMs));
		this.#timer.unref();
	}

	/** Whatever waits for this channel is tried now: it was changed, or it answers again. */
	hurry(project: string, channel: string): void {
		const nowMs = this.#parts.clock();
		const target = channelKey(project, channel);
		this.#breakers.get(target)?.succeed();
		for (const delivery of this.#parts.outbox.state.waiting())
			if (targetOf(delivery) === target) delivery.nextMs = Math.min(delivery.nextMs ?? nowMs, nowMs);
		this.wake();
	}

	/** Lets attempts under way end, but not for long: what isn't noted as sent is sent again, with the same key. */
	async close(): Promise<void> {
		this.#isClosed = true;
		clearTimeout(this.#timer);
		await withinTime(Promise.all(this.#running.values()), longestCloseMs);
	}

	async #repairAndWake(): Promise<void> {
		await this.#parts.outbox.repair();
		this.wake();
	}

	#start(target: string, delivery: StoredDelivery): void {
		const attempt = this.#attempt(target, delivery)
			.catch((error: unknown) =>
				this.#parts.log.error({ error: messageOf(error) }, 'a notification could not be settled'),
			)
			.finally(() => {
				this.#running.delete(target);
				this.wake();
			});
		this.#running.set(target, attempt);
	}

	async #attempt(target: string, delivery: StoredDelivery): Promise<void> {
		const { outbox, deliver, clock, crash } = this.#parts;
		await crash('before_send');
		const outcome = await deliver(delivery);
		await crash('after_send');
		const breaker = this.#breakers.get(target) ?? new Breaker();
		this.#breakers.set(target, breaker);
		await outbox.settle(delivery, outcome);
		if (outcome.state === 'retry') breaker.fail(clock(), outcome.retryAfterMs);
		else this.hurry(delivery.project, delivery.channel);
	}
}
