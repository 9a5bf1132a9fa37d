import type { RESOLUTIONS } from '../../../schema/api-issues.ts';
import type { IssueState } from '../../../schema/issue.ts';

/** What was decided of an issue. Without one, it is new. */
interface IssueDecisionValue {
	state: IssueState;
	/** When it was resolved, and how far that holds. */
	resolution?: { in: (typeof RESOLUTIONS)[number]; atMs: number; version?: string };
	/** Absent: for ever. */
	ignoredUntilMs?: number;
	/** Occurrences in an hour: it is ignored as long as there are no more. */
	escalatesAbove?: number;
}

/** Kind of the documents that keep what was decided of an issue; their name is its id. */
export const ISSUE_DOCUMENT = 'issue';

export interface IssueDocument extends IssueDecisionValue {
	/** Whose versions decide whether it came back. */
	service: { service: string; namespace: string };
	/** Who takes care of it: an account, or a name where nobody logs in. */
	owner?: string;
	/** The issue that stands for it, and what this one was called then. */
	mergedInto?: { issueId: string; title: string };
	/** Said with this version, and no longer with the next. */
	comment?: string;
	/** Issues that this version took in or let go, by their titles. */
	others?: { did: 'merged' | 'unmerged'; titles: string[] };
}

/** What the next version of a document keeps unless it is changed: all that was not said of one version alone. */
export function keptOf(document: IssueDocument): IssueDocument {
	const kept = { ...document };
	delete kept.comment;
	delete kept.others;
	return kept;
}

/** The next version, with another decision in place of its own. */
export function redecided(document: IssueDocument, decision: IssueDecisionValue): IssueDocument {
	const kept = keptOf(document);
	delete kept.resolution;
	delete kept.ignoredUntilMs;
	delete kept.escalatesAbove;
	return { ...kept, ...decision };
}

/** An issue that was ignored until a time goes on after it. */
export function stateAt(
	decision: Pick<IssueDocument, 'state' | 'ignoredUntilMs'> | undefined,
	nowMs: number,
): IssueState {
	if (decision === undefined) return 'new';
	if (decision.state !== 'ignored' || decision.ignoredUntilMs === undefined) return decision.state;
	return nowMs < decision.ignoredUntilMs ? 'ignored' : 'ongoing';
}

interface SeenInVersion {
	version: string;
	/** When the issue occurred there last. */
	lastMs: number;
}

/**
 * The version in which a resolved issue came back; undefined while it has not. Where it was resolved in a version, or for
 * the next one, it comes back only in a version that the service was first seen with afterwards: old instances that still
 * run never reopen it.
 */
export function regressedIn(
	resolution: NonNullable<IssueDecisionValue['resolution']>,
	seen: readonly SeenInVersion[],
	firstSeenMs: (version: string) => number | undefined,
): SeenInVersion | undefined {
	const after = seen.filter(({ lastMs }) => lastMs > resolution.atMs).sort((a, b) => a.lastMs - b.lastMs);
	if (resolution.in === 'now') return after[0];
	const sinceMs =
		resolution.in === 'version' ? (firstSeenMs(resolution.version ?? '') ?? resolution.atMs) : resolution.atMs;
	return after.find(({ version }) => (firstSeenMs(version) ?? -Infinity) > sinceMs);
}
