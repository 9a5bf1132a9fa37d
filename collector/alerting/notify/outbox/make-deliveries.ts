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
	const told = alerts.map(({ transition }): [string, string, Told] => {
		const key = alertKey(transition);
		const repeats = planned.isRepeat ? (state.notify.toldOf(channel, key)?.repeats ?? 0) + 1 : 0;
		return [channel, key, { sequence: transition.sequence, state: transition.state, atMs: nowMs, repeats }];
	});
	const repeats = told[0]?.[2].repeats ?? 0;
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
	{ id, repeats, nowMs }: { id: number; repeats: number; nowMs: number },
): StoredDelivery {
	const listed = alerts.slice(0, MOST_ALERTS);
	const lead = listed[0]?.transition;
	const made: StoredDelivery = {
		id,
		key: lead === undefined ? '' : keyOf(lead, repeats),
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

const keyOf = (lead: Transition, repeats: number): string =>
	`${alertKey(lead)}/${lead.sequence}${repeats === 0 ? '' : `/${repeats}`}`;
