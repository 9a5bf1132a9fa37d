import type { Log } from '../../log.ts';
import { messageOf } from '../../problem.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { endQueries } from '../engine/fence.ts';
import { CommitLog, insertId, rangeAfter, sampleOf } from './commit-log.ts';
import type { Commit, StoredRange, StoredUnit } from './commit-log.ts';
import type { DerivedMark } from './derived-mark.ts';
import { DerivedRanges } from './derived-ranges.ts';
import { deriveSql, rangeParameters } from './derived-table.ts';
import type { DerivedTable } from './derived-table.ts';
import {
	endOfOthersRows,
	isStored,
	lastCommit,
	latestDerived,
	latestOfOthers,
	madeUnits,
	noteProgress,
	readProgress,
	storedCommits,
	unitsOf,
} from './progress.ts';
import { idle, keyOf, leastDerived, reach } from './table-progress.ts';
import type { TableProgress } from './table-progress.ts';

/** Moments at which the death of the process is interesting, for tests. */
export const DERIVE_CRASH_POINTS = ['before_derive', 'after_derive', 'before_note', 'after_note'] as const;
export type DeriveCrashPoint = (typeof DERIVE_CRASH_POINTS)[number];

export interface DeriverOptions {
	clickhouse: ClickHouse;
	/** `writerIdentity`. */
	writer: string;
	tables: readonly DerivedTable[];
	log: Log;
	/** Spans wait no longer than this for their derived rows. Every insert costs the same, however few rows it has. */
	intervalMs?: number;
	/** So many don't wait, and are the most that one range has. */
	maxSpans?: number;
	noteIntervalMs?: number;
	/** No other collector inserts into this store while it is open. */
	isAlone?: boolean;
	clock?: () => number;
	crash?: (point: DeriveCrashPoint) => Promise<void>;
}

export interface DeriverState {
	/** Stored by this process, and not in every table that is made of spans. */
	spansWaiting: number;
	/** For how long the oldest of them has waited, or those of an earlier process at least; 0 when none waits. */
	lagMs: number;
	/** Why the last attempt failed; null when it did not. */
	failure: string | null;
}

const dayMs = 86_400_000;
const unknownContent = { earliestMs: -Infinity, environments: undefined, mayHaveFlags: true };
const pageCommits = 5_000;
/** Of the most that a range has. Whole commits seldom add up to it, so that what is made of another table's ranges would wait for two. */
const fullShare = 0.75;
const firstRetryMs = 250;
const lastRetryMs = 30_000;

const isWithoutRows = ({ isOfFlags }: DerivedTable, { commits }: StoredUnit): boolean =>
	isOfFlags === true && commits.every(({ mayHaveFlags }) => !mayHaveFlags);

/**
 * Makes the derived tables, range by range of commits. A range needs no note of intent: every row says up to which commit it
 * accounts for, an insert is one part and so whole or not there, and the next range of a unit begins where the table itself
 * says that it is. So a crash between any two steps costs nothing but the question.
 */
export class Deriver {
	readonly commits: CommitLog;
	readonly #options: DeriverOptions & Required<Pick<DeriverOptions, 'intervalMs' | 'maxSpans' | 'noteIntervalMs'>>;
	readonly #progress: TableProgress[];
	readonly #counted: TableProgress[];
	#noted: ReadonlyMap<string, number>;
	readonly #openedMs = Date.now();
	#aloneFromMs = Infinity;
	#notedAtMs = Date.now();
	#attempts = 0;
	#failure: string | undefined;
	#isStopping = false;
	#wake: () => void = () => {};
	#running: Promise<void> | undefined;

