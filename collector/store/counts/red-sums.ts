import type { Red } from '../../../schema/api.ts';
import { bucketMiddleNano, BUCKETS_PER_DOUBLING } from '../../../schema/histogram.ts';
import type { NativeTable } from '../native/native-reader.ts';
import type { BucketCounts } from '../../../schema/histogram.ts';

/** What one row counts. */
export interface GroupSums {
	buckets: ArrayLike<number>;
	bucketRequests: ArrayLike<number>;
	requests: number;
	errors: number;
	totalNano: number;
	spans: number;
	satisfied: number;
	tolerating: number;
}

/** The same of a row of JSON, under names that no column has. */
export interface RedRow {
	requests: number;
	failed: number;
	totalNano: number;
	counted: number;
	histogramBuckets: number[];
	histogramCalls: number[];
}

export const sumsOfRow = ({ failed, counted, histogramBuckets, histogramCalls, ...row }: RedRow): GroupSums => ({
	requests: row.requests,
	errors: failed,
	totalNano: row.totalNano,
	spans: counted,
	buckets: histogramBuckets,
	bucketRequests: histogramCalls,
	satisfied: 0,
	tolerating: 0,
});

type Histogram = Pick<GroupSums, 'buckets' | 'bucketRequests'>;

/** Each row's histogram, out of two columns of arrays. */
export function histograms(
	table: NativeTable,
	[buckets, requests]: readonly [buckets: string, requests: string],
	type: 'int16' | 'int32',
): (row: number) => Histogram {
	const { ends, table: items } = table.nested(buckets);
	const bucket = items.numbers('items', type);
	const bucketRequests = table.nested(requests).table.numbers('items', 'float64');
	return (row) => {
		const from = row === 0 ? 0 : ends[row - 1];
		return { buckets: bucket.subarray(from, ends[row]), bucketRequests: bucketRequests.subarray(from, ends[row]) };
	};
}

/** Columns of an answer that not each has. */
type OptionalSums = 'allSpans' | 'totalNano' | 'satisfied' | 'tolerating';

/** The sums of each row of an answer that has the columns of sums-sql.ts; what it has none of is 0. */
export function groupSums(table: NativeTable, has: readonly OptionalSums[]): (row: number) => GroupSums {
	const histogram = histograms(table, ['inBuckets', 'bucketRequests'], 'int32');
	const requests = table.numbers('allRequests', 'float64');
	const errors = table.numbers('errors', 'float64');
	const doubles = (name: OptionalSums) => (has.includes(name) ? table.numbers(name, 'float64') : undefined);
	const totalNano = doubles('totalNano');
	const spans = has.includes('allSpans') ? table.numbers('allSpans', 'uint64') : undefined;
	const satisfied = doubles('satisfied');
	const tolerating = doubles('tolerating');
	return (row) => ({
		...histogram(row),
		requests: requests[row] ?? 0,
		errors: errors[row] ?? 0,
		totalNano: totalNano?.[row] ?? 0,
		spans: Number(spans?.[row] ?? 0),
		satisfied: satisfied?.[row] ?? 0,
		tolerating: tolerating?.[row] ?? 0,
	});
}

/** Of a measure: its requests, errors and durations, or with Apdex what that is made of. */
export const measuredSums = (table: NativeTable, hasApdex: boolean): ((row: number) => GroupSums) =>
	groupSums(table, hasApdex ? ['satisfied', 'tolerating'] : []);

const SHOWN = [0.5, 0.95, 0.99] as const;
/** Histograms that are kept as they came before they are added up. */
const maxPieces = 32;
/** Where they are added up meanwhile: as long as all durations need, and zero but while it is used. */
const scratch = new Float64Array(64 * BUCKETS_PER_DOUBLING + 1);

const noCounts = new Float64Array(0);

/**
 * Requests, errors and the histogram of a group under construction. There are thousands of them for a list, of a few rows each:
 * histograms stay as they came, and a group has one of its own only where there are many of them.
 */
export class RedSums {
	requests = 0;
	errors = 0;
	totalNano = 0;
	spans = 0;
	satisfied = 0;
	tolerating = 0;
	#pieces: Histogram[] = [];
	/** Requests of the bucket `#from` and of those that follow it: to add up in a map would cost ten times as much. */
	#counts = noCounts;
	#from = 0;

