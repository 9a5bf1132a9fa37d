import type { Trace } from '../../schema/trace-columns.ts';
import type * as FilterLanguage from './filter-language.ts';
import type { ColumnSource, FilterResult } from './span-filter.ts';

/** Fetches what understands filters, and says so until it is there. */
export class FilterLoader {
	/** Undefined until it is there. */
	language = $state.raw<typeof FilterLanguage>();
	/** Most often a new version has replaced the code. */
	#hasFailed = $state(false);

	async load(): Promise<void> {
		try {
			this.language = await import('./filter-language.ts');
		} catch {
			this.#hasFailed = true;
		}
	}

	filter(trace: Trace, text: string, column: ColumnSource | undefined): FilterResult {
		if (this.language !== undefined) return this.language.filterSpans(trace, text, column);
		if (text.trim() === '') return { kind: 'off' };
		return this.#hasFailed
			? { kind: 'problem', message: 'What reads filters could not be loaded: reload the page.' }
			: { kind: 'waiting', wanted: [] };
	}
}
