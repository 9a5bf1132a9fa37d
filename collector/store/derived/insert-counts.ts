import type { SpanBlock } from '../../../schema/span-block.ts';
import type { Commit, CommitLog } from './commit-log.ts';
import type { DerivedMark } from './derived-mark.ts';
import { rowsOfInsert } from './insert-rows.ts';
import type { InsertRow } from './insert-rows.ts';
import { MergedRows } from './merged-rows.ts';

/** Commits after the first up to and with the last. */
export interface CommitSpan {
	after: number;
	upTo: number;
}

/** Of what waits to be derived: in memory, and what has to be counted from spans. Each commit is in one of both, or in none. */
export interface WaitingParts {
	inMemory: readonly InsertRow[];
	/** Undefined where nothing is to be counted. */
	inSpans: CommitSpan | undefined;
}

/** What waits to be derived at one moment, that of the mark. */
export interface WaitingInserts {
	/** For whole minutes. */
	whole: WaitingParts;
	/**
	 * For spans of the minute that begins at `minuteMs` which ended before `toMs`: what was inserted after `after`, which is the mark
	 * or earlier.
	 */
	cut: (after: number, minuteMs: number, toMs: number) => WaitingParts;
}

interface Counted {
	commit: Commit;
	spans: number;
	rows: readonly InsertRow[];
	/** What it takes in memory. */
	bytes: number;
	atMs: number;
}

interface InsertCountsOptions {
	commits: CommitLog;
	/** No other collector deletes from this store while it is open. */
	isAlone: boolean;
	clock?: () => number;
}

/** Whoever looks at a page asks every few seconds. */
const askedForMs = 30_000;
/** What is older may go from spans before it is derived: by its age, or because the disk is full. */
const youngMs = 3_600_000;
/** What another collector deletes is seen after this at the latest. */
const trustedForMs = 60_000;
const maxBytes = 16 * 1024 ** 2;
const bytesOfRow = 160;
const bytesOfBucket = 10;
const maxProjects = 1_000;

/**
 * What this collector inserts, counted by the keys of services while it is inserted and kept until `service_minutes` has it, for
 * as long as somebody asks: every question would count it from spans otherwise, all of it each time.
 */
export class InsertCounts {
	readonly #options: InsertCountsOptions;
	readonly #clock: () => number;
	/** What is up to that is known by its rows alone. */
	readonly #openedAt: number;
	readonly #askedMs = new Map<string, number>();
	readonly #counted = new Map<number, Counted>();
	/** Of each project that is asked for. */
	readonly #merged = new Map<string, MergedRows>();
	#bytes = 0;
	#lastAskedMs = -Infinity;
	#deletions = 0;

	constructor(options: InsertCountsOptions) {
		this.#options = options;
		this.#clock = options.clock ?? Date.now;
		this.#openedAt = options.commits.last;
	}

	/** Before the rows of a commit are sent: what becomes of them, the commit itself says later. */
	add(commit: Commit, blocks: readonly SpanBlock[]): void {
		const nowMs = this.#clock();
		if (nowMs - this.#lastAskedMs > askedForMs) this.#forget();
		if (nowMs - (this.#askedMs.get(commit.project) ?? -Infinity) > askedForMs) return;
		if (this.#deletions > 0 || commit.earliestMs < nowMs - youngMs) return;
		const rows = rowsOfInsert(blocks);
		if (rows === undefined) return;
		const bytes = rows.reduce((total, { from, to }) => total + bytesOfRow + (to - from) * bytesOfBucket, 0);
		this.#counted.set(commit.number, { commit, spans: commit.spans, rows, bytes, atMs: nowMs });
		this.#bytes += bytes;
		for (const number of this.#counted.keys()) {
			if (this.#bytes <= maxBytes) break;
			this.#remove(number);
		}
	}

	/** Of what is stored before rows of spans are deleted, or meanwhile, some may be gone: all of it is counted from spans. */
	async deleting(work: () => Promise<void>): Promise<void> {
		this.#forget();
		this.#deletions += 1;
		try {
			await work();
		} finally {
			this.#deletions -= 1;
		}
	}

	#forget(): void {
		this.#counted.clear();
		this.#merged.clear();
		this.#bytes = 0;
	}

	/** What is asked for is counted from now on. `mark`: of `service_minutes`, at this moment. */
	waiting(project: string, mark: DerivedMark): WaitingInserts {
		const nowMs = this.#clock();
		if (this.#askedMs.size >= maxProjects) {
			this.#askedMs.clear();
			this.#merged.clear();
		}
		this.#askedMs.set(project, nowMs);
		this.#lastAskedMs = nowMs;
		this.#prune(mark.derivedTo, nowMs);
		const { derivedTo } = mark;
		const commits = this.#options.commits.waitingOf(project, derivedTo);
		const known = commits.map((commit) => ({ commit, counted: this.#of(commit) }));
		const { exact, inSpans } = this.#parts(known, derivedTo, derivedTo, () => true);
		const merged = this.#merged.get(project) ?? new MergedRows();
		this.#merged.set(project, merged);
		const whole = { inMemory: merged.of(exact), inSpans };
		return {
			whole,
			cut: (after, minuteMs, toMs) => {
				const endedBefore = (rows: readonly InsertRow[]): boolean =>
					rows.every((row) => row.minuteMs !== minuteMs || row.lastMs < toMs);
				if (after === derivedTo && endedBefore(whole.inMemory)) return whole;
				const parts = this.#parts(known, derivedTo, after, ({ rows }) => endedBefore(rows));
				return { inMemory: parts.exact.flatMap(({ rows }) => rows), inSpans: parts.inSpans };
			},
		};
	}

	#prune(derivedTo: number, nowMs: number): void {
		const { isAlone } = this.#options;
		for (const [number, { commit, atMs }] of this.#counted) {
			const isOver = commit.state === 'absent' || (!isAlone && nowMs - atMs > trustedForMs);
			if (number <= derivedTo || isOver) this.#remove(number);
		}
	}

	#remove(number: number): void {
		this.#bytes -= this.#counted.get(number)?.bytes ?? 0;
		this.#counted.delete(number);
	}

	/** Where neighbours were joined in the log, what was counted of the last of them is not all. */
	#of(commit: Commit): Counted | undefined {
		const counted = commit.state === 'stored' ? this.#counted.get(commit.number) : undefined;
		return counted?.spans === commit.spans ? counted : undefined;
	}

	#parts(
		known: readonly Known[],
		derivedTo: number,
		after: number,
		isExact: (counted: Counted) => boolean,
	): { exact: Counted[]; inSpans: CommitSpan | undefined } {
		const catchUpTo = derivedTo < this.#openedAt ? this.#openedAt : derivedTo;
		let inSpans: CommitSpan | undefined = after < catchUpTo ? { after, upTo: catchUpTo } : undefined;
		const exact: Counted[] = [];
		let before = derivedTo;
		for (const { commit, counted } of known) {
			if (counted !== undefined && isExact(counted)) exact.push(counted);
			else inSpans = { after: inSpans?.after ?? before, upTo: commit.number };
			before = commit.number;
		}
		const { upTo = -Infinity, after: from = Infinity } = inSpans ?? {};
		return { exact: exact.filter(({ commit: { number } }) => number <= from || number > upTo), inSpans };
	}
}

interface Known {
	commit: Commit;
	counted: Counted | undefined;
}
