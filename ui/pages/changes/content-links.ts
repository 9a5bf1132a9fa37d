import type { Router } from '../../lib/router.svelte.ts';
import type { DeployAnswer, DeployContents, NewIssue, NewQuery } from '../../../schema/api-changes.ts';

/** Ways to what came with a version or went: in its environment, in a window that has what the list counted. */
export function contentLinks(
	router: Pick<Router, 'href'>,
	{ service, environment, after }: DeployAnswer,
	{ earlier }: DeployContents,
) {
	const inWindow = (fromMs: number) => ({
		t: undefined,
		from: fromMs,
		to: after.toMs,
		env: environment || undefined,
	});
	return {
		issue: ({ issueId }: NewIssue): string => router.href(`/issues/${issueId}`, inWindow(earlier.toMs)),
		query: ({ fingerprint, system, namespace }: NewQuery): string =>
			router.href(`/db/${fingerprint}`, { sys: system, ns: namespace, svc: service, ...inWindow(earlier.toMs) }),
		/** What is called no more was called before: as long before as it is looked at after. */
		dependency: (node: string): string =>
			router.href('/map', { focus: node, sel: node, ...inWindow(earlier.toMs - (after.toMs - after.fromMs)) }),
	};
}
