/** What the form of a route holds: the document as text fields, and back. */
import { durationMs } from '../../../../collector/alerting/evaluate/quantity.ts';
import { API_VERSION, NAME_EXPECTED, NAME_PATTERN } from '../../../../schema/alert.ts';
import type { DocumentOf } from '../../../../schema/desired-state.ts';
import { listOf, matchOf, matchText } from './channel-draft.ts';

export type RouteDocument = DocumentOf<'Route'>;

const TIMES = ['groupWait', 'groupInterval', 'repeatEvery'] as const;

export interface RouteDraft extends Record<(typeof TIMES)[number], string> {
	name: string;
	match: string;
	/** Channels, parted by commas. */
	notify: string;
	groupBy: string;
	order: string;
	/** The routes after it are asked, too. */
	continue: boolean;
	/** What the form has no field for stays as it was. */
	kept: Pick<RouteDocument['metadata'], 'labels' | 'annotations'> & Pick<RouteDocument['spec'], 'match'>;
}

export const newRoute = (): RouteDraft => ({
	name: '',
	match: '',
	notify: '',
	groupBy: 'service',
	groupWait: '30s',
	groupInterval: '5m',
	repeatEvery: '4h',
	order: '0',
	continue: false,
	kept: { labels: {}, annotations: {}, match: {} },
});

export const routeDraftOf = ({ metadata, spec }: RouteDocument): RouteDraft => ({
	...spec,
	name: metadata.name,
	match: matchText(spec.match),
	notify: spec.notify.join(', '),
	groupBy: spec.groupBy.join(', '),
	order: String(spec.order),
	kept: { labels: metadata.labels, annotations: metadata.annotations, match: spec.match },
});

/** The name that a route has when none is given. */
export const routeNameFor = ({ notify }: RouteDraft): string => {
	const channels = listOf(notify).slice(0, 3);
	return channels.length === 0 ? '' : `to-${channels.join('-')}`;
};

export function documentOfRoute(draft: RouteDraft): RouteDocument {
	const { labels, annotations, match } = draft.kept;
	const [groupWait, groupInterval, repeatEvery] = TIMES.map((time) => draft[time].replaceAll(' ', ''));
	return {
		apiVersion: API_VERSION,
		kind: 'Route',
		metadata: { name: draft.name.trim(), labels, annotations },
		spec: {
			// A value with a comma in it can't be typed here, and is not lost either.
			match: draft.match === matchText(match) ? match : (matchOf(draft.match) ?? {}),
			notify: listOf(draft.notify),
			groupBy: listOf(draft.groupBy),
			groupWait: groupWait ?? '',
			groupInterval: groupInterval ?? '',
			repeatEvery: repeatEvery ?? '',
			order: Number(draft.order.trim() || Number.NaN),
			continue: draft.continue,
		},
	};
}

/** All that is wrong with it, by path in the document. `channels`: those there are; undefined while nobody knows. */
export function routeProblems(
	draft: RouteDraft,
	{ metadata, spec }: RouteDocument,
	channels: readonly string[] | undefined,
): Map<string, string> {
	const problems = new Map<string, string>();
	const isMatchRead = draft.match.trim() === '' || Object.keys(spec.match).length > 0;
	if (!isMatchRead)
		problems.set('spec.match', 'expected labels, such as team=shop, severity=page; empty for everything');
	const unknown = spec.notify.find((name) => channels !== undefined && !channels.includes(name));
	if (spec.notify.length === 0) problems.set('spec.notify', 'expected a channel at least');
	else if (unknown !== undefined) problems.set('spec.notify', `there is no channel ${unknown}`);
	for (const time of TIMES)
		if (durationMs(spec[time]) === undefined) problems.set(`spec.${time}`, 'expected a duration, such as 30s or 4h');
	if (!Number.isSafeInteger(spec.order)) problems.set('spec.order', 'expected a whole number');
	if (!NAME_PATTERN.test(metadata.name)) problems.set('metadata.name', NAME_EXPECTED);
	return problems;
}
