import type { Transition } from '../../transition.ts';
import { alertKey } from '../alert-identity.ts';
import { UNTRIED } from '../outbox/delivery.ts';
import type { StoredDelivery } from '../outbox/delivery.ts';

/** What a test of a channel sends: it says so, and holds nothing of anybody's data. */
export function sampleDelivery(
	project: string,
	channel: string,
	state: Transition['state'],
	nowMs: number,
): StoredDelivery {
	const transition: Transition = {
		firingId: 'test',
		project,
		rule: 'test-of-the-channel',
		kind: 'Alert',
		severity: 'ticket',
		group: {},
		labels: {},
		annotations: { summary: 'If you can read this, the channel works. {{service}} p95 was {{value}}.' },
		notify: [],
		state,
		reason: state === 'resolved' ? 'recovered' : null,
		sequence: nowMs,
		value: 912_000_000,
		threshold: 800_000_000,
		unit: 'nanoseconds',
		measure: 'p95',
		startedMs: nowMs - 60_000,
		endedMs: state === 'resolved' ? nowMs : null,
		query: '',
		services: ['example/checkout'],
		title: `Test of the channel ${channel}: nothing is wrong`,
		evidence: null,
		budgetLeftRatio: null,
		window: { fromMs: nowMs - 3_600_000, toMs: nowMs },
	};
	return {
		id: 0,
		key: `${alertKey(transition)}/${nowMs}`,
		project,
		channel,
		alerts: [{ transition, isNew: true }],
		omitted: 0,
		firingIds: [transition.firingId],
		covers: {},
		group: {},
		isRepeat: false,
		validUntilMs: nowMs + 60_000,
		createdMs: nowMs,
		bytes: 0,
		nextMs: nowMs,
		...UNTRIED,
	};
}