	/** Before anything is inserted by this process. Ends what an earlier process with the same identity still had running. */
	static async open(options: DeriverOptions): Promise<Deriver> {
		const { clickhouse, writer, tables, isAlone = false, clock = Date.now } = options;
		await endQueries(clickhouse, writer);
		const noted = await readProgress(clickhouse, writer);
		const last = await lastCommit(clickhouse, writer, Math.max(0, ...noted.values()));
		const sinceMs = Math.floor(clock() / dayMs) * dayMs;
		const progress: TableProgress[] = [];
		for (const table of tables) {
			const derivedTo = noted.get(table.name) ?? 0;
			const units = await madeUnits(clickhouse, table, { writer, after: derivedTo });
			const made = new Map(units.map((unit) => [keyOf(unit), unit.upTo]));
			const latestMs = table.hasLastTime === true ? await latestDerived(clickhouse, table, { writer, sinceMs }) : 0;
			const ranges = new DerivedRanges({ upTo: derivedTo, latestMs }, last === 0 ? 0 : sinceMs);
			const othersRowsToMs = isAlone ? await endOfOthersRows(clickhouse, table, writer) : Infinity;
			progress.push({ ...idle, table, reachedTo: derivedTo, derivedTo, made, ranges, othersRowsToMs, catchUpTo: last });
		}
		const deriver = new Deriver(options, progress, noted, new CommitLog(writer, last));
		if (isAlone) deriver.#aloneFromMs = Math.max(sinceMs, (await latestOfOthers(clickhouse, { writer, sinceMs })) + 1);
		return deriver;
	}

