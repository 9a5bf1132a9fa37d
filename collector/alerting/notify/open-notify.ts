import { join } from 'node:path';
import type { Config } from '../../config.ts';
import type { Documents } from '../../desired/documents.ts';
import type { Log } from '../../log.ts';
import type { SelfMetrics } from '../../self-metrics.ts';
import { outboundClient } from '../../outbound/outbound-client.ts';
import { resolveSecrets } from '../../outbound/secret-reference.ts';
import type { SecretSources } from '../../outbound/secret-reference.ts';
import { smtpClient } from '../../outbound/smtp-client.ts';
import { nodeDisk } from '../../spool/disk.ts';
import type { SpoolDisk } from '../../spool/disk.ts';
import type { Transition } from '../transition.ts';
import { alertLabels } from './alert-labels.ts';
import { channelSender } from './channel/channel-sender.ts';
import { isPerAlert } from './channel/channel.ts';
import { Declarations } from './declarations.ts';
import { Heartbeats } from './heartbeats.ts';
import { registerNotifyMetrics } from './notify-metrics.ts';
import type { OutboxCrashHook } from './outbox/crash-point.ts';
import type { Outcome, StoredDelivery } from './outbox/delivery.ts';
import { Outbox } from './outbox/outbox.ts';
import { Planner } from './outbox/planner.ts';
import type { PlannerParts } from './outbox/planner.ts';
import { Sender } from './outbox/sender.ts';
import { screenNotification } from './screen-notification.ts';
import { Screens } from './screens.ts';

export interface NotifyParts {
	config: Pick<Config, 'allowedTargets' | 'targetPorts' | 'smtpPorts' | 'publicUrl'>;
	/** Read when something is sent. */
	secrets: SecretSources;
	dataFolder: string;
	documents: Documents;
	/** Projects in which something is declared. */
	projects: () => readonly string[];
	/** Where the screen listens: for links, unless a public URL is set. */
	screenUrl: () => string;
	/** Whether rules are being evaluated: heartbeats are sent only then. */
	isCurrent: () => boolean;
	/** Whether it is here that people are told of what fires; true unless said. */
	isTeller?: () => boolean;
	clock: () => number;
	metrics: Pick<SelfMetrics, 'registry'>;
	log: Log;
	/** For tests. */
	disk?: SpoolDisk;
	crash?: OutboxCrashHook;
	random?: () => number;
}

export interface Notify {
	/**
	 * Takes what the evaluator says; the same one may come again. Resolves when it can't be lost any more, and rejects while the
	 * disk takes nothing: people are told all the same, and it may be published again.
	 */
	publish: (transition: Transition) => Promise<void>;
	/** As `publish`, of what another collector may have told already. Its end is told, too, though nobody was told here that it fired. */
	takeOver: (transition: Transition) => Promise<void>;
	/** Unix milliseconds until when what fires is held back; null where it isn't. */
	silencedUntilMs: (transition: Transition) => number | null;
	/** Gives up what waits to be told of a project that was dropped, and what screens could still be told. */
	forgetProject: (project: string) => Promise<void>;
	/** For the API. */
	sources: NotifySources;
	/** Lets attempts under way end; what waits stays on the disk. */
	close(): Promise<void>;
}

/** What the API shows and does. */
export interface NotifySources {
	documents: Documents;
	declarations: Declarations;
	outbox: Outbox;
	sender: Sender;
	screens: Screens;
	heartbeats: Heartbeats;
	/** Sends at once, without the outbox. */
	deliver: (delivery: StoredDelivery) => Promise<Outcome>;
	clock: () => number;
}

/** Builds everything between a transition and somebody's phone, and starts it: what waited on the disk goes on. */
export async function openNotify(parts: NotifyParts): Promise<Notify> {
	const { documents, clock, log, disk = nodeDisk, crash = async () => {}, random = Math.random } = parts;
	const declarations = new Declarations({ documents, projects: parts.projects, log });
	const screens = new Screens(clock);
	const outbox = await Outbox.open({ disk, folder: join(parts.dataFolder, 'outbox'), clock, log, crash, random });
	registerNotifyMetrics(parts.metrics.registry, outbox);
	const { send, deliver, resolve: resolveSecrets } = outgoing(parts, declarations);
	const sender = new Sender({ outbox, deliver, clock, crash, log });
	const silencedUntilMs = (transition: Transition): number | null =>
		declarations.silencedUntil(transition.project, alertLabels(transition), clock());
	const planner = new Planner({
		outbox,
		...planRules(declarations, clock),
		...(parts.isTeller === undefined ? {} : { isTeller: parts.isTeller }),
		clock,
		log,
		onPlanned: () => sender.wake(),
	});
	const { isCurrent } = parts;
	const declared = () => declarations.heartbeats();
	const heartbeats = new Heartbeats({ declared, isCurrent, send, resolveSecrets, clock });
	const stopListening = documents.onChange(({ project, kind, name }) => {
		declarations.changed(project);
		if (kind === 'Channel') sender.hurry(project, name);
		planner.wake();
	});
	planner.wake();
	sender.wake();
	heartbeats.start();
	const take = async (transition: Transition, isTakenOver: boolean): Promise<void> => {
		const { isNews, isDurable } = await outbox.accept(transition, isTakenOver);
		const isOver = isTakenOver && transition.state === 'resolved';
		if (isNews && !isOver && silencedUntilMs(transition) === null)
			screens.publish(transition.project, screenNotification(transition));
		planner.wake();
		sender.wake();
		if (!isDurable) throw new Error(`the outbox can not be written: ${outbox.diskProblem ?? 'unknown'}`);
	};
	return {
		publish: (transition) => take(transition, false),
		takeOver: (transition) => take(transition, true),
		silencedUntilMs,
		forgetProject: async (project) => {
			screens.forgetProject(project);
			await outbox.forgetProject(project);
		},
		sources: { documents, declarations, outbox, sender, screens, heartbeats, deliver, clock },
		close: async () => {
			stopListening();
			heartbeats.close();
			await screens.close();
			await planner.close();
			await sender.close();
			await outbox.close();
		},
	};
}

const planRules = (declarations: Declarations, clock: () => number): Pick<PlannerParts, 'rules' | 'isPerAlert'> => ({
	rules: {
		routes: (project) => declarations.routes(project),
		silencedUntil: ({ project }, labels) => declarations.silencedUntil(project, labels, clock()),
		sendsResolved: (project, channel) => declarations.channel(project, channel)?.sendResolved ?? true,
	},
	isPerAlert: (project, channel) => {
		const spec = declarations.channel(project, channel);
		return spec !== undefined && isPerAlert(spec);
	},
});

function outgoing({ config, secrets, screenUrl, clock }: NotifyParts, declarations: Declarations) {
	const { allowedTargets: allowed, targetPorts: ports, smtpPorts, publicUrl } = config;
	const policy = { allowed, ports, smtpPorts };
	const send = outboundClient({ policy });
	const resolve = (text: string) => resolveSecrets(text, secrets);
	const deliver = channelSender({
		channel: (project, name) => declarations.channel(project, name),
		send,
		sendMail: smtpClient({ policy }),
		resolveSecrets: resolve,
		publicUrl: () => (publicUrl === '' ? screenUrl() : publicUrl),
		clock,
	});
	return { send, deliver, resolve };
}
