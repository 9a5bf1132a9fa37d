import { SvelteMap } from 'svelte/reactivity';

/** Paths have names in them: of one issue, of one query. What a screen shows was read last. */
const MOST_KEPT = 64;

/** How long the last read of each path took, from asking until its answer was understood. Milliseconds. */
export class ReadTimes {
	readonly #clock: () => number;
	readonly #tookMs = new SvelteMap<string, number>();

	/** `clock` only grows. */
	constructor(clock: () => number) {
		this.#clock = clock;
	}

	async measure<Answer>(path: string, read: () => Promise<Answer>): Promise<Answer> {
		const began = this.#clock();
		const answer = await read();
		this.#keep(path, this.#clock() - began);
		return answer;
	}

	/** The one that was read longest ago makes room. */
	#keep(path: string, tookMs: number): void {
		this.#tookMs.delete(path);
		const [oldest] = this.#tookMs.keys();
		if (oldest !== undefined && this.#tookMs.size >= MOST_KEPT) this.#tookMs.delete(oldest);
		this.#tookMs.set(path, tookMs);
	}

	/** Of the last that succeeded. */
	tookMs(path: string): number | undefined {
		return this.#tookMs.get(path);
	}
}
