import type { IssueKind } from '../../schema/issue.ts';
import { issuesOfTrace } from '../lib/issues-href.ts';
import type { Router } from '../lib/router.svelte.ts';
import type { TraceView } from './trace-view.svelte.ts';

/** The inbox with the issues of the trace that is open; undefined for one from a file, which nobody searched. */
export function issuesOf(router: Router, view: TraceView, kind?: IssueKind): string | undefined {
	const traceId = router.parameter('traceId');
	if (traceId === '') return undefined;
	const fromMs = Number(view.trace.baseUnixNano / 1_000_000n);
	const toMs = fromMs + view.whole / 1e6;
	return issuesOfTrace(router, { traceId, fromMs, toMs, ...(kind === undefined ? {} : { kind }) });
}
