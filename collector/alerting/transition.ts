import type { FIRING_STATES, RESOLVE_REASONS, Severity } from '../../schema/alert.ts';
import type { Evidence, Unit } from '../../schema/api-alerts.ts';

/**
 * One group of a rule began or ceased to fire: what the evaluator says, and what notifications are made of.
 * It is complete in itself, so that it can wait on the disk until somebody could be told.
 */
export interface Transition {
	firingId: string;
	project: string;
	/** Name of the Alert or SLO. */
	rule: string;
	kind: 'Alert' | 'SLO';
	severity: Severity;
	/** Values of the rule's `groupBy`, by its keys. */
	group: Readonly<Record<string, string>>;
	/** Of the rule's metadata. */
	labels: Readonly<Record<string, string>>;
	/** Of the rule's metadata, as written: placeholders are filled in when it is sent. */
	annotations: Readonly<Record<string, string>>;
	/** The rule's own list of channels; empty: as routes say. */
	notify: readonly string[];
	state: (typeof FIRING_STATES)[number];
	/** Why it ended; null while it fires. */
	reason: (typeof RESOLVE_REASONS)[number] | null;
	/**
	 * Grows with the transitions of this rule, severity, threshold and group, and never goes back, restarts included: part of
	 * the key under which receivers recognise a repeated notification.
	 */
	sequence: number;
	/** In the unit; null without data. */
	value: number | null;
	threshold: number;
	unit: Unit;
	/** What is measured, such as `p95`; `burn rate` of objectives. */
	measure: string;
	startedMs: number;
	/** Null while it fires. */
	endedMs: number | null;
	/** Finds the spans it is about. */
	query: string;
	services: readonly string[];
	/** In words: what, where, value and threshold. */
	title: string;
	/** Null where it isn't gathered, or nothing was found. */
	evidence: EvidenceSummary | null;
	/** Of an objective, from 1 downwards; negative when more than all is spent. */
	budgetLeftRatio: number | null;
	/** Absolute time for links. */
	window: { fromMs: number; toMs: number };
}

/** What of the evidence stands in a notification. */
export interface EvidenceSummary {
	requests: number;
	ofRequests: number;
	/** The one that differs most. */
	difference: Evidence['differences'][number] | null;
	comparedWith: Evidence['comparedWith'];
	change: Evidence['change'];
	violating: Evidence['violating'];
}
