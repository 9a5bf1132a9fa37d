import type { Unit } from './derived-table.ts';

/** One insert into `spans`: rows of one unit. */
export interface Commit extends Unit {
	/** Greater than that of every insert before. */
	number: number;
	spans: number;
	/** When the first of its spans ended, or earlier. */
	earliestMs: number;
	/** When the last of its spans ended, or later. */
	latestMs: number;
	/** Those that its spans have, and perhaps others; undefined where that isn't known. */
	environments: ReadonlySet<string> | undefined;
	/** Whether its spans may say of feature flags; true where that isn't known. */
	mayHaveFlags: boolean;
	/** `unknown`: the answer got lost, so it may be stored, or land later. */
	state: 'running' | 'stored' | 'unknown' | 'absent';
	sinceMs: number;
}

/** What is known of the spans of an insert. */
export type CommitContent = Pick<Commit, 'earliestMs' | 'latestMs'> &
	Partial<Pick<Commit, 'environments' | 'mayHaveFlags'>>;

/** What was stored in a range of commits. */
export interface StoredRange {
	upTo: number;
	spans: number;
	/** When the last of them ended, or later; -Infinity where there is none. */
	latestMs: number;
	units: StoredUnit[];
}

/** The part of it that lies in one unit. */
export interface StoredUnit extends Unit {
	commits: Pick<Commit, 'number' | 'spans' | 'mayHaveFlags'>[];
}

/** Beyond this many, neighbours are kept as one: how finely a backlog can be cut into ranges is all that is lost. */
const maxCommits = 20_000;

/** Query id of an insert into `spans`. */
export const insertId = (writer: string, commit: number): string => `${writer}-insert-${commit}-`;

/** Numbers the inserts of a writer, and remembers those that not every derived table accounts for. */
export class CommitLog {
	readonly writer: string;
	readonly #clock: () => number;
	#last: number;
	#commits: Commit[] = [];
	#onSettled: () => void = () => {};

	/** `last`: no number up to it is given again. */
	constructor(writer: string, last: number, clock: () => number = Date.now) {
		this.writer = writer;
		this.#last = last;
		this.#clock = clock;
	}

	get last(): number {
		return this.#last;
	}

	/** Called whenever an insert ended. */
	onSettled(listener: () => void): void {
		this.#onSettled = listener;
	}

