/** A version of a service in one environment, and when it sent spans. */
interface Sight {
	namespace: string;
	service: string;
	environment: string;
	version: string;
	firstMs: number;
	lastMs: number;
}

/** `previous` undefined: the service itself was seen for the first time. */
export type Deploy<Version extends Sight> = Version & { previous: string | undefined };

/**
 * Versions that were first seen in the half-open window, with the one that came before. `sights` are sorted by service and
 * environment, then by first sight. The first version of all of a service is no deploy of it, but is told too.
 */
export function deploysSeen<Version extends Sight>(
	sights: readonly Version[],
	{ fromMs, toMs }: { fromMs: number; toMs: number },
): Deploy<Version>[] {
	const deploys: Deploy<Version>[] = [];
	let before: Version | undefined;
	for (const sight of sights) {
		const previous = before !== undefined && isSame(before, sight) ? before.version : undefined;
		if (sight.firstMs >= fromMs && sight.firstMs < toMs) deploys.push({ ...sight, previous });
		before = sight;
	}
	return deploys;
}

const isSame = (a: Sight, b: Sight): boolean =>
	a.namespace === b.namespace && a.service === b.service && a.environment === b.environment;

/** As people write it: `namespace/name`, or the bare name where there is no namespace. */
export const nameOf = ({ namespace = '', service }: { namespace?: string; service: string }): string =>
	namespace === '' ? service : `${namespace}/${service}`;
