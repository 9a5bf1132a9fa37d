/** Long enough that batches, which come in bursts, make no waves; short enough to tell of now. */
const windowSeconds = 30;
const windowMs = windowSeconds * 1_000;

interface Second {
	second: number;
	filled: number;
	drained: number;
}

export interface FlowRates {
	fillBytesPerSecond: number;
	drainBytesPerSecond: number;
}

export interface FlowOutlook extends FlowRates {
	/** When requests will be refused at these rates; undefined while the drain keeps up. */
	fullInMs: number | undefined;
}

/** How fast bytes come in and leave, over the last half minute. */
export class Flow {
	readonly #clock: () => number;
	readonly #startedMs: number;
	/** Those in which something happened, oldest first. */
	readonly #seconds: Second[] = [];

	/** `clock`: Unix milliseconds. */
	constructor(clock: () => number) {
		this.#clock = clock;
		this.#startedMs = clock();
	}

	filled(bytes: number): void {
		this.#now().filled += bytes;
	}

	drained(bytes: number): void {
		this.#now().drained += bytes;
	}

	rates(): FlowRates {
		const nowMs = this.#clock();
		const firstSecond = Math.floor(nowMs / 1_000) - windowSeconds;
		const recent = this.#seconds.filter(({ second }) => second >= firstSecond);
		const sinceMs = Math.max(firstSecond * 1_000, this.#startedMs);
		// Of less than a second no rate is told: it would be that of one request.
		const seconds = Math.max(1, (nowMs - sinceMs) / 1_000);
		const perSecond = (of: (second: Second) => number): number =>
			Math.round(recent.reduce((total, second) => total + of(second), 0) / seconds);
		return {
			fillBytesPerSecond: perSecond(({ filled }) => filled),
			drainBytesPerSecond: perSecond(({ drained }) => drained),
		};
	}

	/**
	 * While the store is away nothing drains, whatever did before. Batches go in bursts: otherwise only what has waited for longer
	 * than is looked at tells that the drain doesn't keep up.
	 */
	outlook(roomBytes: number, isAway: boolean, oldestAgeMs: number): FlowOutlook {
		const measured = this.rates();
		const rates = isAway ? { ...measured, drainBytesPerSecond: 0 } : measured;
		const isBehind = isAway || oldestAgeMs > windowMs;
		return { ...rates, fullInMs: isBehind ? fullInMs(roomBytes, rates) : undefined };
	}

	#now(): Second {
		const second = Math.floor(this.#clock() / 1_000);
		const last = this.#seconds.at(-1);
		if (last?.second === second) return last;
		const next: Second = { second, filled: 0, drained: 0 };
		this.#seconds.push(next);
		if (this.#seconds.length > windowSeconds + 1) this.#seconds.shift();
		return next;
	}
}

/** When the room is used up at these rates; undefined while it doesn't shrink. */
function fullInMs(roomBytes: number, { fillBytesPerSecond, drainBytesPerSecond }: FlowRates): number | undefined {
	const growth = fillBytesPerSecond - drainBytesPerSecond;
	return growth > 0 ? Math.round((Math.max(0, roomBytes) * 1_000) / growth) : undefined;
}
