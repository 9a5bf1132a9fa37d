import { flagQuery } from '../../../schema/flag-query.ts';
import { cutMiddle } from '../../lib/format.ts';
import type { Router } from '../../lib/router.svelte.ts';
import type { Change } from '../../../schema/api-changes.ts';
import { deployPath } from './change-days.ts';

const HOUR_MS = 3_600_000;

/** A version that spans showed: it has a page of its own. */
export const isSeenDeploy = ({ kind, source }: Change): boolean => kind === 'deploy' && source === 'seen';

/** What a change leads to: what a deploy did, the spans with a variant of a flag; undefined for what was told alone. */
export function changeLink(router: Pick<Router, 'href'>, change: Change): string | undefined {
	const env = change.environment || undefined;
	if (isSeenDeploy(change)) return router.href(deployPath(change), { env });
	const { flag, tMs, service, revision, previous } = change;
	if (flag === undefined) return undefined;
	const isGone = flag.effect === 'gone';
	return router.href('/traces', {
		q: flagQuery(service, flag.key, isGone ? (previous ?? '') : revision),
		t: undefined,
		live: undefined,
		// The hour after its first span, or that before its last.
		from: isGone ? tMs - HOUR_MS : tMs,
		to: isGone ? tMs + 1 : tMs + HOUR_MS,
		env,
	});
}

/** What changed, in a few letters. */
export const changeLabel = ({ flag, revision, title, kind }: Change, letters: number): string =>
	cutMiddle(flag?.key ?? (revision || title || kind), letters);
