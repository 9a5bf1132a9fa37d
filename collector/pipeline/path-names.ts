import { maskIdentifiers } from './mask-identifiers.ts';
import { TextTable } from './text-table.ts';

/** Scanners ask for paths that nobody serves: what comes after the first ones is one operation. */
const MAX_NAMES_OF_SERVICE = 200;
const MAX_NAMES = 20_000;
const MAX_KEPT_PATHS = 10_000;

/**
 * Operations of HTTP servers that don't say which route they took: the method and the path, ids aside. Counts the names of
 * each service since the process began, for as long as they are not too many in all; each thread does by itself.
 */
export class PathNames {
	/** As they were sent; the ones of a busy server repeat. */
	readonly #paths = new TextTable();
	readonly #masked: (string | undefined)[] = [];
	readonly #namesOf = new Map<string, Set<string>>();
	#names = 0;

	/** @param service tells it from all others */
	operation(service: string, verb: string, path: { bytes: Uint8Array; start: number; end: number }): string {
		const masked = this.#mask(path.bytes, path.start, path.end);
		const name = verb === '' ? masked : `${verb} ${masked}`;
		return this.#isKnown(service, name) ? name : `${verb} *`.trimStart();
	}

	#mask(bytes: Uint8Array, start: number, end: number): string {
		if (this.#paths.length > MAX_KEPT_PATHS || this.#paths.byteLength > MAX_KEPT_BYTES) {
			this.#paths.clear();
			this.#masked.length = 0;
		}
		// What is longer than a name may be is cut off it anyway.
		const row = this.#paths.intern(bytes, start, Math.min(end, start + MAX_PATH_BYTES));
		while (this.#masked.length <= row) this.#masked.push(undefined);
		return (this.#masked[row] ??= maskIdentifiers(this.#paths.text(row)));
	}

	/** Whether the service has the name, or room for it. */
	#isKnown(service: string, name: string): boolean {
		let names = this.#namesOf.get(service);
		if (names?.has(name)) return true;
		if (names !== undefined && names.size >= MAX_NAMES_OF_SERVICE) return false;
		if (this.#names >= MAX_NAMES) {
			this.#namesOf.clear();
			this.#names = 0;
			names = undefined;
		}
		if (names === undefined) this.#namesOf.set(service, (names = new Set()));
		names.add(name);
		this.#names += 1;
		return true;
	}
}

const MAX_PATH_BYTES = 2_048;
const MAX_KEPT_BYTES = 4 * 1024 * 1024;
