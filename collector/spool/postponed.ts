import type { BackOff } from './back-off.ts';
import type { PostponedBatch, Segment } from './segments.ts';

/** What is done about records for which the sink lacks memory though each is sent by itself. */
export interface Patience {
	/** So often in a row one is tried before what follows it goes first. */
	tries: number;
	/** Waits until it is tried again, doubled from the first to the last. */
	againMs: Pick<BackOff, 'first' | 'last'>;
	/** Refused for so long, while the sink stored others, it is set aside. */
	mostMs: number;
	/** So many batches may wait in this way. If there are more, the sink lacks memory for anything, and the drain waits for it. */
	mostBatches: number;
}

export const usualPatience: Patience = {
	tries: 4,
	againMs: { first: 5_000, last: 300_000 },
	mostMs: 3_600_000,
	mostBatches: 16,
};

/** What a try of a batch came to. */
export interface Outcome {
	/** Records that were neither stored nor refused for good, nor were those that come with them. */
	records: number;
	spans: number;
	/** Those of it that are stored. */
	storedRecords: number;
	storedSpans: number;
	reason: string;
}

/** Batches of which some records wait for memory while what follows is stored. The clock is monotonous. */
export class Postponements {
	readonly #patience: Patience;
	readonly #clock: () => number;
	/** When something else was stored last. */
	#othersMs = -Infinity;

	constructor(patience: Patience, clock: () => number) {
		this.#patience = patience;
		this.#clock = clock;
	}

	/** Something was stored that is not one of these. */
	stored(): void {
		this.#othersMs = this.#clock();
	}

	/** That which has been due for longest. */
	due(segments: readonly Segment[]): { segment: Segment; postponed: PostponedBatch } | undefined {
		const all = segments.flatMap((segment) => segment.postponed.map((postponed) => ({ segment, postponed })));
		const [next] = all.sort((a, b) => a.postponed.nextMs - b.postponed.nextMs);
		return next !== undefined && next.postponed.nextMs <= this.#clock() ? next : undefined;
	}

	/** Until one is due; Infinity when there is none. */
	waitMs(segments: readonly Segment[]): number {
		const nextMs = segments.flatMap(({ postponed }) => postponed.map((batch) => batch.nextMs));
		return Math.max(0, Math.min(Infinity, ...nextMs) - this.#clock());
	}

	/** Whether another one may wait. */
	hasRoom(segments: readonly Segment[]): boolean {
		return segments.reduce((total, { postponed }) => total + postponed.length, 0) < this.#patience.mostBatches;
	}

	/** Whether it has waited for long enough, and it is not memory for just anything that is lacking. */
	isGivenUp({ sinceMs }: PostponedBatch): boolean {
		return this.#clock() - sinceMs >= this.#patience.mostMs && this.#othersMs > sinceMs;
	}

	/** Notes the batch in its segment, to be tried again: later each time. `waitedMs`: so long it was, before a restart. */
	postpone(
		segment: Segment,
		batch: Pick<PostponedBatch, 'first' | 'last' | 'position'>,
		outcome: Outcome,
		waitedMs = 0,
	): void {
		const nowMs = this.#clock();
		const { first, last, position } = batch;
		const before = segment.postponed.find((other) => other.first === first);
		const { sinceMs, tries } = before ?? { sinceMs: nowMs - waitedMs, tries: 0 };
		const { first: shortest, last: longest } = this.#patience.againMs;
		const nextMs = nowMs + Math.min(longest, shortest * 2 ** Math.min(tries, 20));
		forget(segment, first);
		segment.postponed.push({ ...outcome, first, last, position, sinceMs, nextMs, tries: tries + 1 });
	}
}

/** The batch with this first id is not postponed any more. */
export function forget(segment: Segment, first: number): void {
	segment.postponed = segment.postponed.filter((batch) => batch.first !== first);
}

export interface PostponedState {
	records: number;
	spans: number;
	/** What the sink said of one of them. */
	reason: string | undefined;
}

export function postponedState(segments: readonly Segment[]): PostponedState {
	const all = segments.flatMap(({ postponed }) => postponed);
	return {
		records: all.reduce((total, { records }) => total + records, 0),
		spans: all.reduce((total, { spans }) => total + spans, 0),
		reason: all.at(-1)?.reason,
	};
}
