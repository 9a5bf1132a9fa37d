import type { Preferences } from '../lib/preferences.svelte.ts';

const LEAST = 120;
const KEY = 'trace.label-width';

/** Width of the tree's column: chosen by the reader, remembered, never more than leaves room for the bars. */
export class LabelWidth {
	readonly #preferences: Pick<Preferences, 'recall' | 'remember'>;
	#chosen = $state<number>();
	/** Of the tree and the bars together. */
	whole = $state(0);
	readonly px: number = $derived.by(() => {
		const usual = this.whole < 640 ? this.whole * 0.5 : Math.min(460, this.whole * 0.36);
		return Math.round(Math.min(this.most, Math.max(LEAST, this.#chosen ?? usual)));
	});

	constructor(preferences: Pick<Preferences, 'recall' | 'remember'>) {
		this.#preferences = preferences;
		const recalled = Number(preferences.recall(KEY) ?? Number.NaN);
		if (recalled >= LEAST && recalled <= 4000) this.#chosen = recalled;
	}

	get least(): number {
		return LEAST;
	}

	get most(): number {
		return Math.max(LEAST, Math.round(this.whole * 0.75));
	}

	choose(px: number): void {
		this.#chosen = Math.round(Math.min(this.most, Math.max(LEAST, px)));
		this.#preferences.remember(KEY, String(this.#chosen));
	}

	reset(): void {
		this.#chosen = undefined;
		this.#preferences.remember(KEY, null);
	}
}
