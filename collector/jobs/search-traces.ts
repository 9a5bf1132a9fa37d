import type { FindingRow, FindingTable, TouchedTrace } from '../store/job-types.ts';
import { TraceWatch } from './trace-watch.ts';

const usualQuietMs = 30_000;
const maxWaiting = 200_000;
const maxTraces = 2_000;
const maxSpans = 50_000;
/** Commits that are looked at in one go. */
const pageCommits = 64;
const noteEveryMs = 30_000;

/** Spans of some traces as `FindingTable.read` hands them over. */
export interface SearchJob {
	spans: Uint8Array;
	/** Of spans. */
	limit: number;
	/** Unix milliseconds. */
	analysedMs: number;
}

/** Undefined where there are more spans than `limit`. */
export type SearchAnswer = { traces: number; found: FindingRow[] } | undefined;

export interface IssueSearch {
	run(job: SearchJob): Promise<SearchAnswer>;
	close(): Promise<void>;
}

interface SearchTracesParts {
	table: FindingTable;
	search: Pick<IssueSearch, 'run'>;
	clock: () => number;
	/** A trace is complete when it has had no new span for so long. */
	quietMs?: number;
}

export interface SearchState {
	tracesAnalysed: number;
	/** Too large, or there was no room. */
	tracesSkipped: number;
	tracesWaiting: number;
}

/**
 * Looks for performance issues in traces that are complete. A trace that gets another span is searched again as a whole,
 * and what is found replaces what was, so doing it twice changes nothing: after a crash it begins with the first commit
 * whose traces were not all searched.
 */
export class SearchTraces {
	readonly #parts: SearchTracesParts;
	readonly #watch: TraceWatch;
	#seenTo: number | undefined;
	#notedTo = 0;
	#notedMs = 0;
	#analysed = 0;
	#tooLarge = 0;

	constructor(parts: SearchTracesParts) {
		this.#parts = parts;
		this.#watch = new TraceWatch({ most: maxWaiting, quietMs: parts.quietMs ?? usualQuietMs });
	}

	state(): SearchState {
		return {
			tracesAnalysed: this.#analysed,
			tracesSkipped: this.#tooLarge + this.#watch.skipped,
			tracesWaiting: this.#watch.size,
		};
	}

	/**
	 * True when there was more to do. What becomes complete meanwhile is left for the next time: the more traces at once, the fewer rows are
	 * read for each, as spans lie in the order of their traces' ids.
	 */
	async step(): Promise<boolean> {
		const { table, clock } = this.#parts;
		this.#seenTo ??= await table.progress();
		const storedTo = table.storedTo();
		const upTo = Math.min(storedTo, this.#seenTo + pageCommits);
		if (upTo > this.#seenTo) {
			this.#watch.touch(await table.touched(this.#seenTo, upTo), clock());
			this.#seenTo = upTo;
		}
		const nowMs = clock();
		const complete = this.#watch.complete(nowMs, maxTraces, maxSpans);
		if (complete.length > 0) {
			await this.#search(complete);
			this.#watch.done(complete);
		}
		await this.#note();
		return this.#watch.isAnyComplete(nowMs) || storedTo > upTo;
	}

	async #search(traces: readonly TouchedTrace[]): Promise<void> {
		const { table, search, clock } = this.#parts;
		const [first] = traces;
		if (first === undefined) return;
		const { project } = first;
		const limit = 2 * maxSpans;
		const analysedMs = clock();
		const spans = await table.read(project, traces, limit);
		const searched = await search.run({ spans, limit, analysedMs });
		if (searched === undefined) {
			// Older spans of these traces make them larger than they seemed: by halves, and those alone are left out.
			const half = Math.ceil(traces.length / 2);
			if (traces.length === 1) this.#tooLarge += 1;
			else for (const part of [traces.slice(0, half), traces.slice(half)]) await this.#search(part);
			return;
		}
		const { found } = searched;
		const ids = traces.map(({ traceId }) => traceId);
		const stored = (await table.stored(project, ids)).filter(({ gone }) => !gone);
		const keys = new Set(found.map(({ traceId, issue }) => `${traceId} ${issue}`));
		const gone = stored
			.filter(({ traceId, issue }) => !keys.has(`${traceId} ${issue}`))
			.map((row) => ({ ...row, analysedMs, gone: true }));
		await table.write(project, [...found, ...gone]);
		this.#analysed += searched.traces;
	}

	/** Everything before the oldest commit that still waits has been searched. */
	async #note(): Promise<void> {
		const { table, clock } = this.#parts;
		const doneTo = (this.#watch.oldestCommit() ?? (this.#seenTo ?? 0) + 1) - 1;
		if (doneTo <= this.#notedTo || clock() - this.#notedMs < noteEveryMs) return;
		this.#notedMs = clock();
		await table.note(doneTo);
		this.#notedTo = doneTo;
	}
}
