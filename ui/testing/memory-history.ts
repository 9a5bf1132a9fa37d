import type { History } from '../lib/browser-history.ts';

/** An address bar without a browser, with Back and Forward. */
export class MemoryHistory implements History {
	#entries: URL[];
	#at = 0;
	#listener: (() => void) | undefined;

	constructor(start: string) {
		this.#entries = [new URL(start, location.origin)];
	}

	read(): URL {
		return new URL(this.#entries[this.#at] ?? location.origin);
	}

	push(url: URL): void {
		this.#entries = [...this.#entries.slice(0, this.#at + 1), new URL(url)];
		this.#at++;
	}

	replace(url: URL): void {
		this.#entries[this.#at] = new URL(url);
	}

	onPop(listener: () => void): () => void {
		this.#listener = listener;
		return () => (this.#listener = undefined);
	}

	go(by: number): void {
		this.#at = Math.min(this.#entries.length - 1, Math.max(0, this.#at + by));
		this.#listener?.();
	}

	/** Path and query, as a test reads them. */
	get text(): string {
		const url = this.read();
		return decodeURIComponent(`${url.pathname}${url.search}`.replaceAll('+', ' '));
	}
}