	/** Keeps `buckets` and `bucketRequests`, which must not change afterwards. */
	add(sums: GroupSums): void {
		this.#addPlain(sums);
		if (sums.buckets.length === 0) return;
		this.#pieces.push(sums);
		if (this.#pieces.length >= maxPieces) this.#settle();
	}

	#settle(): void {
		if (this.#pieces.length === 0) return;
		const { least, most } = rangeOf(this.#pieces);
		this.#makeRoom(least, most);
		addPieces(this.#pieces, this.#counts, this.#from);
		this.#pieces = [];
	}

	#addPlain(sums: Omit<GroupSums, 'buckets' | 'bucketRequests'>): void {
		this.requests += sums.requests;
		this.errors += sums.errors;
		this.totalNano += sums.totalNano;
		this.spans += sums.spans;
		this.satisfied += sums.satisfied;
		this.tolerating += sums.tolerating;
	}

	/** By whole doublings of the duration, so that it grows a few times at most. */
	#makeRoom(least: number, most: number): void {
		const end = this.#from + this.#counts.length;
		if (least > most || (least >= this.#from && most < end)) return;
		const [first, last] =
			this.#counts.length === 0 ? [least, most] : [Math.min(least, this.#from), Math.max(most, end - 1)];
		const from = Math.floor(first / BUCKETS_PER_DOUBLING) * BUCKETS_PER_DOUBLING;
		const doublings = Math.floor((last - from) / BUCKETS_PER_DOUBLING) + 1;
		const counts = new Float64Array(doublings * BUCKETS_PER_DOUBLING);
		if (this.#counts.length > 0) counts.set(this.#counts, this.#from - from);
		[this.#counts, this.#from] = [counts, from];
	}

	/** What was added to others, too. */
	addSums(others: RedSums): void {
		this.#addPlain(others);
		this.#settle();
		others.#settle();
		this.#makeRoom(others.#from, others.#from + others.#counts.length - 1);
		const [counts, added, shift] = [this.#counts, others.#counts, others.#from - this.#from];
		for (let place = 0; place < added.length; place += 1) {
			counts[place + shift] = (counts[place + shift] ?? 0) + (added[place] ?? 0);
		}
	}

	/** Of each rank, in ascending order. */
	#quantiles(ranks: readonly number[]): number[] | undefined {
		if (this.#counts.length > 0 || this.#pieces.length === 0) {
			this.#settle();
			return quantilesOfCounts(this.#counts, this.#counts.length, this.#from, ranks);
		}
		const { least, most } = rangeOf(this.#pieces);
		const length = most - least + 1;
		if (length > scratch.length) {
			this.#settle();
			return this.#quantiles(ranks);
		}
		addPieces(this.#pieces, scratch, least);
		const found = quantilesOfCounts(scratch, length, least, ranks);
		scratch.fill(0, 0, length);
		return found;
	}

	/** `q` from 0 to 1. */
	quantileNano(q: number): number | null {
		return this.#quantiles([q])?.[0] ?? null;
	}

	/** For comparisons, which need more than the quantiles. */
	side(): { spans: number; requests: number; errors: number; buckets: BucketCounts } {
		this.#settle();
		const { spans, requests, errors } = this;
		const buckets = new Map<number, number>();
		this.#counts.forEach((count, place) => {
			if (count !== 0) buckets.set(this.#from + place, count);
		});
		return { spans, requests, errors, buckets };
	}

	red(): Red {
		const [p50Nano = null, p95Nano = null, p99Nano = null] = this.#quantiles(SHOWN) ?? [];
		return { requests: this.requests, errors: this.errors, p50Nano, p95Nano, p99Nano };
	}

	/** Satisfied requests, and half of the tolerating ones, of all; null without requests. Source: Apdex technical specification 1.1. */
	apdex(): number | null {
		return this.requests === 0 ? null : (this.satisfied + this.tolerating / 2) / this.requests;
	}
}

function rangeOf(pieces: readonly Histogram[]): { least: number; most: number } {
	let [least, most] = [Infinity, -Infinity];
	for (const { buckets } of pieces) {
		for (let index = 0; index < buckets.length; index += 1) {
			const bucket = buckets[index] ?? 0;
			if (bucket < least) least = bucket;
			if (bucket > most) most = bucket;
		}
	}
	return { least, most };
}

function addPieces(pieces: readonly Histogram[], counts: Float64Array, from: number): void {
	for (const { buckets, bucketRequests } of pieces) {
		for (let index = 0; index < buckets.length; index += 1) {
			const place = (buckets[index] ?? 0) - from;
			counts[place] = (counts[place] ?? 0) + (bucketRequests[index] ?? 0);
		}
	}
}

/** The middle of the bucket of each rank from 0 to 1, in ascending order, as `quantilesOf` says it of a list of buckets. */
function quantilesOfCounts(
	counts: Float64Array,
	length: number,
	from: number,
	ranks: readonly number[],
): number[] | undefined {
	let total = 0;
	for (let place = 0; place < length; place += 1) total += counts[place] ?? 0;
	if (total === 0) return undefined;
	const found: number[] = [];
	let seen = 0;
	let last = 0;
	for (let place = 0; place < length && found.length < ranks.length; place += 1) {
		const count = counts[place] ?? 0;
		if (count === 0) continue;
		seen += count;
		last = place;
		while (found.length < ranks.length && seen >= (ranks[found.length] ?? 0) * total)
			found.push(middleOf(from + place));
	}
	while (found.length < ranks.length) found.push(middleOf(from + last));
	return found;
}

const middleOf = (bucket: number): number => Math.round(bucketMiddleNano(bucket));

/** The sums of a map's key, made when it is first met. */
export function sumsOf<Key>(groups: Map<Key, RedSums>, key: Key): RedSums {
	const found = groups.get(key);
	if (found !== undefined) return found;
	const made = new RedSums();
	groups.set(key, made);
	return made;
}
