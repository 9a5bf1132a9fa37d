import type { FlowOutlook } from './flow.ts';
import type { PressureState } from './part-pressure.ts';
import type { PostponedState } from './postponed.ts';

/** What a spool tells of itself. */
export interface SpoolState extends FlowOutlook {
	src: string;
	/** Of segments on disk, drained ones that are still open included. */
	bytes: number;
	maxBytes: number;
	/** Acknowledged and not yet stored. */
	records: number;
	spans: number;
	/** How long the oldest of them has waited for its first turn; undefined when none does. */
	oldestAgeMs: number | undefined;
	/** Unix time up to which everything acknowledged is stored, but for what is postponed or set aside. */
	watermarkMs: number;
	/** The same without leaving out what is postponed. */
	storedUpToMs: number;
	storedSpans: number;
	quarantine: { records: number; bytes: number; spans: number };
	refused: { requests: number; spans: number };
	duplicates: number;
	fingerprints: { remembered: number; forgottenEarly: number };
	/** How long each answer is held back now, and how long answers were altogether. */
	holdMs: number;
	heldMs: number;
	/** Why the store takes nothing; undefined while it does. */
	storeFailure: { reason: string; sinceMs: number } | undefined;
	/** Why the last request could not be written; undefined when it could. */
	writeFailure: string | undefined;
	surprises: number;
	/** Of what is not yet stored: requests for which the store lacks memory, which are tried again and again. */
	postponed: PostponedState;
	pressure: PressureState;
}
