import type { IngestAnswer } from '../schema/api-ingest.ts';

type Rejection = IngestAnswer['rejections'][number];

/** What was not kept, by signal and reason: of both there are few. One sample of each, the newest. */
export class Rejections {
	readonly #byReason = new Map<string, Rejection>();

	add({ signal, reason, count, lastMs, sample }: Rejection): void {
		const key = `${signal} ${reason}`;
		const known = this.#byReason.get(key);
		if (known === undefined) this.#byReason.set(key, { signal, reason, count, lastMs, sample });
		else {
			known.count += count;
			known.lastMs = lastMs;
			known.sample = sample ?? known.sample;
		}
	}

	forgetSamples(): void {
		for (const rejection of this.#byReason.values()) rejection.sample = null;
	}

	/** Most frequent first. */
	list(): Rejection[] {
		return [...this.#byReason.values()].map((each) => ({ ...each })).sort((a, b) => b.count - a.count);
	}
}
