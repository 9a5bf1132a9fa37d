import type { Preferences } from '../lib/preferences.svelte.ts';

const KEY = 'trace.attribute-pins';
const MOST = 20;

/** Keys of attributes that stand first in every span: chosen by the reader and remembered. */
export class AttributePins {
	readonly #preferences: Pick<Preferences, 'recall' | 'remember'>;
	#keys = $state.raw<readonly string[]>([]);

	constructor(preferences: Pick<Preferences, 'recall' | 'remember'>) {
		this.#preferences = preferences;
		this.#keys = readKeys(preferences.recall(KEY));
	}

	isPinned(key: string): boolean {
		return this.#keys.includes(key);
	}

	toggle(key: string): void {
		const keys = this.isPinned(key) ? this.#keys.filter((pinned) => pinned !== key) : [...this.#keys, key];
		this.#keys = keys.slice(-MOST);
		this.#preferences.remember(KEY, this.#keys.length === 0 ? null : JSON.stringify(this.#keys));
	}
}

function readKeys(text: string | null): string[] {
	try {
		const keys: unknown = JSON.parse(text ?? '[]');
		return Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [];
	} catch {
		return [];
	}
}
