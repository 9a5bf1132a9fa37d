import type { IssueKind } from '../../../schema/issue.ts';

const longest = 200;

/** One line for lists: the message of an exception, the call that is repeated. */
export function issueTitle(kind: IssueKind, text: string): string {
	const line = text.replaceAll(/\s*\n\s*/g, kind === 'sequential-calls' ? ', then ' : ' ').trim();
	return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}
