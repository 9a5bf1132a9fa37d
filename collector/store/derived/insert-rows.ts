import { bucketOf, ZERO_BUCKET } from '../../../schema/histogram.ts';
import { PROMOTED_ATTRIBUTES } from '../../../schema/promoted-attributes.ts';
import type { BlockResource, SpanBlock } from '../../../schema/span-block.ts';

/** What `service_minutes` counts by, besides numbers. */
export interface ServiceNames extends Pick<BlockResource, 'namespace' | 'service' | 'environment' | 'version'> {
	/** The same for the same names. */
	key: string;
}

/** Of many rows, one after the other, each in ascending order. */
interface Histograms {
	buckets: Int16Array;
	bucketRequests: Float64Array;
}

/** One row of what `minutesByBucket` would make of spans by the keys of services, with the buckets of all durations in one. */
export interface InsertRow {
	names: ServiceNames;
	minuteMs: number;
	entry: number;
	error: number;
	statusClass: number;
	requests: number;
	spans: number;
	totalNano: number;
	/** When the first and the last of its spans ended. */
	firstMs: number;
	lastMs: number;
	/** In which its histogram lies from `from` to `to`. */
	histograms: Histograms;
	from: number;
	to: number;
}

const minuteMs = 60_000;
/** An insert with more is left to the store. */
const maxRows = 10_000;
const statusAt = PROMOTED_ATTRIBUTES.findIndex(({ attribute }) => attribute === 'http.response.status_code');

/** Undefined where the blocks have too many different names. */
export function rowsOfInsert(blocks: readonly SpanBlock[]): InsertRow[] | undefined {
	const counting = new Counting(blocks.reduce((total, { rows }) => total + rows, 0));
	return blocks.every((block) => counting.add(block)) ? counting.rows() : undefined;
}

/** Numbers of 64 bits without a BigInt for each: exact up to 2^53, and beyond as the store rounds them, too. */
function numbersOf(column: BigInt64Array | BigUint64Array): (row: number) => number {
	const words = new Uint32Array(column.buffer, column.byteOffset, column.length * 2);
	return (row) => (words[2 * row + 1] ?? 0) * 2 ** 32 + (words[2 * row] ?? 0);
}

const noHistograms: Histograms = { buckets: new Int16Array(0), bucketRequests: new Float64Array(0) };
const newRow = {
	requests: 0,
	spans: 0,
	totalNano: 0,
	firstMs: Infinity,
	lastMs: -Infinity,
	histograms: noHistograms,
	from: 0,
	to: 0,
};

class Counting {
	readonly #names = new Map<string, { place: number; names: ServiceNames }>();
	readonly #places = new Map<number, number>();
	readonly #rows: InsertRow[] = [];
	/** Minutes count from the first that is met: maps are quicker with small whole numbers. */
	#firstMinute: number | undefined;
	/** Of each span the place of its row, its bucket, and how many it stands for. */
	readonly #rowOf: Uint16Array;
	readonly #bucketOf: Int16Array;
	readonly #weightOf: Float64Array;
	#spans = 0;

	constructor(spans: number) {
		this.#rowOf = new Uint16Array(spans);
		this.#bucketOf = new Int16Array(spans);
		this.#weightOf = new Float64Array(spans);
	}

