import { randomBytes } from 'node:crypto';
import { channelTestAnswer, declaredSchema, projectRequest, silenceBody } from '../../schema/api-alerts.ts';
import type { Declared } from '../../schema/api-alerts.ts';
import {
	channelPath,
	channelsAnswer,
	deliveriesPage,
	deliveriesRequest,
	silencePath,
	silencesAnswer,
} from '../../schema/api-notify.ts';
import type { ChannelsAnswer, DeliveriesPage, SilenceBody, SilencesAnswer } from '../../schema/api-notify.ts';
import { deletedAnswer } from '../../schema/api-views.ts';
import type { DeletedAnswer } from '../../schema/api-views.ts';
import { API_VERSION } from '../../schema/alert.ts';
import { isPerAlert } from '../alerting/notify/channel/channel.ts';
import { sampleDelivery } from '../alerting/notify/channel/sample.ts';
import { channelsStatus, nothingSent, outboxStatus, silencesStatus } from '../alerting/notify/notify-status.ts';
import type { NotifySources } from '../alerting/notify/open-notify.ts';
import { toDelivery } from '../alerting/notify/outbox/delivery.ts';
import type { DeclaredDocument } from '../desired/documents.ts';
import { isLimited } from '../access/principal.ts';
import { ProblemError } from '../problem.ts';
import { notificationRoutes } from './notifications.ts';
import { parsePath, route } from './route.ts';
import type { Route } from './route.ts';
import { authorOf, readScope } from './scope.ts';

/** Channels and what is sent to them, silences, and the stream for open screens. */
export const notifyRoutes = (sources: NotifySources): Route[] => [
	...channelRoutes(sources),
	...silenceRoutes(sources),
	...notificationRoutes(sources),
];

const mostTests = 4;

function channelRoutes(sources: NotifySources): Route[] {
	let testing = 0;
	return [
		route({
			path: '/channels',
			role: 'viewer',
			summary: 'Channels and heartbeats, and how the last attempt to send there ended',
			query: projectRequest,
			answer: channelsAnswer,
			handle: async (c, query) => c.json<ChannelsAnswer>(channelsStatus(sources, readScope(c, query).project)),
		}),
		route({
			method: 'post',
			path: '/channels/{name}/test',
			role: 'admin',
			summary: 'Send a test there now. Says what the target answered by its status alone',
			query: projectRequest,
			answer: channelTestAnswer,
			handle: async (c, query) => {
				const { project } = readScope(c, query);
				const { name } = parsePath(channelPath, c);
				if (testing >= mostTests)
					throw new ProblemError(503, 'TESTS_BUSY', `${testing} tests run already`, { retryAfterMs: 5_000 });
				testing += 1;
				try {
					return c.json(await testChannel(sources, project, name));
				} finally {
					testing -= 1;
				}
			},
		}),
		route({
			path: '/deliveries',
			role: 'viewer',
			summary: 'Notifications that were sent or wait, newest first, and how the outbox is doing',
			query: deliveriesRequest,
			answer: deliveriesPage,
			handle: async (c, query) => {
				const { project } = readScope(c, query);
				const deliveries = [...sources.outbox.state.deliveries.values()]
					.filter(
						(delivery) =>
							delivery.project === project &&
							(query.channel === undefined || delivery.channel === query.channel) &&
							(query.state === undefined || delivery.state === query.state) &&
							(query.firingId === undefined || delivery.firingIds.includes(query.firingId)),
					)
					.reverse()
					.slice(0, query.limit)
					.map(toDelivery);
				return c.json<DeliveriesPage>({
					deliveries,
					outbox: isLimited(c) ? nothingSent(sources) : outboxStatus(sources),
				});
			},
		}),
	];
}

async function testChannel({ declarations, deliver, clock }: NotifySources, project: string, name: string) {
	const spec = declarations.channel(project, name);
	if (spec === undefined) throw new ProblemError(404, 'NO_SUCH_CHANNEL', `there is no channel ${JSON.stringify(name)}`);
	const nowMs = clock();
	const outcome = await deliver(sampleDelivery(project, name, 'firing', nowMs));
	// An incident that a test opened isn't left open.
	if (isPerAlert(spec) && outcome.state === 'delivered')
		await deliver(sampleDelivery(project, name, 'resolved', nowMs));
	return { ok: outcome.state === 'delivered', status: outcome.status, error: outcome.error };
}

function silenceRoutes(sources: NotifySources): Route[] {
	const { documents, clock } = sources;
	return [
		route({
			path: '/silences',
			role: 'viewer',
			summary: 'Silences and maintenance windows, those in force first',
			query: projectRequest,
			answer: silencesAnswer,
			handle: async (c, query) =>
				c.json<SilencesAnswer>({ silences: silencesStatus(sources, readScope(c, query).project) }),
		}),
		route({
			method: 'post',
			path: '/silences',
			role: 'editor',
			summary: 'Hold back notifications of what matches, from now on for so long. What fires still shows',
			query: projectRequest,
			body: silenceBody,
			answer: declaredSchema,
			handle: async (c, query, body: SilenceBody) => {
				const { project } = readScope(c, query);
				if (Object.keys(body.match).length === 0)
					throw new ProblemError(400, 'BAD_SILENCE', 'match names no label; to silence everything say {"alert": "*"}');
				const author = authorOf(c);
				await removeOld(sources, project, author);
				const document = silenceDocument(body, clock());
				const declared = await documents.put(project, document, { author, expected: 0 });
				return c.json<Declared>(toDeclared(declared));
			},
		}),
		route({
			method: 'delete',
			path: '/silences/{name}',
			role: 'editor',
			summary: 'End a silence: what still fires is told',
			query: projectRequest,
			answer: deletedAnswer,
			handle: async (c, query) => {
				const { project } = readScope(c, query);
				const { name } = parsePath(silencePath, c);
				const version = await documents.delete(project, 'Silence', name, { author: authorOf(c) });
				if (version === undefined)
					throw new ProblemError(404, 'NO_SUCH_SILENCE', `there is no silence ${JSON.stringify(name)}`);
				return c.json<DeletedAnswer>({ version });
			},
		}),
	];
}

function silenceDocument({ match, forMs, reason }: SilenceBody, nowMs: number) {
	const from = new Date(nowMs).toISOString();
	const name = `silence-${from.slice(0, 16).replaceAll(/\D/g, '')}-${randomBytes(3).toString('hex')}`;
	return {
		apiVersion: API_VERSION,
		kind: 'Silence',
		metadata: { name, labels: {}, annotations: {} },
		spec: { match, from, until: new Date(nowMs + forMs).toISOString(), timeZone: 'UTC', reason },
	} as const;
}

const keptMs = 7 * 86_400_000;
const mostRemoved = 20;

/** Those that were made here and ended a week ago; the audit log still has them. */
async function removeOld(
	{ declarations, documents, clock }: NotifySources,
	project: string,
	author: string,
): Promise<void> {
	const old = declarations
		.silences(project)
		.filter(
			({ silence, declared }) =>
				declared.owner.source === null && silence !== undefined && silence.untilMs + keptMs < clock(),
		)
		.slice(0, mostRemoved);
	for (const { declared } of old)
		await documents.delete(project, 'Silence', declared.document.metadata.name, { author });
}

const toDeclared = ({ document, version, author, changedMs, owner }: DeclaredDocument): Declared => ({
	document,
	version,
	author,
	changedMs,
	owner,
});
