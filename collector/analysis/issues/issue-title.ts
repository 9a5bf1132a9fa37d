import type { IssueKind } from '../../../schema/api-issues.ts';

/** What an issue of each kind is called. */
export const ISSUE_KIND_NAMES: Record<IssueKind, string> = {
	exception: 'Exception',
	'n-plus-one': 'N+1',
	'repeated-calls': 'Repeated calls',
	'sequential-calls': 'Calls one after the other',
	'retry-storm': 'Retries',
	gap: 'Time without spans',
};

const longest = 200;

/** One line for lists: the message of an exception, the call that is repeated. */
export function issueTitle(kind: IssueKind, text: string): string {
	const line = text.replaceAll(/\s*\n\s*/g, kind === 'sequential-calls' ? ', then ' : ' ').trim();
	return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}
