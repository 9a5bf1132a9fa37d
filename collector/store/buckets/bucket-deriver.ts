import type { TimeWindow } from '../../../schema/api.ts';
import type { Log } from '../../log.ts';
import { messageOf } from '../../problem.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { bucketMs, messageWaitMs, traceWaitMs } from './bucket-spans.ts';
import type { Derivation } from './derivation.ts';
import { deriveBucket, SLICE_SPANS } from './derive-bucket.ts';
import { dueBuckets } from './due-buckets.ts';
import type { BucketRun, DueBucket } from './due-buckets.ts';

interface DeriverOptions {
	clickhouse: ClickHouse;
	derivations: readonly Derivation[];
	log: Log;
	/** Unix milliseconds. */
	clock: () => number;
	/** A bucket with more is derived in slices. */
	sliceSpans?: number;
}

const hourMs = 3_600_000;
/** Where late spans are looked for each time; further back only now and then. */
const recentMs = 3 * hourMs;
const wholeEveryMs = 600_000;
/** Buckets derived in one go, so that the newest come first again soon. */
const maxPerRound = 12;
const restMs = 5_000;
/** The bucket that spans come into is derived whole each time, so it comes less often while nobody looks. */
const idleRestMs = 20_000;
const watchedForMs = 60_000;
/** What is seen later than this after it was stored is said to be late. */
const usualDelayMs = 30_000;
const longestRestMs = 600_000;
/**
 * Rests so many times as long as it worked: it never takes more than an eighth of a core. The bucket that spans come into is
 * derived whole each time, so under load more of it would bring the map forward by seconds and cost ingest a tenth.
 */
const restRatio = 7;

const COUNTS = `
	SELECT project, toInt64(toUnixTimestamp(toStartOfFiveMinutes(time))) * 1000 AS startMs, count() AS spans
	FROM spans WHERE time >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC') GROUP BY project, startMs`;

const RUNS = (table: string) => `
	SELECT project, toInt64(toUnixTimestamp(bucket)) * 1000 AS startMs,
		argMax(spans, version) AS seen, argMax(calls, version) AS settledMs
	FROM ${table} WHERE type = 255 AND bucket >= toDateTime(intDiv({fromMs:Int64}, 1000), 'UTC') GROUP BY project, startMs`;

interface Due extends DueBucket {
	derivation: Derivation;
	project: string;
}

/**
 * Keeps tables that are derived from whole buckets of five minutes of spans in step with the spans. What has to be done is
 * read from the tables themselves (how many spans there are, how many there were), so it needs no notes of its own: a crash,
 * a late span, a batch that came twice and a second collector all end in the same rows. Each bucket is inserted as one block
 * under a version; readers take the highest.
 */
export class BucketDeriver {
	readonly #options: DeriverOptions;
	readonly #stop = new AbortController();
	#running: Promise<void> | undefined;
	#nextWholeMs = 0;
	#askedMs = -Infinity;
	#wake: () => void = () => {};
	#lastVersion = 0;
	/** One derivation at a time, and none while something else has its turn. */
	#turn: Promise<unknown> = Promise.resolve();
	/** By table and project: buckets that were due when last looked and are not done, and since when. */
	#pending = new Map<string, Map<number, number>>();
	/** Buckets that failed and when to try them again, so that one bad bucket doesn't hold back the others. */
	readonly #retryMs = new Map<string, number>();

	constructor(options: DeriverOptions) {
		this.#options = options;
	}

	/** Works from now on until `close`. */
	start(): void {
		this.#running ??= this.#work();
	}

	async close(): Promise<void> {
		this.#stop.abort();
		await this.#running;
	}

	/**
	 * Buckets of the window whose spans should be in the table, and are not all: those that are due for longer than it takes
	 * to get to them usually, and old ones that it never got to. Who asks is taken to look at them for a while.
	 */
	pending(table: string, project: string, window: TimeWindow): number {
		this.#askedMs = this.#options.clock();
		this.#wake();
		const buckets = this.#pending.get(placeOf(table, project)) ?? new Map<number, number>();
		const lateMs = this.#options.clock() - usualDelayMs;
		return [...buckets].filter(
			([startMs, sinceMs]) => startMs + bucketMs > window.fromMs && startMs < window.toMs && sinceMs < lateMs,
		).length;
	}

