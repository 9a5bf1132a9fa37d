import type { InsertRow } from './insert-rows.ts';

const keyOf = ({ names, minuteMs, entry, error, statusClass }: InsertRow): string =>
	`${minuteMs} ${entry}${error}${statusClass} ${names.key}`;

/** Rows of several inserts added up, for whoever asks again and again while others come. */
export class MergedRows {
	readonly #rows = new Map<string, InsertRow>();
	#inserts: number[] = [];

	/** Rows of exactly these inserts. Cheap where those of the last time come first. */
	of(inserts: readonly { commit: { number: number }; rows: readonly InsertRow[] }[]): InsertRow[] {
		const isMore = this.#inserts.every((number, at) => inserts[at]?.commit.number === number);
		if (!isMore) {
			this.#rows.clear();
			this.#inserts = [];
		}
		for (const { commit, rows } of inserts.slice(this.#inserts.length)) {
			this.#inserts.push(commit.number);
			for (const row of rows) this.#add(row);
		}
		return [...this.#rows.values()];
	}

	#add(row: InsertRow): void {
		const key = keyOf(row);
		const found = this.#rows.get(key);
		this.#rows.set(key, found === undefined ? row : sumOf(found, row));
	}
}

/** A row of its own, as others may still read those that it is made of. */
const sumOf = (a: InsertRow, b: InsertRow): InsertRow => ({
	...a,
	requests: a.requests + b.requests,
	spans: a.spans + b.spans,
	totalNano: a.totalNano + b.totalNano,
	firstMs: Math.min(a.firstMs, b.firstMs),
	lastMs: Math.max(a.lastMs, b.lastMs),
	...histogramOf(a, b),
});

function histogramOf(a: InsertRow, b: InsertRow): Pick<InsertRow, 'histograms' | 'from' | 'to'> {
	const most = a.to - a.from + b.to - b.from;
	const [buckets, bucketRequests] = [new Int16Array(most), new Float64Array(most)];
	let to = 0;
	for (let [atA, atB] = [a.from, b.from]; atA < a.to || atB < b.to; to += 1) {
		const bucketA = atA < a.to ? (a.histograms.buckets[atA] ?? 0) : Infinity;
		const bucketB = atB < b.to ? (b.histograms.buckets[atB] ?? 0) : Infinity;
		buckets[to] = Math.min(bucketA, bucketB);
		if (bucketA <= bucketB) bucketRequests[to] = a.histograms.bucketRequests[atA++] ?? 0;
		if (bucketB <= bucketA) bucketRequests[to] = (bucketRequests[to] ?? 0) + (b.histograms.bucketRequests[atB++] ?? 0);
	}
	return { histograms: { buckets, bucketRequests }, from: 0, to };
}
