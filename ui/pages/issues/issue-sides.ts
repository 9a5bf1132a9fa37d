import { printTerm } from '../../../schema/query-print.ts';
import { withTerm } from '../../../schema/query-edit.ts';
import type { Sides } from '../difference-href.ts';
import type { IssueAnswer } from '../../../schema/api-issues.ts';

/** In the search language: what is in traces with an issue, or with one that was merged into it. */
export const termOfIssue = ({ issue, merged }: Pick<IssueAnswer, 'issue' | 'merged'>): string =>
	printTerm({
		key: { kind: 'trace', field: 'trace.issue' },
		operator: ':',
		values: [issue, ...merged].map(({ issueId }) => ({ kind: 'text', text: issueId })),
	});

/**
 * Spans of the operation that an issue hits most, and which of them are meant: those with an exception of its type; of what is
 * found within traces rather than at spans, those in traces where it was. Undefined where logs alone told of it.
 */
export function issueSides(answer: IssueAnswer): Sides | undefined {
	const { issue, window } = answer;
	if (issue.operation === '') return undefined;
	const q = withTerm(withTerm('', 'service', ':', issue.service), 'operation', ':', issue.operation);
	const isThrown = issue.kind === 'exception' && issue.type !== '' && issue.merged === 0;
	return { q, pick: isThrown ? withTerm('', 'event.exception.type', ':', issue.type) : termOfIssue(answer), window };
}
