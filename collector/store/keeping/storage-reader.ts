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

/** `expires` of what a part has: the time that its time to live goes by, plus that time to live. */
const PARTS = `
	SELECT table, rows, bytes_on_disk AS bytes, toUnixTimestamp(delete_ttl_info_min) AS firstExpires,
		toUnixTimestamp(delete_ttl_info_max) AS lastExpires
	FROM system.parts WHERE database = currentDatabase() AND active`;

const DDL = 'SELECT name AS table, create_table_query AS ddl FROM system.tables WHERE database = currentDatabase()';

interface Part {
	table: string;
	rows: number;
	bytes: number;
	firstExpires: number;
	lastExpires: number;
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
			clickhouse.everywhere<Part>(PARTS, {}, signal),
			clickhouse.home.rows<{ table: string; ddl: string }>(DDL, {}, signal),
		]);
		const seconds = new Map(tables.map(({ table, ddl }) => [table, timeToLiveOf(ddl)]));
		return { parts: Map.groupBy(parts, ({ table }) => table), seconds };
	}
	return {
		async tables(signal) {
			const { parts, seconds } = await read(signal);
			const tables = [...seconds].map(([table, ttl]) => describe(table, ttl, parts.get(table) ?? []));
			return tables.sort((a, b) => b.bytesOnDisk - a.bytesOnDisk || (a.table < b.table ? -1 : 1));
		},
		async tooOld(retention, nowMs, signal) {
			const { parts, seconds } = await read(signal);
			const nowSeconds = Math.floor(nowMs / 1_000);
			const dropped: RetentionAnswer['dropped'] = [];
			let oldestSpanMs: number | null = null;
			for (const { table, seconds: wanted } of timesToLive(retention)) {
				const change = wanted - (seconds.get(table) ?? wanted);
				const isOld = ({ lastExpires }: Part) => lastExpires > 0 && lastExpires + change <= nowSeconds;
				const [old, left] = split(parts.get(table) ?? [], isOld);
				if (old.length > 0) dropped.push({ table, ...sizeOf(old) });
				if (table === 'spans') oldestSpanMs = oldestMs(left, seconds.get(table));
			}
			return { dropped, oldestSpanMs };
		},
		byteShares: (scope, window) => readByteShares(clickhouse, scope, window),
	};
}

const sizeOf = (parts: readonly Part[]) => ({
	rows: parts.reduce((sum, { rows }) => sum + rows, 0),
	bytesOnDisk: parts.reduce((sum, { bytes }) => sum + bytes, 0),
});

function split(parts: readonly Part[], isFirst: (part: Part) => boolean): [Part[], Part[]] {
	return [parts.filter(isFirst), parts.filter((part) => !isFirst(part))];
}

function oldestMs(parts: readonly Part[], ttlSeconds: number | undefined): number | null {
	const known = parts.filter(({ firstExpires }) => firstExpires > 0);
	if (ttlSeconds === undefined || known.length === 0) return null;
	return 1_000 * (Math.min(...known.map(({ firstExpires }) => firstExpires)) - ttlSeconds);
}

const describe = (
	table: string,
	ttlSeconds: number | undefined,
	parts: readonly Part[],
): StorageAnswer['tables'][number] => ({
	table,
	...sizeOf(parts),
	oldestMs: oldestMs(parts, ttlSeconds),
	keptMs: ttlSeconds === undefined ? null : ttlSeconds * 1_000,
});
