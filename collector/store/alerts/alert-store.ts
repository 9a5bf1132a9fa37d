import { createAlertEvidenceReader } from './alert-evidence-reader.ts';
import type { AlertEvidenceReader } from './alert-evidence-reader.ts';
import { createAlertTable } from './alert-table.ts';
import type { AlertTable, AlertValueReader, EvaluatorBeats } from './alert-types.ts';
import { createAlertValueReader } from './alert-value-reader.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { createEvaluatorBeats } from './evaluator-beats.ts';
import { createObjectiveTable } from './objective-table.ts';
import type { ObjectiveTable } from './objective-table.ts';
import type { RedMarks } from '../counts/red-source.ts';

/** What alerting asks of the store, and keeps in it. */
export interface AlertStore {
	alertValues: AlertValueReader;
	alertEvidence: AlertEvidenceReader;
	alertTable: AlertTable;
	objectiveTable: ObjectiveTable;
	/** Where other collectors may evaluate, too. */
	evaluatorBeats?: EvaluatorBeats;
}

/** Searches that people wrote are asked by `people`, who can be a user that only reads. */
export const openAlertStore = (
	clickhouse: ClickHouse,
	people: ClickHouse,
	marks: () => RedMarks,
	untilReady: () => Promise<void>,
	isShared: boolean,
): AlertStore => ({
	alertValues: createAlertValueReader(people, marks),
	alertEvidence: createAlertEvidenceReader(people),
	alertTable: createAlertTable(clickhouse, untilReady),
	objectiveTable: createObjectiveTable(clickhouse, untilReady),
	...(isShared ? { evaluatorBeats: createEvaluatorBeats(clickhouse) } : {}),
});
