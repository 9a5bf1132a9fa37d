import type {
	ChannelStatus,
	ChannelsAnswer,
	HeartbeatStatus,
	OutboxStatus,
	SilenceStatus,
} from '../../../schema/api-notify.ts';
import { channelProblem } from './channel/channel.ts';
import { activeUntilMs, heartbeatKey } from './declarations.ts';
import type { NotifySources } from './open-notify.ts';
import type { FiringDetail } from '../../../schema/api-alerts.ts';
import type { StoredDelivery } from './outbox/delivery.ts';

type Timeline = FiringDetail['timeline'];

/** How channels and heartbeats of a project are doing. */
export function channelsStatus(sources: NotifySources, project: string): ChannelsAnswer {
	const own = [...sources.outbox.state.deliveries.values()].filter((delivery) => delivery.project === project);
	const byChannel = Map.groupBy(own, ({ channel }) => channel);
	const channels = sources.declarations.channels(project).map(({ document }): ChannelStatus => {
		const { name } = document.metadata;
		const deliveries = byChannel.get(name) ?? [];
		const breaker = sources.sender.breakerOf(project, name);
		const isPaused = breaker !== undefined && breaker.pausedUntilMs > sources.clock();
		return {
			name,
			type: document.spec.type,
			problem: channelProblem(document.spec),
			...lastAttempt(deliveries),
			waiting: deliveries.filter(({ state }) => state === 'waiting').length,
			pausedUntilMs: isPaused ? breaker.pausedUntilMs : null,
		};
	});
	return { channels, heartbeats: heartbeatsStatus(sources, project) };
}

function lastAttempt(
	deliveries: readonly StoredDelivery[],
): Pick<ChannelStatus, 'failing' | 'lastMs' | 'lastStatus' | 'lastError'> {
	let last: StoredDelivery | undefined;
	for (const delivery of deliveries)
		if (delivery.attemptedMs !== null && delivery.attemptedMs >= (last?.attemptedMs ?? 0)) last = delivery;
	if (last === undefined) return { failing: false, lastMs: null, lastStatus: null, lastError: null };
	const { attemptedMs: lastMs, lastStatus, lastError, state } = last;
	return { failing: state !== 'delivered', lastMs, lastStatus, lastError };
}

function heartbeatsStatus({ documents, heartbeats }: NotifySources, project: string): HeartbeatStatus[] {
	const nothingYet = { lastMs: null, lastStatus: null, lastError: null, withheld: false };
	return documents.list(project, 'Heartbeat').map(({ document: { metadata } }) => ({
		name: metadata.name,
		...(heartbeats.statusOf(heartbeatKey(project, metadata.name)) ?? nothingYet),
	}));
}

/** Whom a firing was told to, and where that failed, for its timeline; as far back as deliveries are kept. */
export function deliveryEvents({ outbox }: Pick<NotifySources, 'outbox'>, project: string, firingId: string): Timeline {
	return [...outbox.state.deliveries.values()]
		.filter((delivery) => delivery.project === project && delivery.firingIds.includes(firingId))
		.flatMap(({ state, channel, attempts, attemptedMs, lastStatus, lastError }): Timeline => {
			if (attemptedMs === null) return [];
			const times = attempts === 1 ? '' : `, attempt ${attempts}`;
			const answer = lastError ?? (lastStatus === null ? 'told' : `answered ${lastStatus}`);
			const kind = state === 'delivered' ? 'notified' : 'failed';
			return [{ tMs: attemptedMs, kind, text: `${channel}: ${answer}${times}` }];
		});
}

export function outboxStatus({ outbox }: NotifySources): OutboxStatus {
	const { delivered, failed, expired, dropped } = outbox.state.counts;
	return {
		waiting: outbox.state.waiting().length,
		waitingBytes: outbox.state.waitingBytes,
		delivered,
		failed,
		expired,
		dropped,
		diskProblem: outbox.diskProblem,
	};
}

/** For who may not know what other projects send: whether it goes out at all. */
export const nothingSent = ({ outbox }: NotifySources): OutboxStatus => ({
	waiting: 0,
	waitingBytes: 0,
	delivered: 0,
	failed: 0,
	expired: 0,
	dropped: 0,
	diskProblem: outbox.diskProblem,
});

/** Those in force first, then by name. */
export function silencesStatus({ declarations, clock }: NotifySources, project: string): SilenceStatus[] {
	const nowMs = clock();
	return declarations
		.silences(project)
		.map((one) => {
			const { document, version, author, changedMs, owner } = one.declared;
			const activeUntil = activeUntilMs(one, nowMs);
			return { document, version, author, changedMs, owner, activeUntilMs: activeUntil, problem: one.problem };
		})
		.sort((a, b) => Number(b.activeUntilMs !== null) - Number(a.activeUntilMs !== null));
}
