import { createHash } from 'node:crypto';
import type { Transition } from '../transition.ts';

type Identified = Pick<Transition, 'project' | 'rule' | 'kind' | 'severity' | 'threshold' | 'group'>;

/**
 * 16 hex digits: the same for the same group of a rule, in whatever order its keys come. Conditions of one severity are told
 * apart by their thresholds, as the burn rates of an objective are.
 */
function groupFingerprint({ project, kind, severity, threshold, group }: Identified): string {
	const sorted = Object.entries(group).sort(([a], [b]) => (a < b ? -1 : 1));
	return createHash('sha256')
		.update(JSON.stringify([project, kind, severity, threshold, sorted]))
		.digest('hex')
		.slice(0, 16);
}

/** `<rule>/<group fingerprint>`: one thing that fires and ceases to. */
export const alertKey = (about: Identified): string => `${about.rule}/${groupFingerprint(about)}`;

/** Names a channel among those of all projects. */
export const channelKey = (project: string, channel: string): string => JSON.stringify([project, channel]);

export const isChannelOf = (project: string, key: string): boolean => (JSON.parse(key) as [string])[0] === project;

/** Names what a channel is told of together: alerts of a route of a project that have the same values. */
export const groupKey = (project: string, route: string, values: readonly [string, string][]): string =>
	JSON.stringify([project, route, values]);

export const sentKey = (channel: string, group: string): string => JSON.stringify([channel, group]);

export const isSentOf = (project: string, key: string): boolean => {
	const [, group] = JSON.parse(key) as [string, string];
	return (JSON.parse(group) as [string])[0] === project;
};