	/** Derives what is due, newest first and at most a few buckets; says how many are left. */
	async round(): Promise<{ derived: number; left: number }> {
		const due = await this.#due();
		const now = due.slice(0, maxPerRound);
		let derived = 0;
		for (const bucket of now) {
			if (this.#stop.signal.aborted) break;
			if (await this.betweenTwo(() => this.#derive(bucket))) derived += 1;
		}
		return { derived, left: due.length - now.length };
	}

	/** Runs between two derivations, so that it meets the rows of every one that read what is gone by now. */
	betweenTwo<Result>(work: () => Promise<Result>): Promise<Result> {
		const result = this.#turn.then(work);
		this.#turn = result.catch(() => {});
		return result;
	}

	async #work(): Promise<void> {
		while (!this.#stop.signal.aborted) {
			const startedMs = performance.now();
			let left = 0;
			try {
				({ left } = await this.round());
			} catch (error) {
				// The store restarts, or is away: what is due stays due.
				this.#options.log.debug({ error: messageOf(error) }, 'buckets could not be looked for');
			}
			const atLeastMs = Math.min((performance.now() - startedMs) * restRatio, longestRestMs);
			await this.#rest(Math.max(atLeastMs, left > 0 ? 0 : restMs));
			if (left === 0 && !this.#isWatched()) await this.#rest(idleRestMs - restMs, () => this.#isWatched());
		}
	}

	#isWatched = (): boolean => this.#options.clock() - this.#askedMs < watchedForMs;

	/** Shorter when it is closed, or somebody asks and that is a reason. */
	async #rest(ms: number, isEnough: () => boolean = () => false): Promise<void> {
		const { signal } = this.#stop;
		if (signal.aborted) return;
		const { promise, resolve } = Promise.withResolvers<void>();
		const timer = setTimeout(resolve, ms);
		this.#wake = () => isEnough() && resolve();
		const end = () => resolve();
		signal.addEventListener('abort', end);
		await promise;
		signal.removeEventListener('abort', end);
		clearTimeout(timer);
		this.#wake = () => {};
	}

	async #due(): Promise<Due[]> {
		const { clickhouse, derivations, clock } = this.#options;
		const nowMs = clock();
		const whole = nowMs >= this.#nextWholeMs;
		const fromMs = whole ? 0 : Math.floor((nowMs - recentMs) / bucketMs) * bucketMs;
		const counts = await clickhouse.rows<{ project: string; startMs: number; spans: number }>(COUNTS, {
			fromMs: Math.max(0, fromMs - Math.max(messageWaitMs, traceWaitMs)),
		});
		const countsOf = Map.groupBy(counts, (row) => row.project);
		const due: Due[] = [];
		const pending = whole ? new Map<string, Map<number, number>>() : this.#olderPending(fromMs);
		for (const derivation of derivations) {
			const runs = Map.groupBy(
				await clickhouse.rows<BucketRun & { project: string; startMs: number }>(RUNS(derivation.table), { fromMs }),
				(row) => row.project,
			);
			for (const [project, rows] of countsOf) {
				const spans = new Map(rows.map((row) => [row.startMs, row.spans]));
				const done = new Map((runs.get(project) ?? []).map((run) => [run.startMs, run]));
				const found = dueBuckets(spans, done, { fromMs, nowMs }, derivation);
				const place = placeOf(derivation.table, project);
				const before = this.#pending.get(place);
				const since = ({ startMs, isNew }: DueBucket): number =>
					before?.get(startMs) ?? (isNew ? startMs + bucketMs : nowMs);
				const dueSince = found.map((bucket): [number, number] => [bucket.startMs, since(bucket)]);
				pending.set(place, new Map([...(pending.get(place) ?? []), ...dueSince]));
				due.push(...found.map((bucket) => ({ ...bucket, derivation, project })));
			}
		}
		this.#pending = pending;
		if (whole && due.length <= maxPerRound) this.#nextWholeMs = nowMs + wholeEveryMs;
		return due
			.filter((bucket) => (this.#retryMs.get(keyOf(bucket)) ?? 0) <= nowMs)
			.sort((a, b) => b.startMs - a.startMs);
	}

	#olderPending(fromMs: number): Map<string, Map<number, number>> {
		const older = (buckets: Map<number, number>) => new Map([...buckets].filter(([startMs]) => startMs < fromMs));
		return new Map([...this.#pending].map(([place, buckets]) => [place, older(buckets)]));
	}

	async #derive(bucket: Due): Promise<boolean> {
		const { clickhouse, clock, log, sliceSpans = SLICE_SPANS } = this.#options;
		const { derivation, project, startMs } = bucket;
		// Two collectors may derive the same bucket; a clock that stands still must not make two versions equal.
		this.#lastVersion = Math.max(this.#lastVersion + 1, clock());
		const version = this.#lastVersion;
		try {
			const { signal } = this.#stop;
			await deriveBucket(clickhouse, { derivation, project, bucket, version, signal, sliceSpans });
		} catch (error) {
			if (this.#stop.signal.aborted) return false;
			if (this.#retryMs.size >= 10_000) this.#retryMs.clear();
			this.#retryMs.set(keyOf(bucket), clock() + wholeEveryMs);
			log.warn(
				{ table: derivation.table, project, bucket: new Date(startMs).toISOString(), error: messageOf(error) },
				'a bucket could not be derived; it is tried again in ten minutes',
			);
			return false;
		}
		this.#retryMs.delete(keyOf(bucket));
		this.#pending.get(placeOf(derivation.table, project))?.delete(startMs);
		return true;
	}
}

/** Projects are letters, digits, `_` and `-`. */
const placeOf = (table: string, project: string): string => `${table} ${project}`;
const keyOf = ({ derivation, project, startMs }: Due): string => `${placeOf(derivation.table, project)} ${startMs}`;
