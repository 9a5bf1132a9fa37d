import { OutboundError } from '../../../outbound/outbound-error.ts';
import type { OutboundAnswer, SendOutbound } from '../../../outbound/outbound-client.ts';
import type { MailAnswer, SendMail } from '../../../outbound/smtp-client.ts';
import type { Outcome, StoredDelivery } from '../outbox/delivery.ts';
import { channelProblem } from './channel.ts';
import type { ChannelSpec } from './channel.ts';
import { mailOf } from './mail.ts';
import { messageOf } from './message.ts';
import type { Message } from './message.ts';
import { PAGERDUTY_URL } from './pagerduty.ts';
import { requestFor } from './requests.ts';

interface ChannelSenderParts {
	/** Undefined when there is no such channel. */
	channel: (project: string, name: string) => ChannelSpec | undefined;
	send: SendOutbound;
	sendMail: SendMail;
	/** Fills in `${env:NAME}` and `${file:/path}`. */
	resolveSecrets: (text: string) => Promise<string>;
	/** Where people reach the screen, without a slash at the end. */
	publicUrl: () => string;
	clock: () => number;
}

/** Of HTTP: what is sent is what they don't take, and they never will. */
const refusals: ReadonlySet<number> = new Set([400, 413, 415, 422]);
/** Of SMTP: the mailbox, not the way there. */
const mailRefusals: ReadonlySet<number> = new Set([550, 551, 552, 553, 554]);

const failed = (error: string): Outcome => ({ state: 'retry', status: null, error, retryAfterMs: null });

/** Sends one delivery to its channel, as it is declared at this moment. Never rejects for what a target does. */
export function channelSender(parts: ChannelSenderParts): (delivery: StoredDelivery) => Promise<Outcome> {
	return async (delivery) => {
		const spec = parts.channel(delivery.project, delivery.channel);
		if (spec === undefined) return failed(`there is no channel ${delivery.channel}`);
		const problem = channelProblem(spec);
		if (problem !== null) return failed(problem);
		try {
			return await sendTo(spec, messageOf(delivery, parts.publicUrl()), parts);
		} catch (error) {
			if (error instanceof OutboundError) return failed(error.message);
			throw error;
		}
	};
}

async function sendTo(spec: ChannelSpec, message: Message, parts: ChannelSenderParts): Promise<Outcome> {
	const { send, sendMail, resolveSecrets, clock } = parts;
	const { type } = spec;
	// Open screens have heard of it already: such a channel says that nobody else is to be told.
	if (type === 'browser') return { state: 'delivered', status: null, error: null, retryAfterMs: null };
	if (type === 'email') {
		const server = await resolveSecrets(spec.smtp ?? '');
		return mailOutcome(await sendMail(server, mailOf(message, spec.from ?? '', spec.to ?? [])));
	}
	const target = {
		url: await resolveSecrets(spec.url ?? PAGERDUTY_URL),
		secret: spec.secret === undefined ? undefined : await resolveSecrets(spec.secret),
	};
	return httpOutcome(await send(requestFor(type, message, target, clock())));
}

function httpOutcome({ status, retryAfterMs }: OutboundAnswer): Outcome {
	if (status >= 200 && status < 300) return { state: 'delivered', status, error: null, retryAfterMs: null };
	const isRedirect = status >= 300 && status < 400;
	const error = `answered ${status}${isRedirect ? '; redirects are not followed' : ''}`;
	return { state: refusals.has(status) ? 'refused' : 'retry', status, error, retryAfterMs };
}

function mailOutcome({ status, refused }: MailAnswer): Outcome {
	if (status >= 200 && status < 300) {
		const error = refused === 0 ? null : `${refused} of the addresses were refused`;
		return { state: 'delivered', status, error, retryAfterMs: null };
	}
	return {
		state: mailRefusals.has(status) ? 'refused' : 'retry',
		status,
		error: `answered ${status}`,
		retryAfterMs: null,
	};
}
