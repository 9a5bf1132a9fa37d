import type { ClickHouse } from '../engine/clickhouse.ts';

/** What of one table is copied in one go: a partition, as far as it belongs to one shard of the target. */
export interface CopyUnit {
	table: string;
	partitionId: string;
	/** Place of the shard. */
	shard: number;
}

/** Which units are copied, and which were begun. */
export interface CopyNotes {
	stateOf(unit: CopyUnit): 'new' | 'begun' | 'done';
	begin(unit: CopyUnit): Promise<void>;
	finish(unit: CopyUnit, rows: number): Promise<void>;
}

const NOTES = `
	SELECT unit, max(state) = 'done' AS isDone FROM copied_data WHERE source = {source:UUID} GROUP BY unit`;

const keyOf = ({ table, partitionId, shard }: CopyUnit): string => `${table} ${partitionId} ${shard}`;

/** Kept in the target, of one source. */
export async function openCopyNotes({ home }: ClickHouse, source: string): Promise<CopyNotes> {
	const rows = await home.rows<{ unit: string; isDone: number }>(NOTES, { source });
	const known = new Map(rows.map(({ unit, isDone }) => [unit, isDone === 1]));
	async function note(unit: CopyUnit, state: 'begun' | 'done', count: number): Promise<void> {
		const row = { source, unit: keyOf(unit), state, rows: count };
		await home.insert('copied_data (source, unit, state, rows)', 'JSONEachRow', [Buffer.from(JSON.stringify(row))]);
		known.set(keyOf(unit), state === 'done');
	}
	return {
		stateOf(unit) {
			const isDone = known.get(keyOf(unit));
			if (isDone === undefined) return 'new';
			return isDone ? 'done' : 'begun';
		},
		begin: (unit) => note(unit, 'begun', 0),
		finish: (unit, count) => note(unit, 'done', count),
	};
}
