import type { Transition } from '../../transition.ts';
import { alertKey, channelKey } from '../alert-identity.ts';
import type { Told } from '../route/notify-state.ts';
import type { PlannedNotification } from '../route/plan.ts';
import { MOST_ALERTS, UNTRIED } from './delivery.ts';
import type { StoredDelivery } from './delivery.ts';
import type { OutboxEntry, OutboxState } from './outbox-state.ts';

type Planned = Extract<OutboxEntry, { type: 'planned' }>;
interface PlannedAlert {
	transition: Transition;
	isNew: boolean;
}

/**
 * What is written down of a notification before the first attempt to send it, in one entry: what the channel counts as told of,
 * and the deliveries. `isPerAlert`: the channel takes one alert at a time, and has no use for what it was told before.
 */
export function makeDeliveries(
	state: OutboxState,
	planned: PlannedNotification,
	{ isPerAlert, nowMs }: { isPerAlert: boolean; nowMs: number },
): Planned {
	const channel = channelKey(planned.project, planned.channel);
	const alerts = planned.alerts.flatMap(({ key, isNew }): PlannedAlert[] => {
		const alert = state.notify.alerts.get(key);
		return alert === undefined ? [] : [{ transition: alert.transition, isNew }];
	});
	const told = alerts.map(({ transition, isNew }): [string, string, Told] => {
		const key = alertKey(transition);
		const before = isNew ? 0 : (state.notify.toldOf(channel, key)?.repeats ?? 0);
		const repeats = before + (planned.isRepeat ? 1 : 0);
		return [channel, key, { sequence: transition.sequence, state: transition.state, atMs: nowMs, repeats }];
	});
	const repeats = new Map(told.map(([, key, one]) => [key, planned.isRepeat ? one.repeats : 0]));
	const relevant = isPerAlert && !planned.isRepeat ? alerts.filter(({ isNew }) => isNew) : alerts;
	const parts = isPerAlert ? relevant.map((alert) => [alert]) : [relevant];
	if (planned.isRepeat && isUntold(state, planned, alerts))
		return { type: 'planned', atMs: nowMs, sentKey: planned.sentKey, told, deliveries: [] };
	const deliveries = parts.map((part, index) => delivery(planned, part, { id: state.nextId + index, repeats, nowMs }));
	return { type: 'planned', atMs: nowMs, sentKey: planned.sentKey, told, deliveries };
}

/** What still waits to be said is not said again. */
function isUntold(
	state: OutboxState,
	{ project, channel }: PlannedNotification,
	alerts: readonly PlannedAlert[],
): boolean {
	const waiting = state.waiting().filter((one) => one.project === project && one.channel === channel);
	return alerts.some(({ transition }) => waiting.some(({ covers }) => Object.hasOwn(covers, alertKey(transition))));
}

function delivery(
	planned: PlannedNotification,
	alerts: readonly PlannedAlert[],
	{ id, repeats, nowMs }: { id: number; repeats: ReadonlyMap<string, number>; nowMs: number },
): StoredDelivery {
	const listed = alerts.slice(0, MOST_ALERTS);
	const newest = newestOf(alerts);
	const made: StoredDelivery = {
		id,
		key: newest === undefined ? '' : keyOf(newest, repeats.get(alertKey(newest)) ?? 0),
		project: planned.project,
		channel: planned.channel,
		alerts: listed,
		omitted: alerts.length - listed.length,
		firingIds: [...new Set(listed.map(({ transition }) => transition.firingId))],
		covers: Object.fromEntries(listed.map(({ transition }) => [alertKey(transition), transition.sequence])),
		group: planned.group,
		isRepeat: planned.isRepeat,
		validUntilMs: nowMs + 2 * planned.route.repeatEveryMs,
		createdMs: nowMs,
		bytes: 0,
		nextMs: nowMs,
		...UNTRIED,
	};
	return { ...made, bytes: JSON.stringify(made).length };
}

/**
 * A notification is known by the newest of what it says. Whoever was told that was told the older ones of the group, too, so a
 * collector that takes over and says all at once says nothing that a receiver could take for a repetition and has not heard.
 */
function newestOf(alerts: readonly PlannedAlert[]): Transition | undefined {
	const news = alerts.filter(({ isNew }) => isNew);
	let newest: Transition | undefined;
	for (const { transition } of news.length === 0 ? alerts : news) {
		if (newest === undefined || momentOf(transition) > momentOf(newest)) newest = transition;
	}
	return newest;
}

const momentOf = ({ startedMs, endedMs }: Transition): number => endedMs ?? startedMs;

const keyOf = (newest: Transition, repeats: number): string =>
	`${alertKey(newest)}/${newest.sequence}${repeats === 0 ? '' : `/${repeats}`}`;
