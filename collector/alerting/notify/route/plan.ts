import type { Transition } from '../../transition.ts';
import { channelKey, groupKey, sentKey } from '../alert-identity.ts';
import { alertLabels } from '../alert-labels.ts';
import type { AlertLabels } from '../alert-labels.ts';
import type { LiveAlert, NotifyState, Told } from './notify-state.ts';
import { chooseRoutes, directRoute } from './route.ts';
import type { NotificationRoute } from './route.ts';

/** One notification that is due: what a channel is to be told of a group. */
export interface PlannedNotification {
	project: string;
	channel: string;
	/** Where its time is noted: see NotifyState.sentMs. */
	sentKey: string;
	route: NotificationRoute;
	/** Values by which the route groups. */
	group: Record<string, string>;
	/** What is new first, then what still fires. Keys of alerts. */
	alerts: { key: string; isNew: boolean }[];
	/** Nothing is new: it is said again because it has gone on for so long. */
	isRepeat: boolean;
}

export interface Plan {
	due: PlannedNotification[];
	/** Alerts that have ended and that nobody has to be told of any more. */
	done: string[];
	/** When to plan again at the latest; null when only news can change anything. */
	nextMs: number | null;
}

/** What is declared, at this moment. */
export interface PlanRules {
	/** In the order in which they are asked. */
	routes: (project: string) => readonly NotificationRoute[];
	/** Null where it isn't silenced. */
	silencedUntil: (transition: Transition, labels: AlertLabels) => number | null;
	sendsResolved: (project: string, channel: string) => boolean;
}

interface Group {
	id: string;
	project: string;
	route: NotificationRoute;
	labels: Record<string, string>;
	members: Member[];
}

interface Member {
	key: string;
	alert: LiveAlert;
	isSilenced: boolean;
}

/**
 * Which notifications are due. A group waits `groupWait` for more to come, and at least `groupInterval` between one notification
 * and the next; what still fires is repeated after `repeatEvery`. A channel that several routes reach is told once. What is
 * silenced is held back until the silence ends; the end of something that a channel was told of is told in any case, and that of
 * something that another collector may have told it of.
 */
export function planNotifications(state: NotifyState, rules: PlanRules, nowMs: number): Plan {
	const wakes: number[] = [];
	const due: PlannedNotification[] = [];
	const needed = new Set<string>();
	const claimed = new Set<string>();
	for (const group of groupsOf(state, rules, wakes).values()) {
		for (const channel of new Set(group.route.channels)) {
			const planned = planChannel(state, rules, group, channel, nowMs);
			for (const key of planned.waiting) needed.add(key);
			if (planned.dueMs === null) continue;
			if (planned.dueMs > nowMs) wakes.push(planned.dueMs);
			else claim(planned.notification, claimed, due);
		}
	}
	const done = [...state.alerts].filter(([key, { transition }]) => transition.state === 'resolved' && !needed.has(key));
	return { due, done: done.map(([key]) => key), nextMs: wakes.length === 0 ? null : Math.min(...wakes) };
}

/** In one plan, too, a channel is told of an alert once, by the first of the routes that lead there. */
function claim(notification: PlannedNotification, claimed: Set<string>, due: PlannedNotification[]): void {
	const channel = channelKey(notification.project, notification.channel);
	const alerts = notification.alerts.filter(({ key }) => !claimed.has(channel + key));
	if (!alerts.some(({ isNew }) => isNew || notification.isRepeat)) return;
	for (const { key } of alerts) claimed.add(channel + key);
	due.push({ ...notification, alerts });
}

function groupsOf(state: NotifyState, rules: PlanRules, wakes: number[]): Map<string, Group> {
	const groups = new Map<string, Group>();
	for (const [key, alert] of state.alerts) {
		const { transition } = alert;
		const { project, rule, notify } = transition;
		const labels = alertLabels(transition);
		const isHeld = transition.state === 'firing' || alert.mayBeTold === true;
		const silencedUntilMs = isHeld ? rules.silencedUntil(transition, labels) : null;
		if (silencedUntilMs !== null) wakes.push(silencedUntilMs);
		const routes = notify.length > 0 ? [directRoute(rule, notify)] : chooseRoutes(rules.routes(project), labels);
		for (const route of routes) {
			const values = groupValues(route, labels);
			const id = groupKey(project, route.name, values);
			const group = groups.get(id) ?? { id, project, route, labels: Object.fromEntries(values), members: [] };
			group.members.push({ key, alert, isSilenced: silencedUntilMs !== null });
			groups.set(id, group);
		}
	}
	return groups;
}

const groupValues = ({ groupBy }: NotificationRoute, labels: AlertLabels): [string, string][] =>
	groupBy.map((name) => [name, (Object.hasOwn(labels, name) ? (labels[name] ?? []) : []).join(', ')]);

interface ChannelPlan {
	/** Keys of alerts that the channel has still to be told of. */
	waiting: string[];
	dueMs: number | null;
	notification: PlannedNotification;
}

function planChannel(state: NotifyState, rules: PlanRules, group: Group, channel: string, nowMs: number): ChannelPlan {
	const { project, route } = group;
	const told = (key: string): Told | undefined => state.toldOf(channelKey(project, channel), key);
	const sendsResolved = rules.sendsResolved(project, channel);
	const isNew = ({ key, alert: { transition, mayBeTold } }: Member): boolean => {
		const before = told(key);
		if (before !== undefined && before.sequence >= transition.sequence) return false;
		const knowsOfIt = before === undefined ? mayBeTold === true : before.state === 'firing';
		return transition.state === 'firing' || (sendsResolved && knowsOfIt);
	};
	const news = group.members.filter((member) => !member.isSilenced && isNew(member));
	const firing = group.members.filter(({ alert, isSilenced }) => alert.transition.state === 'firing' && !isSilenced);
	const old = firing.filter((member) => !news.includes(member));
	const key = sentKey(channel, group.id);
	return {
		waiting: news.map(({ key }) => key),
		dueMs:
			news.length > 0
				? newsDue(news, route, state.sentMs.get(key))
				: repeatDue(
						old.map(({ key }) => told(key)?.atMs ?? nowMs),
						route,
					),
		notification: {
			project,
			channel,
			sentKey: key,
			route,
			group: group.labels,
			alerts: [...news.map(({ key }) => ({ key, isNew: true })), ...old.map(({ key }) => ({ key, isNew: false }))],
			isRepeat: news.length === 0,
		},
	};
}

function newsDue(news: readonly Member[], route: NotificationRoute, sentMs: number | undefined): number {
	const firstMs = Math.min(...news.map(({ alert }) => alert.receivedMs));
	return Math.max(firstMs + route.groupWaitMs, sentMs === undefined ? 0 : sentMs + route.groupIntervalMs);
}

const repeatDue = (toldMs: readonly number[], { repeatEveryMs }: NotificationRoute): number | null =>
	toldMs.length === 0 ? null : Math.max(...toldMs) + repeatEveryMs;
