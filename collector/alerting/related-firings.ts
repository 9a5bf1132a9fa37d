import type { Evidence } from '../../schema/api-alerts.ts';
import type { WindowScope } from '../store/reader-types.ts';
import type { ServiceMapReader } from '../store/map/service-map-reader.ts';
import type { FiredDocument } from './make-transition.ts';

type Related = Evidence['related'][number];

/** Calls of the last hour say who depends on whom. */
const mapBackMs = 3_600_000;
const most = 20;

/** What fires in the services that call these, and in those that they call. */
export async function relatedFirings(
	serviceMap: ServiceMapReader,
	{ project, window }: WindowScope,
	services: readonly string[],
	of: FiredDocument,
	open: readonly FiredDocument[],
): Promise<Evidence['related']> {
	const others = open.filter(
		({ transition }) => transition.project === project && transition.firingId !== of.transition.firingId,
	);
	if (others.length === 0 || services.length === 0) return [];
	const longer = { fromMs: window.toMs - mapBackMs, toMs: window.toMs };
	const { edges } = await serviceMap.edges({ project, window: longer });
	const [own, upstream, downstream] = [new Set(services), new Set<string>(), new Set<string>()];
	for (const { caller, callee } of edges) {
		if (own.has(callee.name)) upstream.add(caller.name);
		if (own.has(caller.name)) downstream.add(callee.name);
	}
	const directionOf = ({ transition }: FiredDocument): Related['direction'] | undefined => {
		if (transition.services.some((name) => downstream.has(name))) return 'downstream';
		return transition.services.some((name) => upstream.has(name)) ? 'upstream' : undefined;
	};
	return others
		.flatMap((other): Related[] => {
			const { firingId, title } = other.transition;
			const direction = directionOf(other);
			return direction === undefined ? [] : [{ firingId, title, direction }];
		})
		.slice(0, most);
}
