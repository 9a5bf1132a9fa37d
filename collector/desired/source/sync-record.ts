import type { PlannedChange, Revision } from '../../../schema/api-config.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { DocumentKey, DocumentVersion } from '../../state/state-table.ts';

export interface Pause {
	/** Unix milliseconds. */
	untilMs: number;
	reason: string;
	author: string;
}

/** What a source did last, and what was last decided about it. Its versions are the audit of the source. */
export interface SyncRecord {
	event: 'applied' | 'confirmed' | 'paused' | 'resumed';
	applied: (Revision & { appliedMs: number }) | null;
	/** Of this event; at most MAX_CHANGES of them are kept. */
	changes: PlannedChange[];
	changeCount: number;
	paused: Pause | null;
	/** The revision that may remove as much as it does. */
	confirmed: string | null;
}

export const MAX_CHANGES = 200;
const longestHistory = 200;

const freshRecord: SyncRecord = {
	event: 'applied',
	applied: null,
	changes: [],
	changeCount: 0,
	paused: null,
	confirmed: null,
};

const kind = 'config.sync';

export const recordKey = (project: string, source: string): DocumentKey => ({ project, kind, name: source });

export const readRecord = (state: StateStore, project: string, source: string): SyncRecord =>
	(state.get(recordKey(project, source))?.value as SyncRecord | undefined) ?? freshRecord;

/** Newest first. */
export async function readAudit(state: StateStore, project: string, source: string, limit: number) {
	const rows = await state.history(recordKey(project, source), Math.min(limit, longestHistory));
	return rows.flatMap(({ timeMs, author, json }: DocumentVersion) =>
		json === undefined ? [] : [{ tMs: timeMs, author, record: JSON.parse(json) as SyncRecord }],
	);
}
