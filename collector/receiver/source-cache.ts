import type { SourceRow } from './block-sources.ts';

/** A resource or scope as read once, with the marks that it gives to its spans and the attributes it lost. */
interface ReadSource<Source> {
	source: Source;
	marks: number;
	lost: number;
}

const MAX_KEPT = 1_000;
const MAX_KEPT_CHARACTERS = 1_000_000;

/**
 * Resources or scopes by their bytes. The same few come with every request, and some senders repeat them for every span,
 * so they are kept from request to request until there are too many.
 */
export class SourceCache<Source> {
	readonly #known = new Map<string, ReadSource<Source>>();
	readonly #rows = new Map<Source, SourceRow>();
	#characters = 0;

	/** Begins a request, whose rows count from 0. */
	open(): void {
		this.#rows.clear();
		if (this.#known.size <= MAX_KEPT && this.#characters <= MAX_KEPT_CHARACTERS) return;
		this.#known.clear();
		this.#characters = 0;
	}

	/** Row of the source with these bytes in `list`, where it is put when the request names it for the first time. */
	row(bytes: string, list: Source[], read: () => ReadSource<Source>): SourceRow {
		let known = this.#known.get(bytes);
		if (known === undefined) {
			known = read();
			this.#known.set(bytes, known);
			this.#characters += bytes.length;
		}
		let row = this.#rows.get(known.source);
		if (row === undefined) {
			row = { row: list.push(known.source) - 1, marks: known.marks, lost: known.lost };
			this.#rows.set(known.source, row);
		}
		return row;
	}
}
