import { cutMiddle } from '../../lib/format.ts';
import type { Router } from '../../lib/router.svelte.ts';
import type { Marker } from '../../charts/chart-data.ts';
import type { Change } from '../../../schema/api-changes.ts';
import { deployPath } from './change-days.ts';
import { changeLink, isSeenDeploy } from './change-links.ts';

/** A version on a chart, where it was first seen: it leads to what it did. */
export function versionMarker(
	router: Pick<Router, 'href'>,
	{ service, revision, environment, tMs }: Pick<Change, 'service' | 'revision' | 'environment' | 'tMs'>,
	label = cutMiddle(revision, 10),
): Marker {
	const deploy = { service, revision, environment };
	return { tMs, label, deploy, href: router.href(deployPath(deploy), { env: environment || undefined }) };
}

/** Any change on a chart. What was told, and the first version of a service, have nothing to be compared with. */
export function changeMarker(router: Pick<Router, 'href'>, change: Change, label: string): Marker {
	const { tMs, previous } = change;
	if (isSeenDeploy(change)) return previous === null ? { tMs, label } : versionMarker(router, change, label);
	const href = changeLink(router, change);
	return { tMs, label, ...(href === undefined ? {} : { href }) };
}
