import type { Log } from './log.ts';
import type { SelfMetrics } from './self-metrics.ts';

/** What listeners refuse by themselves, before anybody reads it. */
const REFUSALS = {
	connections: 'connections were refused: one port has 10,000 already',
	headers: 'requests were refused: they have more than 64 header fields',
} as const;
export type Refusal = keyof typeof REFUSALS;

const logEveryMs = 60_000;

/** Counts refusals. The log tells of them once a minute, with how many there were: whoever is refused may come again at once. */
export class Refusals {
	readonly #metrics: Pick<SelfMetrics, 'refused'>;
	readonly #clock: () => number;
	readonly #log: Pick<Log, 'warn'>;
	readonly #untold = new Map<Refusal, { refused: number; toldMs: number }>();

	constructor(metrics: Pick<SelfMetrics, 'refused'>, clock: () => number, log: Pick<Log, 'warn'>) {
		this.#metrics = metrics;
		this.#clock = clock;
		this.#log = log;
	}

	readonly note = (reason: Refusal): void => {
		this.#metrics.refused.inc({ reason });
		const nowMs = this.#clock();
		const known = this.#untold.get(reason) ?? { refused: 0, toldMs: -Infinity };
		const refused = known.refused + 1;
		const isDue = nowMs >= known.toldMs + logEveryMs;
		if (isDue) this.#log.warn({ refused }, REFUSALS[reason]);
		this.#untold.set(reason, isDue ? { refused: 0, toldMs: nowMs } : { refused, toldMs: known.toldMs });
	};
}
