import type { Firing } from '../../../schema/api-alerts.ts';
import type { Change } from '../../../schema/api-changes.ts';
import type { ObjectiveAnswer } from '../../../schema/api-objectives.ts';
import type { Marker } from '../../charts/chart-data.ts';
import type { Router } from '../../lib/router.svelte.ts';
import { changeLabel } from '../changes/change-links.ts';
import { changeMarker } from '../changes/change-marker.ts';
import { SEVERITY_WORDS } from '../alerts/alert-words.ts';

/** What stands over a budget: changes of its services or of everything, and when its own alerts began to fire. */
export function budgetMarkers(
	router: Pick<Router, 'href'>,
	services: ObjectiveAnswer['services'],
	changes: readonly Change[],
	firings: readonly Firing[],
): Marker[] {
	const isOwn = ({ service }: Change) => service === '' || services.some((name) => isSame(service, name));
	// The first version of a service that was ever seen changed nothing, nor did the first variant of a flag.
	const isChange = ({ source, previous, flag }: Change) =>
		source === 'told' || (flag === undefined ? previous !== null : flag.effect !== 'first');
	return [
		...changes
			.filter((change) => isOwn(change) && isChange(change))
			.map((change) => changeMarker(router, change, changeLabel(change, 10))),
		...firings
			.filter(({ kind }) => kind === 'SLO')
			.map(({ firingId, startedMs, severity }): Marker => ({
				tMs: startedMs,
				label: SEVERITY_WORDS[severity],
				href: router.href(`/firings/${firingId}`),
				look: severity === 'page' ? 'error' : 'warn',
			})),
	];
}

/** A service may be named with or without its namespace. */
const isSame = (one: string, other: string): boolean =>
	one === other || one.endsWith(`/${other}`) || other.endsWith(`/${one}`);
