import type { RetentionAnswer, StorageAnswer } from '../../../schema/api-storage.ts';
import type { TimeWindow } from '../../../schema/api.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import type { ReadScope } from '../reader-types.ts';
import { timesToLive } from '../retention.ts';
import type { Retention } from '../retention.ts';
import { readByteShares } from './byte-shares.ts';
import type { ByteShares } from './byte-shares.ts';

export interface StorageReader {
	tables(signal?: AbortSignal): Promise<StorageAnswer['tables']>;
	/** What would be dropped at once under another retention. */
	tooOld(
		retention: Retention,
		nowMs: number,
		signal?: AbortSignal,
	): Promise<Pick<RetentionAnswer, 'dropped' | 'oldestSpanMs'>>;
	byteShares(scope: ReadScope, window: TimeWindow): Promise<ByteShares>;
}

/**
 * `first` and `last`: between which times rows are, in seconds, as the partition tells; 0 where it isn't by time. `expires` is
 * the end of those by the time to live that the part knows, which follows a change of it in the background.
 */
const PARTS = `
	SELECT table, rows, bytes_on_disk AS bytes,
		toUnixTimestamp(if(min_date > toDate(0), toDateTime(min_date), min_time)) AS first,
		toUnixTimestamp(if(max_date > toDate(0), toDateTime(max_date), max_time)) AS last,
		toUnixTimestamp(delete_ttl_info_min) AS firstExpires, toUnixTimestamp(delete_ttl_info_max) AS lastExpires
	FROM system.parts WHERE database = currentDatabase() AND active`;

const DDL = 'SELECT name AS table, create_table_query AS ddl FROM system.tables WHERE database = currentDatabase()';

interface StoredPart {
	table: string;
	rows: number;
	bytes: number;
	first: number;
	last: number;
	firstExpires: number;
	lastExpires: number;
}

/** In seconds; undefined of a table that keeps everything. */
interface Part {
	rows: number;
	bytes: number;
	oldest: number | undefined;
	newest: number | undefined;
}

const unitSeconds: Record<string, number> = { Second: 1, Day: 86_400 };

/** Seconds; undefined for a table that keeps everything. */
export function timeToLiveOf(ddl: string): number | undefined {
	const [, unit = '', amount = ''] = /TTL [^,]*?toInterval(Second|Day)\((\d+)\)/.exec(ddl) ?? [];
	return amount === '' ? undefined : Number(amount) * (unitSeconds[unit] ?? 1);
}

export function createStorageReader(clickhouse: ClickHouse): StorageReader {
	async function read(signal: AbortSignal | undefined) {
		const [parts, tables] = await Promise.all([
			clickhouse.everywhere<StoredPart>(PARTS, {}, signal),
			clickhouse.home.rows<{ table: string; ddl: string }>(DDL, {}, signal),
		]);
		const seconds = new Map(tables.map(({ table, ddl }) => [table, timeToLiveOf(ddl)]));
		const stored = Map.groupBy(parts, ({ table }) => table);
		const partsOf = (table: string): Part[] => (stored.get(table) ?? []).map((part) => aged(part, seconds.get(table)));
		return { partsOf, seconds };
	}
	return {
		async tables(signal) {
			const { partsOf, seconds } = await read(signal);
			const tables = [...seconds].map(([table, ttl]) => describe(table, ttl, partsOf(table)));
			return tables.sort((a, b) => b.bytesOnDisk - a.bytesOnDisk || (a.table < b.table ? -1 : 1));
		},
		async tooOld(retention, nowMs, signal) {
			const { partsOf } = await read(signal);
			const nowSeconds = Math.floor(nowMs / 1_000);
			const dropped: RetentionAnswer['dropped'] = [];
			let oldestSpanMs: number | null = null;
			for (const { table, seconds } of timesToLive(retention)) {
				const isOld = ({ newest }: Part) => newest !== undefined && newest + seconds <= nowSeconds;
				const [old, left] = split(partsOf(table), isOld);
				if (old.length > 0) dropped.push({ table, ...sizeOf(old) });
				if (table === 'spans') oldestSpanMs = oldestMs(left);
			}
			return { dropped, oldestSpanMs };
		},
		byteShares: (scope, window) => readByteShares(clickhouse, scope, window),
	};
}

function aged({ rows, bytes, first, last, firstExpires, lastExpires }: StoredPart, ttl: number | undefined): Part {
	if (ttl === undefined || Math.max(last, lastExpires) === 0)
		return { rows, bytes, oldest: undefined, newest: undefined };
	if (last > 0) return { rows, bytes, oldest: first, newest: last };
	return { rows, bytes, oldest: firstExpires - ttl, newest: lastExpires - ttl };
}

const sizeOf = (parts: readonly Part[]) => ({
	rows: parts.reduce((sum, { rows }) => sum + rows, 0),
	bytesOnDisk: parts.reduce((sum, { bytes }) => sum + bytes, 0),
});

function split(parts: readonly Part[], isFirst: (part: Part) => boolean): [Part[], Part[]] {
	return [parts.filter(isFirst), parts.filter((part) => !isFirst(part))];
}

function oldestMs(parts: readonly Part[]): number | null {
	const known = parts.flatMap(({ oldest }) => oldest ?? []);
	return known.length === 0 ? null : 1_000 * Math.min(...known);
}

const describe = (
	table: string,
	ttlSeconds: number | undefined,
	parts: readonly Part[],
): StorageAnswer['tables'][number] => ({
	table,
	...sizeOf(parts),
	oldestMs: oldestMs(parts),
	keptMs: ttlSeconds === undefined ? null : ttlSeconds * 1_000,
});