	/** Marks everything that is inserted from now on. Whoever calls this calls `settle`. */
	begin(unit: Unit, spans: number, of: CommitContent): Commit {
		this.#last += 1;
		const number = this.#last;
		const { environments, mayHaveFlags = true } = of;
		const known = { ...of, environments, mayHaveFlags };
		const commit: Commit = { ...unit, ...known, spans, number, state: 'running', sinceMs: this.#clock() };
		this.#commits.push(commit);
		return commit;
	}

	settle(commit: Commit, state: 'stored' | 'unknown' | 'absent'): void {
		commit.state = state;
		this.#onSettled();
	}

	/** The oldest insert of which nobody knows yet whether it is stored. */
	unknown(): Commit | undefined {
		return this.#commits.find(({ state }) => state === 'unknown');
	}

	/** `rangeAfter` of what was inserted here, no further than `last`. */
	storedAfter(after: number, maxSpans: number, last: number = Infinity): StoredRange {
		return rangeAfter(this.#commits, after, maxSpans, last);
	}

	/** Spans stored after a commit up to another, and since when the oldest of them. */
	waitingAfter(after: number, last: number = Infinity): { spans: number; sinceMs: number | undefined } {
		const waiting = this.#commits.filter(({ number, state }) => number > after && number <= last && state !== 'absent');
		const spans = waiting.reduce((total, commit) => total + commit.spans, 0);
		return { spans, sinceMs: waiting[0]?.sinceMs };
	}

	/** Of a project, after a commit: what is stored, and what may be or yet become so; in order. */
	waitingOf(project: string, after: number): Commit[] {
		return this.#commits.filter((commit) => commit.project === project && commit.number > after && commit.state !== 'absent'); // prettier-ignore
	}

	/** No span that was inserted after a commit, or may yet be, ended earlier; Infinity where none was. */
	earliestAfter(after: number): number {
		return this.#commits.reduce(
			(earliest, { number, state, earliestMs }) =>
				number > after && state !== 'absent' ? Math.min(earliest, earliestMs) : earliest,
			Infinity,
		);
	}

	/** Of what was inserted after a commit, or may yet be; undefined where that isn't known. */
	environmentsAfter(after: number): ReadonlySet<string> | undefined {
		const waiting = this.#commits.filter(({ number, state }) => number > after && state !== 'absent');
		return unionOf(waiting.map(({ environments }) => environments));
	}

	/** Every derived table accounts for the commits up to this one. */
	forget(upTo: number): void {
		this.#commits = this.#commits.filter(({ number }) => number > upTo);
		if (this.#commits.length > maxCommits) this.#commits = joinNeighbours(this.#commits);
	}
}

/**
 * What was stored after a commit, as far as it is certain: about so many spans at a time, but whole commits. Its `upTo` is
 * `after` when there is nothing.
 */
export function rangeAfter(
	commits: readonly Commit[],
	after: number,
	maxSpans: number,
	last: number = Infinity,
): StoredRange {
	const range: StoredRange = { upTo: after, spans: 0, latestMs: -Infinity, units: [] };
	const units = new Map<string, StoredUnit>();
	for (const { number, project, day, shard = 0, spans, latestMs, mayHaveFlags, state } of commits) {
		if (number <= after) continue;
		if (number > last || state === 'running' || state === 'unknown') break;
		if (range.spans > 0 && range.spans + spans > maxSpans) break;
		range.upTo = number;
		if (state === 'absent') continue;
		range.spans += spans;
		range.latestMs = Math.max(range.latestMs, latestMs);
		const key = `${shard} ${day} ${project}`;
		const unit = units.get(key) ?? { project, day, shard, commits: [] };
		unit.commits.push({ number, spans, mayHaveFlags });
		units.set(key, unit);
	}
	range.units = [...units.values()];
	return range;
}

/** Commits spread over those of a unit that have about so many spans together, at least one; undefined for all of them. */
export function sampleOf(commits: readonly Pick<Commit, 'number' | 'spans'>[], maxSpans: number): number[] | undefined {
	const spans = commits.reduce((total, commit) => total + commit.spans, 0);
	const oneIn = Math.floor(spans / maxSpans);
	if (oneIn < 2 || commits.length < 2) return undefined;
	return commits.filter((_, index) => (commits.length - 1 - index) % oneIn === 0).map(({ number }) => number);
}

/** Two that are stored, of one unit, are as good as one. */
function joinNeighbours(commits: readonly Commit[]): Commit[] {
	const joined: Commit[] = [];
	for (const commit of commits) {
		const before = joined.at(-1);
		const isOne =
			before?.state === 'stored' &&
			commit.state === 'stored' &&
			before.project === commit.project &&
			before.day === commit.day &&
			before.shard === commit.shard &&
			before.spans + commit.spans <= 100_000;
		if (isOne) {
			joined[joined.length - 1] = {
				...commit,
				environments: unionOf([before.environments, commit.environments]),
				mayHaveFlags: before.mayHaveFlags || commit.mayHaveFlags,
				spans: before.spans + commit.spans,
				earliestMs: Math.min(before.earliestMs, commit.earliestMs),
				latestMs: Math.max(before.latestMs, commit.latestMs),
				sinceMs: before.sinceMs,
			};
		} else joined.push(commit);
	}
	return joined;
}

/** Undefined where one of them is. */
const unionOf = (sets: readonly (ReadonlySet<string> | undefined)[]): ReadonlySet<string> | undefined =>
	sets.includes(undefined) ? undefined : new Set(sets.flatMap((set) => [...(set ?? [])]));
