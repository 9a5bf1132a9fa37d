import type { IssueKind } from '../../schema/issue.ts';
import type { Router } from './router.svelte.ts';

interface WhichIssues {
	traceId: string;
	/** When the trace ran, in Unix milliseconds. */
	fromMs: number;
	toMs: number;
	kind?: IssueKind;
}

const HOUR_MS = 3_600_000;

/** The inbox, narrowed to issues that occurred in a trace, over the hours around it. */
export const issuesOfTrace = (router: Router, { traceId, fromMs, toMs, kind }: WhichIssues): string =>
	router.href('/issues', {
		state: 'all',
		kind,
		trace: traceId,
		t: undefined,
		live: undefined,
		from: Math.floor(fromMs) - HOUR_MS,
		to: Math.ceil(toMs) + HOUR_MS,
	});
