import { servicesOf } from '../../../collector/alerting/firing-query.ts';
import { alertLabels } from '../../../collector/alerting/notify/alert-labels.ts';
import { chooseRoutes, readRoutes } from '../../../collector/alerting/notify/route/route.ts';
import type { DocumentOf } from '../../../schema/desired-state.ts';
import type { AlertDocument } from './rule-draft.ts';

interface Told {
	/** By name. */
	channels: string[];
	/** Labels that some route goes by and that only an alert has: its groups, its services. */
	unknown: string[];
}

/** Whom a rule tells: the channels that it names itself, else those of the routes that its alerts take. */
export function toldChannels({ metadata, spec }: AlertDocument, routes: readonly DocumentOf<'Route'>[]): Told {
	if (spec.notify.length > 0) return { channels: [...new Set(spec.notify)].sort(), unknown: [] };
	const services = servicesOf(spec.query, {});
	const read = readRoutes(routes);
	const channels = spec.conditions.flatMap(({ severity }) => {
		const about = {
			rule: metadata.name,
			kind: 'Alert',
			severity,
			group: {},
			labels: metadata.labels,
			services,
		} as const;
		return chooseRoutes(read, alertLabels(about)).flatMap((route) => route.channels);
	});
	const late = new Set([...spec.groupBy, ...(services.length === 0 ? ['service'] : [])]);
	const matched = new Set(read.flatMap(({ match }) => Object.keys(match)));
	return { channels: [...new Set(channels)].sort(), unknown: [...matched].filter((label) => late.has(label)).sort() };
}
