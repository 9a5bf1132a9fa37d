import type { Partial } from '../../schema/api.ts';
import { followsTraces } from '../analysis/query-structures.ts';
import { partitionMs } from '../spool/batch-sink.ts';
import type { ClickHouse } from './engine/clickhouse.ts';
import { IN_WINDOW, projectParameters, scopeParameters } from './read-scope.ts';
import type { ReadScope, WindowScope } from './reader-types.ts';
import { outsideOf, PARTITION, spansByPartition, wholePartitions } from './whole-partitions.ts';

/**
 * A search reads no more spans than this. The dearest, free text, takes about 0.2 s a million on two cores (`bench -- query`), so
 * that it ends well before `max_execution_time` would end it without an answer.
 */
const defaultMaxSpans = 50_000_000;
/** A query that follows spans up or down their traces takes 2 to 2.5 s a million there. */
const costOfFollowing = 10;

/** How long the counts of a project's spans are trusted. It grows by some percent of the budget in that time, at most. */
const countedForMs = 60_000;
const maxProjects = 1_000;

/** Answered from the ranges of parts: no span is read. */
const SPANS_OF_PROJECT = 'SELECT 0 AS startMs, count() AS spans FROM spans WHERE project = {project:String}';
const SPANS_OF_PARTITIONS = `
	SELECT toUnixTimestamp(${PARTITION}) * 1000 AS startMs, count() AS spans, 1 AS isPartition
	FROM spans WHERE _partition_value.1 = {project:String} GROUP BY startMs`;

/** By what spans are ordered by within a project: the newest first. */
const spansByBucket = (condition: string): string => `
	SELECT toUnixTimestamp(toStartOfFiveMinutes(time)) * 1000 AS startMs, count() AS spans
	FROM spans WHERE ${IN_WINDOW} AND ${condition} GROUP BY startMs ORDER BY startMs DESC`;

/** A scope whose window holds what may be read, and what is said where that is less than was asked. */
export interface Affordable<Scope extends WindowScope> {
	scope: Scope;
	partial?: Partial;
}

/** Keeps a search from reading more than it can answer: of a window with too many spans, the newest part is searched. */
export class ReadBudget {
	readonly #clickhouse: ClickHouse;
	readonly #maxSpans: number;
	readonly #clock: () => number;
	/** Of each project; forgotten when there are too many. */
	readonly #counted = new Map<string, { buckets: readonly Bucket[]; atMs: number }>();

	constructor(clickhouse: ClickHouse, { maxSpans = defaultMaxSpans, clock = Date.now } = {}) {
		this.#clickhouse = clickhouse;
		this.#maxSpans = maxSpans;
		this.#clock = clock;
	}

	/** At least one bucket of five minutes is searched, whatever it holds. What a span costs depends on the query. */
	async within<Scope extends WindowScope>(scope: Scope, query: { where: string }): Promise<Affordable<Scope>> {
		const maxSpans = followsTraces(query) ? this.#maxSpans / costOfFollowing : this.#maxSpans;
		if (await this.hasAtMost(maxSpans, scope)) return { scope };
		const { seen, of, fromMs } = newest(await this.#buckets(scope, maxSpans), maxSpans);
		if (seen === of) return { scope };
		const reason = `Searched was the newest part, from ${new Date(fromMs).toISOString()} on. Narrow the window to search what is older.`;
		return { scope: { ...scope, window: { ...scope.window, fromMs } }, partial: { reason, seen, of, what: 'spans' } };
	}

	/** The newest first; of whole partitions their buckets are counted only where there are too many. */
	async #buckets(scope: WindowScope, maxSpans: number): Promise<Bucket[]> {
		const ask = (sql: string, window = scope.window) =>
			this.#clickhouse.rows<Bucket>(sql, scopeParameters({ ...scope, window }), scope.signal);
		const whole = this.#clickhouse.shards.length > 1 ? undefined : wholePartitions(scope.window);
		if (whole === undefined) return ask(spansByBucket('1'));
		const found = await Promise.all([ask(spansByPartition(whole)), ask(spansByBucket(outsideOf(whole)))]);
		const counted = found.flat().sort((a, b) => b.startMs - a.startMs);
		let seen = 0;
		const cut = counted.findIndex(({ spans }) => (seen += spans) > maxSpans);
		const { startMs, isPartition } = counted[cut] ?? {};
		if (startMs === undefined || isPartition !== 1) return counted;
		const buckets = await ask(spansByBucket('1'), { fromMs: startMs, toMs: startMs + partitionMs });
		return counted.toSpliced(cut, 1, ...buckets);
	}

	/** Whether the partitions that the window touches had no more spans than that within the last minute: then it has no more, either. */
	async hasAtMost(spans: number, { window, ...scope }: WindowScope): Promise<boolean> {
		let found = 0;
		for (const bucket of await this.#bucketsOf(scope)) {
			const isBeside = bucket.startMs >= window.toMs || bucket.startMs + partitionMs <= window.fromMs;
			if (bucket.isPartition !== 1 || !isBeside) found += bucket.spans;
		}
		return found <= spans;
	}

	/** All spans of the project, by partition where there is one server. */
	async #bucketsOf(scope: ReadScope): Promise<readonly Bucket[]> {
		const nowMs = this.#clock();
		const known = this.#counted.get(scope.project);
		if (known !== undefined && nowMs - known.atMs < countedForMs) return known.buckets;
		const sql = this.#clickhouse.shards.length > 1 ? SPANS_OF_PROJECT : SPANS_OF_PARTITIONS;
		const buckets = await this.#clickhouse.rows<Bucket>(sql, projectParameters(scope), scope.signal);
		if (this.#counted.size >= maxProjects) this.#counted.clear();
		this.#counted.set(scope.project, { buckets, atMs: nowMs });
		return buckets;
	}
}

interface Bucket {
	startMs: number;
	spans: number;
	isPartition?: number;
}

/** How many of the newest buckets fit, and where they begin. The window's own beginning is within the oldest bucket. */
function newest(buckets: readonly Bucket[], maxSpans: number): { seen: number; of: number; fromMs: number } {
	const of = buckets.reduce((sum, { spans }) => sum + spans, 0);
	let seen = 0;
	let fromMs = 0;
	for (const bucket of buckets) {
		if (seen > 0 && seen + bucket.spans > maxSpans) break;
		seen += bucket.spans;
		fromMs = bucket.startMs;
	}
	return { seen, of, fromMs };
}
