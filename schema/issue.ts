/** What an issue is about. Stored as text: names stay. */
export const ISSUE_KINDS = [
	'exception',
	'n-plus-one',
	'repeated-calls',
	'sequential-calls',
	'retry-storm',
	'gap',
] as const;
export type IssueKind = (typeof ISSUE_KINDS)[number];

/**
 * `new`: nobody has looked at it. `regressed`: it was resolved and came back. `escalating`: it was ignored until it would occur
 * much more often, and now does.
 */
export const ISSUE_STATES = ['new', 'regressed', 'escalating', 'ongoing', 'resolved', 'ignored'] as const;
export type IssueState = (typeof ISSUE_STATES)[number];
