import { withTerm } from '../../../schema/query-edit.ts';
import type { Sides } from '../difference-href.ts';
import type { IssueAnswer } from '../../../schema/api-issues.ts';

/**
 * Spans of the operation that an exception hits most, and of them those with an exception of its type. Undefined where logs
 * alone told of it, and for what is found within traces rather than at spans.
 */
export function issueSides({ issue, window }: IssueAnswer): Sides | undefined {
	if (issue.kind !== 'exception' || issue.operation === '' || issue.type === '') return undefined;
	const q = withTerm(withTerm('', 'service', ':', issue.service), 'operation', ':', issue.operation);
	return { q, pick: withTerm('', 'event.exception.type', ':', issue.type), window };
}
