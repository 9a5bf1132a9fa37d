import { withTerm } from '../../../schema/query-edit.ts';
import type { Router } from '../../lib/router.svelte.ts';
import type { Sides } from '../difference-href.ts';
import type { DeployAnswer } from '../../../schema/api-changes.ts';

/** A link to the spans that a deploy's numbers count: of the version, in its environment, in the compared time. */
export function versionTraces(router: Router, deploy: DeployAnswer, operation?: string): string {
	const terms: [key: string, value: string][] = [
		['service', deploy.service],
		['version', deploy.version],
		...(operation === undefined ? [] : ([['operation', operation]] as [string, string][])),
	];
	const q = terms.reduce((text, [key, value]) => withTerm(text, key, ':', value), '');
	const { fromMs, toMs } = deploy.after;
	return router.href('/traces', {
		q,
		t: undefined,
		live: undefined,
		from: fromMs,
		to: toMs,
		env: deploy.environment || undefined,
	});
}

/** The version, and the others that it was compared with: at the same time, or before it came. */
export function versionSides({ service, version, environment, after, before, baseline }: DeployAnswer): Sides {
	return {
		q: `${withTerm('', 'service', ':', service)} entry:true`,
		pick: withTerm('', 'version', ':', version),
		window: { fromMs: baseline === 'before' ? Math.min(before.fromMs, after.fromMs) : after.fromMs, toMs: after.toMs },
		env: environment,
	};
}
