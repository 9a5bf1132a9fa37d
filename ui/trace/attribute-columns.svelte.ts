import { columnName } from '../../collector/analysis/trace-file/attribute-column.ts';
import type { AttributeColumn, ColumnKey } from '../../collector/analysis/trace-file/attribute-column.ts';
import type { TraceSource } from './trace-source.ts';

/** Attributes of all spans, fetched when a filter or a grouping first asks for them. */
export class AttributeColumns {
	readonly #source: TraceSource;
	/** Replaced, never changed: the columns themselves are plain data. */
	#loaded = $state.raw<ReadonlyMap<string, AttributeColumn>>(new Map());
	readonly #asked = new Set<string>();
	/** Why the last one did not come. */
	error = $state.raw<unknown>();

	constructor(source: TraceSource) {
		this.#source = source;
	}

	get(wanted: ColumnKey): AttributeColumn | undefined {
		return this.#loaded.get(columnName(wanted));
	}

	/** Asks for what is not there yet. */
	async request(wanted: readonly ColumnKey[]): Promise<void> {
		const missing = wanted.filter((key) => !this.#asked.has(columnName(key)));
		for (const key of missing) this.#asked.add(columnName(key));
		try {
			for (const key of missing) {
				const document = await this.#source.document();
				const column = await document.ask.column(key);
				this.#loaded = new Map([...this.#loaded, [columnName(key), column]]);
			}
			if (missing.length > 0) this.error = undefined;
		} catch (error) {
			for (const key of missing) this.#asked.delete(columnName(key));
			this.error = error;
		}
	}
}
