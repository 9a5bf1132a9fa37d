import type { DocumentOf } from '../../../../schema/desired-state.ts';
import { parseDuration } from '../../../../schema/query-value.ts';
import { matchesLabels } from '../alert-labels.ts';
import type { AlertLabels } from '../alert-labels.ts';

/** Whom to tell of what, how alerts are put together, and how often. */
export interface NotificationRoute {
	name: string;
	match: Readonly<Record<string, string>>;
	channels: readonly string[];
	groupBy: readonly string[];
	groupWaitMs: number;
	groupIntervalMs: number;
	repeatEveryMs: number;
	/** Smallest first, then by name. */
	order: number;
	/** Routes after this one are asked, too. */
	continues: boolean;
}

const milliseconds = (duration: string): number => Number((parseDuration(duration) ?? 0n) / 1_000_000n);

const readRoute = ({ metadata, spec }: DocumentOf<'Route'>): NotificationRoute => ({
	name: metadata.name,
	match: spec.match,
	channels: spec.notify,
	groupBy: spec.groupBy,
	groupWaitMs: milliseconds(spec.groupWait),
	groupIntervalMs: milliseconds(spec.groupInterval),
	repeatEveryMs: milliseconds(spec.repeatEvery),
	order: spec.order,
	continues: spec.continue,
});

/** In the order in which they are asked. */
export const readRoutes = (documents: readonly DocumentOf<'Route'>[]): NotificationRoute[] =>
	documents.map(readRoute).sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1));

/** For a rule that names its channels itself: its groups together, with the usual times. */
export const directRoute = (rule: string, channels: readonly string[]): NotificationRoute => ({
	name: `rule ${rule}`,
	match: {},
	channels,
	groupBy: ['alert', 'severity'],
	groupWaitMs: 30_000,
	groupIntervalMs: 300_000,
	repeatEveryMs: 14_400_000,
	order: 0,
	continues: false,
});

/** The first that matches, and those after it as long as each says `continue`. */
export function chooseRoutes(routes: readonly NotificationRoute[], labels: AlertLabels): NotificationRoute[] {
	const matching = routes.filter(({ match }) => matchesLabels(match, labels));
	const last = matching.findIndex(({ continues }) => !continues);
	return last < 0 ? matching : matching.slice(0, last + 1);
}
