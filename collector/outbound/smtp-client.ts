import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createTransport } from 'nodemailer';
import type { SMTPTransportOptions } from 'nodemailer/lib/smtp-transport';
import { judgeAddress } from './address-policy.ts';
import type { TargetPolicy } from './address-policy.ts';
import { checkedLookup, systemResolve } from './allowed-addresses.ts';
import type { Resolve } from './allowed-addresses.ts';
import { OutboundError } from './outbound-error.ts';
import { checkHost, checkPort, hostOf } from './target-url.ts';

export interface Mail {
	from: string;
	to: readonly string[];
	subject: string;
	text: string;
	html: string;
	/** Without angle brackets: the same for a mail that is sent again. */
	messageId: string;
}

export interface MailAnswer {
	/** What the server answered, such as 250 or 550; never its words. */
	status: number;
	/** Recipients that it didn't take while it took others. */
	refused: number;
}

/** `server`: `smtps://user:password@host:465`, or `smtp://` with STARTTLS. */
export type SendMail = (server: string, mail: Mail) => Promise<MailAnswer>;

interface SmtpClientOptions {
	policy: TargetPolicy;
	resolve?: Resolve;
	/** From the name's resolution to the server's last answer. */
	timeoutMs?: number;
}

interface Server {
	host: string;
	port: number;
	isSecure: boolean;
	auth: { user: string; pass: string } | undefined;
}

const usualTimeoutMs = 15_000;
const schemes: Readonly<Record<string, { isSecure: boolean; port: number }>> = {
	'smtp:': { isSecure: false, port: 587 },
	'smtps:': { isSecure: true, port: 465 },
};

/**
 * Sends mail to servers that people configure, to allowed ports and to addresses that are checked inside the socket's lookup.
 * Without `smtps` STARTTLS is demanded, save of servers in listed networks. Rejects with OutboundError alone, unless the server
 * answered.
 */
export function smtpClient({
	policy,
	resolve = systemResolve,
	timeoutMs = usualTimeoutMs,
}: SmtpClientOptions): SendMail {
	return async (address, mail) => {
		const server = readServer(address, policy);
		const socket = connect({
			host: server.host,
			port: server.port,
			lookup: checkedLookup({ policy, resolve, isPlain: false }),
		});
		// Not handed to the socket: nodemailer would write a code of its own over it.
		let timeout: OutboundError | undefined;
		const timer = setTimeout(() => {
			timeout = new OutboundError('TIMEOUT', `no whole answer within ${timeoutMs / 1_000} s`);
			socket.destroy();
		}, timeoutMs);
		try {
			await connected(socket);
			return await Promise.race([send(socket, server, mail, policy), closedBy(socket)]);
		} catch (error) {
			return answerIn(timeout ?? error);
		} finally {
			clearTimeout(timer);
			socket.destroy();
		}
	};
}

function readServer(text: string, policy: TargetPolicy): Server {
	const url = URL.parse(text);
	const scheme = schemes[url?.protocol ?? ''];
	if (url === null || scheme === undefined)
		throw new OutboundError('BAD_TARGET', 'the mail server is not given as smtps://user:password@host:465');
	const server = { host: hostOf(url), port: Number(url.port || scheme.port), isSecure: scheme.isSecure };
	checkPort(server.port, policy.smtpPorts, 'SPANHOUSE_SMTP_PORTS');
	checkHost(server.host, policy, false);
	const auth =
		url.username === ''
			? undefined
			: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
	return { ...server, auth };
}

function connected(socket: Socket): Promise<void> {
	const done = Promise.withResolvers<void>();
	socket.once('connect', done.resolve);
	socket.on('error', done.reject);
	socket.once('close', () => done.reject(new OutboundError('CLOSED_EARLY', 'no connection')));
	return done.promise;
}

/** What ended the socket, should nodemailer not hear of it. */
function closedBy(socket: Socket): Promise<never> {
	const closed = Promise.withResolvers<never>();
	socket.once('error', closed.reject);
	socket.once('close', () => closed.reject(new OutboundError('CLOSED_EARLY', 'the mail server closed the connection')));
	closed.promise.catch(() => {});
	return closed.promise;
}

async function send(socket: Socket, server: Server, mail: Mail, policy: TargetPolicy): Promise<MailAnswer> {
	const { host, port, isSecure, auth } = server;
	const verdict = judgeAddress(socket.remoteAddress ?? '', policy);
	const isListed = verdict.refused === undefined && verdict.isListed;
	const options: SMTPTransportOptions = {
		host,
		port,
		secure: isSecure,
		requireTLS: !isSecure && !isListed,
		...(auth === undefined ? {} : { auth }),
		getSocket: (_, callback) => callback(null, { connection: socket }),
		disableFileAccess: true,
		disableUrlAccess: true,
	};
	const transport = createTransport(options);
	const { accepted, rejected } = await transport.sendMail({
		from: mail.from,
		to: [...mail.to],
		subject: mail.subject,
		text: mail.text,
		html: mail.html,
		messageId: `<${mail.messageId}>`,
	});
	if (accepted.length === 0) throw new OutboundError('NO_CONNECTION', 'the mail server took no recipient');
	return { status: 250, refused: rejected.length };
}

/** Words of the server may repeat what was sent to it, and those of Node name addresses: codes say enough. */
function answerIn(error: unknown): MailAnswer {
	if (error instanceof OutboundError) throw error;
	const { responseCode, code } = error as { responseCode?: number; code?: string };
	if (responseCode !== undefined && responseCode >= 400) return { status: responseCode, refused: 0 };
	throw new OutboundError('NO_CONNECTION', `no connection, or none that can be trusted (${code ?? 'unknown'})`);
}
