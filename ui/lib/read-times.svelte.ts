import { SvelteMap } from 'svelte/reactivity';

/** How long the last read of each endpoint took, from asking until its answer was understood. Milliseconds. */
export class ReadTimes {
	readonly #clock: () => number;
	/** One entry for each path that screens read by window: a few dozen. */
	readonly #tookMs = new SvelteMap<string, number>();

	/** `clock` only grows. */
	constructor(clock: () => number) {
		this.#clock = clock;
	}

	async measure<Answer>(path: string, read: () => Promise<Answer>): Promise<Answer> {
		const began = this.#clock();
		const answer = await read();
		this.#tookMs.set(path, this.#clock() - began);
		return answer;
	}

	/** Of the last that succeeded. */
	tookMs(path: string): number | undefined {
		return this.#tookMs.get(path);
	}
}
