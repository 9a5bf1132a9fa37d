/** Channels, deliveries, silences and heartbeats as the API shows them. Their documents are those of desired-state.ts. */
import { z } from 'zod';
import { CHANNEL_TYPES, FIRING_STATES, SEVERITIES } from './alert.ts';
import { declaredSchema, deliveriesAnswer, deliverySchema, projectRequest } from './api-alerts.ts';
import type { silenceBody } from './api-alerts.ts';
import { count, epochMs } from './api.ts';
import { documentName } from './desired-state.ts';

const attempt = {
	lastMs: epochMs.nullable().meta({ description: 'When something was last sent; null: nothing yet' }),
	lastStatus: z.number().int().nullable().meta({ description: 'Of HTTP or SMTP; never what the target answered' }),
	lastError: z.string().nullable(),
};

const channelStatus = z.object({
	name: z.string(),
	type: z.enum(CHANNEL_TYPES),
	problem: z.string().nullable().meta({ description: 'What the document lacks' }),
	failing: z.boolean().meta({ description: 'The last attempt failed' }),
	...attempt,
	waiting: count.meta({ description: 'Notifications that wait to be sent there' }),
	pausedUntilMs: epochMs.nullable().meta({ description: 'It failed so often that it is spared until then' }),
});
export type ChannelStatus = z.infer<typeof channelStatus>;

const heartbeatStatus = z.object({
	name: z.string(),
	...attempt,
	withheld: z
		.boolean()
		.meta({ description: 'Rules are not evaluated: nothing is sent, so that the other side notices' }),
});
export type HeartbeatStatus = z.infer<typeof heartbeatStatus>;

export const channelsAnswer = z.object({ channels: z.array(channelStatus), heartbeats: z.array(heartbeatStatus) });
export type ChannelsAnswer = z.infer<typeof channelsAnswer>;
export const channelPath = z.object({ name: documentName });

export const deliveriesRequest = projectRequest.extend({
	channel: z.string().optional(),
	firingId: z.string().optional(),
	state: deliverySchema.shape.state.optional(),
	limit: z.coerce.number().int().min(1).max(1_000).default(100),
});
const outboxStatus = z.object({
	waiting: count,
	waitingBytes: count,
	delivered: count.meta({ description: 'Since the data folder was made, as the next three' }),
	failed: count.meta({ description: 'Refused by a target for good' }),
	expired: count.meta({ description: 'Given up: too old, too many, or told by a newer one' }),
	dropped: count.meta({ description: 'Alerts left out because too many fired' }),
	diskProblem: z
		.string()
		.nullable()
		.meta({ description: 'Why nothing can be written down: notifications go out from memory' }),
});
export type OutboxStatus = z.infer<typeof outboxStatus>;
export const deliveriesPage = deliveriesAnswer.extend({ outbox: outboxStatus });
export type DeliveriesPage = z.infer<typeof deliveriesPage>;

const silenceStatus = declaredSchema.extend({
	activeUntilMs: epochMs
		.nullable()
		.meta({ description: 'Null: not in force now; 8640000000000000: until somebody ends it' }),
	problem: z.string().nullable().meta({ description: 'Why it silences nothing' }),
});
export type SilenceStatus = z.infer<typeof silenceStatus>;
export const silencesAnswer = z.object({ silences: z.array(silenceStatus) });
export type SilencesAnswer = z.infer<typeof silencesAnswer>;
export type SilenceBody = z.infer<typeof silenceBody>;
export const silencePath = z.object({ name: documentName });

/** One event of the stream for open screens. */
export const screenNotification = z.object({
	key: z.string(),
	firingId: z.string(),
	alert: z.string(),
	state: z.enum(FIRING_STATES),
	severity: z.enum(SEVERITIES),
	title: z.string(),
	summary: z.string(),
	services: z.array(z.string()),
	startedMs: epochMs,
});
export type ScreenNotification = z.infer<typeof screenNotification>;