	private constructor(
		options: DeriverOptions,
		progress: TableProgress[],
		noted: ReadonlyMap<string, number>,
		commits: CommitLog,
	) {
		this.#options = { intervalMs: 10_000, maxSpans: 400_000, noteIntervalMs: 30_000, ...options };
		this.#progress = progress;
		this.#counted = progress.filter(({ table }) => table.isCounted === true);
		this.#noted = noted;
		this.commits = commits;
		commits.onSettled(() => {
			if (this.#isAnyUrgent()) this.#wake();
		});
	}

	start(): void {
		this.#running ??= this.#run();
	}

	mark(tableName: string): DerivedMark {
		const found = this.#progress.find(({ table }) => table.name === tableName);
		if (found === undefined) throw new Error(`${tableName} is not a derived table`);
		const { derivedTo, othersRowsToMs } = found;
		// What an earlier process stored may be of any time.
		const isCatchingUp = derivedTo < found.catchUpTo;
		const waitingFromMs = isCatchingUp ? -Infinity : this.commits.earliestAfter(derivedTo);
		const environmentsWaiting = () => (isCatchingUp ? undefined : this.commits.environmentsAfter(derivedTo));
		const lastBefore = (toMs: number) => Math.min(found.ranges.lastBefore(toMs), derivedTo);
		const [{ writer }, aloneFromMs] = [this.#options, this.#aloneFromMs];
		return { writer, derivedTo, waitingFromMs, environmentsWaiting, lastBefore, aloneFromMs, othersRowsToMs };
	}

	state(): DeriverState {
		const ofSpans = this.#progress.filter(({ table }) => table.from === undefined);
		const { spans, sinceMs } = this.commits.waitingAfter(leastDerived(ofSpans, this.commits.last));
		// When those of an earlier process were stored is not known; they wait since this one began at least.
		const isCatchingUp = ofSpans.some((progress) => progress.reachedTo < this.#catchUpTo(progress));
		const oldestMs = isCatchingUp ? this.#openedMs : sinceMs;
		const lagMs = oldestMs === undefined ? 0 : Date.now() - oldestMs;
		return { spansWaiting: spans, lagMs, failure: this.#failure ?? null };
	}

	/** Without waiting for the interval. True when everything that was stored before the call is accounted for. */
	async settle(timeoutMs: number): Promise<boolean> {
		const { last } = this.commits;
		const deadlineMs = Date.now() + timeoutMs;
		while (this.#leastDerived() < last && !this.#isStopping && Date.now() < deadlineMs) await this.#turn(true);
		return this.#leastDerived() >= last;
	}

	/** Lets the running insert end. What waits is derived at the next start. */
	async stop(): Promise<void> {
		this.#isStopping = true;
		this.#wake();
		await this.#running;
		await this.#guard(() => this.#note());
	}

	async #run(): Promise<void> {
		while (!this.#isStopping) {
			await this.#turn(false);
			if (!this.#isStopping) await this.#pause();
		}
	}

	#turning: Promise<void> = Promise.resolve();

	/**
	 * Brings every table a step further, one after the other, and those that readers count in between: under load a turn takes ten
	 * seconds. `settle` and the loop don't do so at the same time.
	 */
	#turn(isForced: boolean): Promise<void> {
		const turn = async () => {
			for (const progress of this.#progress.flatMap((each) => [each, ...this.#counted])) {
				if (!this.#isStopping) await this.#advance(progress, isForced);
			}
			this.commits.forget(this.#leastDerived());
			if (Date.now() - this.#notedAtMs >= this.#options.noteIntervalMs) await this.#guard(() => this.#note());
		};
		this.#turning = this.#turning.then(turn);
		return this.#turning;
	}

	async #advance(progress: TableProgress, isForced: boolean): Promise<void> {
		if (!isForced && !this.#isDue(progress)) return;
		try {
			await this.#resolveUnknown();
			// One range, or one page, a turn: a table that is far behind holds up no other.
			if (progress.reachedTo < this.#catchUpTo(progress)) await this.#catchUp(progress);
			else await this.#deriveNext(progress);
			progress.failures = 0;
			this.#failure = undefined;
		} catch (error) {
			const waitMs = Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(progress.failures, 20));
			progress.failures += 1;
			progress.retryAtMs = Date.now() + waitMs;
			this.#failure = `${progress.table.name}: ${messageOf(error)}`;
			this.#options.log.warn({ table: progress.table.name, error: messageOf(error) }, 'a table could not be derived');
			if (isForced) await new Promise((resolve) => setTimeout(resolve, waitMs));
		}
	}

	#sourceOf({ table: { from } }: TableProgress): TableProgress | undefined {
		return this.#progress.find(({ table }) => table.name === from?.name);
	}

	/** Up to which commit the table's source is complete. */
	#sourceTo(progress: TableProgress): number {
		return progress.table.from === undefined ? Infinity : (this.#sourceOf(progress)?.derivedTo ?? 0);
	}

	#catchUpTo(progress: TableProgress): number {
		return Math.min(progress.catchUpTo, this.#sourceTo(progress));
	}

	/** Fewer after each failure in a row: perhaps it was too much at once. */
	#maxSpans({ table, failures }: TableProgress): number {
		return Math.ceil(Math.max(this.#options.maxSpans, table.maxSpans ?? 0) / 2 ** Math.min(failures, 10));
	}

	/** It need not wait for time to pass. */
	#isUrgent(progress: TableProgress): boolean {
		if (Date.now() < progress.retryAtMs) return false;
		if (progress.reachedTo < this.#catchUpTo(progress)) return true;
		const { spans } = this.commits.waitingAfter(progress.reachedTo, this.#sourceTo(progress));
		return spans >= this.#maxSpans(progress) * (progress.table.from === undefined ? 1 : fullShare);
	}

	#isDue(progress: TableProgress): boolean {
		if (this.#isUrgent(progress)) return true;
		const { sinceMs = Infinity } = this.commits.waitingAfter(progress.reachedTo, this.#sourceTo(progress));
		const everyMs = Math.max(this.#options.intervalMs, progress.table.everyMs ?? 0);
		return Date.now() >= Math.max(progress.retryAtMs, sinceMs + everyMs);
	}

	/** The next page of commits from before this process. */
	async #catchUp(progress: TableProgress): Promise<void> {
		const { clickhouse, writer } = this.#options;
		const { reachedTo: after } = progress;
		const upTo = this.#catchUpTo(progress);
		const found = await storedCommits(clickhouse, { writer, after, upTo }, pageCommits);
		const commits = found.map((commit): Commit => ({ ...commit, ...unknownContent, state: 'stored', sinceMs: 0 }));
		while (!this.#isStopping) {
			const range = rangeAfter(commits, progress.reachedTo, this.#maxSpans(progress));
			if (range.upTo === progress.reachedTo) break;
			await this.#deriveRange(progress, range);
		}
		if (found.length < pageCommits && !this.#isStopping) reach(progress, upTo);
	}

	async #deriveNext(progress: TableProgress): Promise<void> {
		const [after, sourceTo] = [progress.reachedTo, this.#sourceTo(progress)];
		const range = this.commits.storedAfter(after, this.#maxSpans(progress), sourceTo);
		if (range.upTo === after) return;
		// Within a range of the source, readers would find spans of its beginning neither here nor behind the mark.
		const end = Math.min(this.#sourceOf(progress)?.ranges.endOf(range.upTo) ?? range.upTo, sourceTo);
		await this.#deriveRange(progress, end === range.upTo ? range : this.commits.storedAfter(after, Infinity, end));
	}

	async #deriveRange(progress: TableProgress, range: StoredRange): Promise<void> {
		const { clickhouse, writer, crash } = this.#options;
		const { upTo, latestMs } = range;
		await this.#endDoubt(progress);
		for (const unit of await unitsOf(clickhouse, progress.table, { writer, after: progress.reachedTo }, range)) {
			const after = Math.max(progress.reachedTo, progress.made.get(keyOf(unit)) ?? 0);
			if (after >= upTo || isWithoutRows(progress.table, unit)) continue;
			await crash?.('before_derive');
			this.#attempts += 1;
			progress.doubt = `${writer}-derive-${progress.table.name}-${this.#attempts}-`;
			const sample = sampleOf(unit.commits, progress.table.sampleSpans ?? Infinity);
			const parameters = rangeParameters(unit, { writer, after, upTo }, sample);
			const server = clickhouse.shard(unit.shard ?? 0);
			await server.derive(deriveSql(progress.table, sample !== undefined), parameters, progress.doubt);
			progress.doubt = undefined;
			progress.failures = 0;
			progress.made.set(keyOf(unit), upTo);
			await crash?.('after_derive');
		}
		progress.ranges.add({ upTo, latestMs });
		reach(progress, upTo);
	}

	/** After an insert without an answer the table is asked what it has. */
	async #endDoubt(progress: TableProgress): Promise<void> {
		if (progress.doubt === undefined) return;
		const { clickhouse, writer } = this.#options;
		await endQueries(clickhouse, progress.doubt);
		const units = await madeUnits(clickhouse, progress.table, { writer, after: progress.derivedTo });
		for (const unit of units) progress.made.set(keyOf(unit), unit.upTo);
		progress.doubt = undefined;
	}

	/** Inserts of spans whose answers got lost hold up what comes after them until it is known what became of them. */
	async #resolveUnknown(): Promise<void> {
		const { clickhouse, writer } = this.#options;
		for (let commit = this.commits.unknown(); commit !== undefined; commit = this.commits.unknown()) {
			await endQueries(clickhouse, insertId(writer, commit.number));
			this.commits.settle(commit, (await isStored(clickhouse, writer, commit)) ? 'stored' : 'absent');
		}
	}

	async #note(): Promise<void> {
		const { clickhouse, writer, crash } = this.#options;
		this.#notedAtMs = Date.now();
		const progress = new Map(this.#progress.map(({ table, derivedTo }) => [table.name, derivedTo]));
		const changed = [...progress].filter(([name, derivedTo]) => this.#noted.get(name) !== derivedTo);
		if (changed.length === 0) return;
		await crash?.('before_note');
		await noteProgress(clickhouse, writer, new Map(changed));
		this.#noted = progress;
		await crash?.('after_note');
	}

	async #guard(step: () => Promise<void>): Promise<void> {
		try {
			await step();
		} catch (error) {
			this.#options.log.warn({ error: messageOf(error) }, 'the progress of derived tables was not noted');
		}
	}

	#leastDerived(): number {
		return leastDerived(this.#progress, this.commits.last);
	}

	#isAnyUrgent(): boolean {
		return this.#progress.some((progress) => this.#isUrgent(progress));
	}

	async #pause(): Promise<void> {
		const hasFailed = this.#progress.some(({ failures }) => failures > 0);
		if (this.#isAnyUrgent()) return;
		const woken = Promise.withResolvers<void>();
		this.#wake = woken.resolve;
		const retryMs = Math.min(...this.#progress.map(({ retryAtMs }) => retryAtMs).filter((ms) => ms > Date.now()));
		const waitMs = hasFailed ? Math.max(firstRetryMs, retryMs - Date.now()) : this.#options.intervalMs;
		const timer = setTimeout(woken.resolve, Math.min(waitMs, this.#options.intervalMs));
		await woken.promise;
		clearTimeout(timer);
		this.#wake = () => {};
	}
}
