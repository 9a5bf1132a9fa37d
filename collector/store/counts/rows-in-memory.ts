import type { InsertRow, ServiceNames } from '../derived/insert-rows.ts';
import type { NativeColumn } from '../native/native-columns.ts';
import { NativeTable } from '../native/native-reader.ts';

/** A row that counts for one of the windows of a question. */
interface RowInMemory {
	row: InsertRow;
	isLater: boolean;
}

/**
 * What the store would have answered for these rows, with all columns that anybody asks for. And when the first of their spans ended,
 * which it doesn't say.
 */
export function tableInMemory(rows: readonly RowInMemory[]): NativeTable {
	const float64 = (value: (row: InsertRow) => number): NativeColumn => ({
		kind: 'number',
		of: 'float64',
		values: Float64Array.from(rows, ({ row }) => value(row)),
	});
	const int64 = (value: (row: InsertRow) => number): NativeColumn => ({
		kind: 'number',
		of: 'int64',
		values: BigInt64Array.from(rows, ({ row }) => BigInt(value(row))),
	});
	const uint8 = (value: (row: RowInMemory) => number): NativeColumn => ({
		kind: 'number',
		of: 'uint8',
		values: Uint8Array.from(rows, value),
	});
	const names = (value: (names: ServiceNames) => string): NativeColumn =>
		textsOf(rows.map(({ row }) => value(row.names)));
	const columns = new Map<string, NativeColumn>([
		['service_namespace', names(({ namespace }) => namespace)],
		['service', names(({ service }) => service)],
		['environment', names(({ environment }) => environment)],
		['version', names(({ version }) => version)],
		['status_class', uint8(({ row }) => row.statusClass)],
		['error', uint8(({ row }) => row.error)],
		['later', uint8(({ isLater }) => Number(isLater))],
		['atSeconds', { kind: 'number', of: 'uint32', values: Uint32Array.from(rows, ({ row }) => row.minuteMs / 1_000) }],
		['requests', float64(({ requests }) => requests)],
		['spans', { kind: 'number', of: 'uint64', values: BigUint64Array.from(rows, ({ row }) => BigInt(row.spans)) }],
		['total_nano', float64(({ totalNano }) => totalNano)],
		['first_time', int64(({ firstMs }) => firstMs)],
		['last_time', int64(({ lastMs }) => lastMs)],
		...histogramsOf(rows),
	]);
	return new NativeTable(rows.length, columns);
}

function textsOf(texts: readonly string[]): NativeColumn {
	const places = new Map<string, number>();
	const ids = Uint32Array.from(texts, (text) => {
		const place = places.get(text) ?? places.size;
		places.set(text, place);
		return place;
	});
	return { kind: 'dictionary', ids, dictionary: [...places.keys()] };
}

function histogramsOf(rows: readonly RowInMemory[]): [string, NativeColumn][] {
	let end = 0;
	const ends = rows.map(({ row }) => (end += row.to - row.from));
	const [buckets, requests] = [new Int16Array(end), new Float64Array(end)];
	for (const [at, { row }] of rows.entries()) {
		const { histograms, from, to } = row;
		const place = (ends[at] ?? 0) - (to - from);
		buckets.set(histograms.buckets.subarray(from, to), place);
		requests.set(histograms.bucketRequests.subarray(from, to), place);
	}
	return [
		['buckets', { kind: 'array', ends, items: { kind: 'number', of: 'int16', values: buckets } }],
		['bucket_requests', { kind: 'array', ends, items: { kind: 'number', of: 'float64', values: requests } }],
	];
}
