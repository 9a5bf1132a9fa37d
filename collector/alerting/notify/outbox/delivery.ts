import type { Delivery } from '../../../../schema/api-alerts.ts';
import type { Transition } from '../../transition.ts';

/** What waits on the disk until a channel took it. */
export interface StoredDelivery {
	/** Grows by one from delivery to delivery. */
	id: number;
	/**
	 * `<rule>/<group fingerprint>/<transition sequence>`, and `/<repeat>` behind it of what is said again: the same however
	 * often it is sent, so that a receiver can tell a repetition.
	 */
	key: string;
	project: string;
	channel: string;
	/** What is new first. Empty once it is settled. */
	alerts: DeliveredAlert[];
	/** So many more belong to it than are listed. */
	omitted: number;
	/** Of the alerts that are listed, the first one first. */
	firingIds: string[];
	/** Keys and sequences of the alerts that are listed, to know what is told by a newer one. */
	covers: Record<string, number>;
	/** Values by which its route groups. */
	group: Record<string, string>;
	isRepeat: boolean;
	/** Until when a receiver that forgets may believe what is said. */
	validUntilMs: number;
	createdMs: number;
	bytes: number;
	state: Delivery['state'];
	attempts: number;
	/** The last time; null before the first. */
	attemptedMs: number | null;
	/** When it is tried again; null once it is settled. */
	nextMs: number | null;
	lastStatus: number | null;
	lastError: string | null;
}

export interface DeliveredAlert {
	transition: Transition;
	isNew: boolean;
}

/** How an attempt ended. */
export interface Outcome {
	state: 'delivered' | 'retry' | 'refused';
	status: number | null;
	error: string | null;
	/** What the target asked to wait. */
	retryAfterMs: number | null;
}

/** As long as it has not been tried. */
export const UNTRIED = {
	state: 'waiting',
	attempts: 0,
	attemptedMs: null,
	lastStatus: null,
	lastError: null,
} as const satisfies Partial<StoredDelivery>;

/** More are counted, not listed. */
export const MOST_ALERTS = 50;

const firstDelayMs = 5_000;
const longestDelayMs = 86_400_000;

/** Doubles from 5 s to a day, less up to half of it by chance. `random`: from 0 to 1. */
export function backOffMs(attempts: number, random: number): number {
	const full = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempts - 1, 20));
	return Math.round(full * (1 - random / 2));
}

/** As the API shows it. */
export const toDelivery = (delivery: StoredDelivery): Delivery => ({
	key: delivery.key,
	channel: delivery.channel,
	firingId: delivery.firingIds[0] ?? '',
	state: delivery.state,
	attempts: delivery.attempts,
	lastStatus: delivery.lastStatus,
	lastError: delivery.lastError,
	nextMs: delivery.nextMs,
	createdMs: delivery.createdMs,
});