	/** False where there are too many rows. */
	add(block: SpanBlock): boolean {
		const named = block.resources.map((resource) => this.#named(resource));
		const [timeOf, durationOf] = [numbersOf(block.timeUnixMs), numbersOf(block.durationNano)];
		const statusOf = numbersOf(block.promoted[statusAt] as BigInt64Array);
		const { rows, resource, entry, error, weight: weights } = block;
		for (let at = 0; at < rows; at += 1) {
			const of = named[resource[at] ?? 0];
			if (of === undefined) return false;
			const timeMs = timeOf(at);
			const durationNano = durationOf(at);
			const place = this.#placeOf(of, Math.floor(timeMs / minuteMs), entry[at], error[at], statusOf(at));
			const row = this.#rows[place];
			if (row === undefined) return false;
			const weight = weights[at] ?? 0;
			row.requests += weight;
			row.spans += 1;
			row.totalNano += weight * durationNano;
			if (timeMs < row.firstMs) row.firstMs = timeMs;
			if (timeMs > row.lastMs) row.lastMs = timeMs;
			this.#rowOf[this.#spans] = place;
			this.#bucketOf[this.#spans] = bucketOf(durationNano);
			this.#weightOf[this.#spans] = weight;
			this.#spans += 1;
		}
		return true;
	}

	/** Resources that differ in other things count as one. */
	#named({ namespace, service, environment, version }: BlockResource): { place: number; names: ServiceNames } {
		const key = JSON.stringify([namespace, service, environment, version]);
		const names = { namespace, service, environment, version, key };
		const found = this.#names.get(key) ?? { place: this.#names.size, names };
		this.#names.set(key, found);
		return found;
	}

	/** Where nothing is, when there are too many rows. */
	#placeOf(
		{ place, names }: { place: number; names: ServiceNames },
		minute: number,
		entry = 0,
		error = 0,
		status: number,
	): number {
		const statusClass = status >= 100 && status <= 599 ? Math.floor(status / 100) : 0;
		this.#firstMinute ??= minute;
		const key = ((minute - this.#firstMinute) * maxRows + place) * 32 + statusClass * 4 + entry * 2 + error;
		const found = this.#places.get(key);
		if (found !== undefined) return found;
		if (place >= maxRows || this.#rows.length >= maxRows) return maxRows;
		this.#places.set(key, this.#rows.length);
		this.#rows.push({ names, minuteMs: minute * minuteMs, entry, error, statusClass, ...newRow });
		return this.#rows.length - 1;
	}

	rows(): InsertRow[] {
		const sorted = this.#byRow();
		const [buckets, requests]: [number[], number[]] = [[], []];
		let from = 0;
		for (const row of this.#rows) {
			row.from = buckets.length;
			this.#addHistogram(sorted.subarray(from, from + row.spans), buckets, requests);
			row.to = buckets.length;
			from += row.spans;
		}
		const histograms = { buckets: Int16Array.from(buckets), bucketRequests: Float64Array.from(requests) };
		for (const row of this.#rows) row.histograms = histograms;
		return this.#rows;
	}

	/** Spans in the order of their rows. */
	#byRow(): Uint32Array {
		let end = 0;
		const next = this.#rows.map(({ spans }) => (end += spans) - spans);
		const sorted = new Uint32Array(this.#spans);
		for (let span = 0; span < this.#spans; span += 1) {
			const row = this.#rowOf[span] ?? 0;
			const place = next[row] ?? 0;
			sorted[place] = span;
			next[row] = place + 1;
		}
		return sorted;
	}

	#addHistogram(spans: Uint32Array, buckets: number[], requests: number[]): void {
		let least = scratch.length;
		let most = ZERO_BUCKET;
		for (let at = 0; at < spans.length; at += 1) {
			const span = spans[at] ?? 0;
			const bucket = this.#bucketOf[span] ?? ZERO_BUCKET;
			const place = bucket - ZERO_BUCKET;
			scratch[place] = (scratch[place] ?? 0) + (this.#weightOf[span] ?? 0);
			if (bucket < least) least = bucket;
			if (bucket > most) most = bucket;
		}
		for (let bucket = least; bucket <= most; bucket += 1) {
			const found = scratch[bucket - ZERO_BUCKET] ?? 0;
			if (found === 0) continue;
			buckets.push(bucket);
			requests.push(found);
			scratch[bucket - ZERO_BUCKET] = 0;
		}
	}
}

/** A histogram under construction, as long as all durations need, and zero but while it is used. */
const scratch = new Float64Array(bucketOf(2 ** 64) - ZERO_BUCKET + 1);
