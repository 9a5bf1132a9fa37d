/** What alerting asks of the store. */
import type { ColumnPlan } from '../../analysis/column-plan.ts';
import type { MeasuredQuery, ReadScope } from '../reader-types.ts';

export interface AlertQuestion {
	query: MeasuredQuery;
	spans: 'entry' | 'all';
	by: ColumnPlan;
	windowMs: number;
	everyMs: number;
	/** `p95`, `apdex(500ms)`: several that are made of the same sums. At most one threshold of Apdex among them. */
	measures: readonly string[];
}

/** Of one group, whose values stand as JSON in the order of the question's keys. */
export interface AlertSample {
	/** In the order of the question's measures; null without data. */
	values: readonly (number | null)[];
	requests: number;
}

export interface AlertTick {
	/** End of the window. */
	tMs: number;
	groups: Map<string, AlertSample>;
}

export interface AlertValueReader {
	/**
	 * What windows that end at `fromMs`, `fromMs + everyMs` … up to and with `toMs` hold. Without grouping there is always the one
	 * group. `tooManyGroups`: nothing was cut, there is no answer; a window of an answer may still have more than are judged.
	 */
	values(
		scope: ReadScope,
		question: AlertQuestion,
		range: { fromMs: number; toMs: number },
	): Promise<{ kind: 'values'; ticks: AlertTick[] } | { kind: 'tooManyGroups' }>;
	/** Whether the rollup answers it, which is kept for longer than spans. */
	isRolledUp(question: AlertQuestion): boolean;
}

/** A row of `alert_evaluations`. */
export interface EvaluationRow {
	project: string;
	rule: string;
	question: string;
	tMs: number;
	epoch: number;
	error: string;
	groups: string[];
	values: (number | null)[];
	requests: number[];
	before: (number | null)[][];
}

export interface StateRow {
	project: string;
	rule: string;
	question: string;
	epoch: number;
	sequence: number;
	deleted: number;
	/** JSON. */
	state: string;
}

export const ALERT_EVENT_KINDS = [
	'pending',
	'fired',
	'evidence',
	'recovering',
	'resolved',
	'acknowledged',
	'silenced',
	'note',
] as const;
export type AlertEventKind = (typeof ALERT_EVENT_KINDS)[number];

export interface AlertEventRow {
	project: string;
	rule: string;
	firingId: string;
	kind: AlertEventKind;
	tMs: number;
	groupKey: string;
	conditionKey: string;
	author: string;
	text: string;
	/** JSON, or empty. */
	document: string;
}

export interface FiringEvents {
	/** Of very many some: whether and when it fired and ended is always among them. */
	events: AlertEventRow[];
	/** How many there are. */
	of: number;
}

export interface AlertTable {
	/** Resolves when they are on disk. The same row again changes nothing. */
	appendEvaluations(rows: readonly EvaluationRow[]): Promise<void>;
	/** Of one question in order of time, after `afterMs` up to and with `toMs`; at most `limit`, the newest. */
	evaluations(
		of: Pick<EvaluationRow, 'project' | 'rule' | 'question'>,
		range: { afterMs: number; toMs: number; limit: number },
	): Promise<EvaluationRow[]>;
	/** End of the first window; null where there is none. */
	firstEvaluationMs(of: Pick<EvaluationRow, 'project' | 'rule' | 'question'>): Promise<number | null>;
	/** All that are not judged yet: after the snapshot of each rule. */
	evaluationsSince(sinceMs: number, limit: number): Promise<EvaluationRow[]>;
	appendStates(rows: readonly StateRow[]): Promise<void>;
	/** The newest of each rule that is there. */
	states(): Promise<StateRow[]>;
	appendEvents(rows: readonly AlertEventRow[]): Promise<void>;
	/** Everything of one firing, and what its rule and group went through in the hour before; oldest first. */
	eventsOf(project: string, firingId: string): Promise<FiringEvents>;
	/** Ids of firings that were going on in the window, newest first, with their rows that `firings` needs. */
	firings(project: string, filter: FiringFilter): Promise<AlertEventRow[]>;
	/** What fired and has no end, of every project. */
	openFirings(limit: number): Promise<AlertEventRow[]>;
	/** Ends since then, of every project, newest first. */
	endedFirings(fromMs: number, limit: number): Promise<AlertEventRow[]>;
}

/** Signs of life of the one collector that evaluates, where several share a store. */
export interface EvaluatorBeats {
	/** `isLast`: it stops, and another one may follow at once. */
	beat(epoch: number, isLast: boolean): Promise<void>;
	/** How long ago the last sign was, by the store's clock; infinite without one, or when it was the last. */
	quietMs(epoch: number): Promise<number>;
}

export interface FiringFilter {
	fromMs: number;
	toMs: number;
	rule?: string;
	limit: number;
}
