import type { Preferences } from '../lib/preferences.svelte.ts';

const KEY = 'trace.repeats';

/** Whether repeats are folded into one line: chosen by the reader and remembered. */
export class Grouping {
	readonly #preferences: Pick<Preferences, 'recall' | 'remember'>;
	isOn = $state(true);

	constructor(preferences: Pick<Preferences, 'recall' | 'remember'>) {
		this.#preferences = preferences;
		this.isOn = preferences.recall(KEY) !== 'apart';
	}

	toggle(): void {
		this.isOn = !this.isOn;
		this.#preferences.remember(KEY, this.isOn ? null : 'apart');
	}
}
