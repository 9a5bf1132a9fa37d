import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerOptions } from 'smtp-server';
import { afterEach, expect, test } from 'vitest';
import { addressRanges } from './address-policy.ts';
import { OutboundError } from './outbound-error.ts';
import { smtpClient } from './smtp-client.ts';
import type { Mail } from './smtp-client.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0)) await close();
});

interface Received {
	text: string;
	from: string;
	to: string[];
	user: string | undefined;
	secure: boolean;
}

async function mailServer(options: SMTPServerOptions): Promise<{ port: number; received: Received[] }> {
	const received: Received[] = [];
	const server = new SMTPServer({
		authOptional: true,
		logger: false,
		onAuth: ({ username, password }, _, callback) =>
			password === 'p@ss:word'
				? callback(null, { user: username })
				: callback(new Error('Invalid username or password')),
		onData: (stream, { envelope, user, secure }, callback) => {
			const chunks: Buffer[] = [];
			stream.on('data', (chunk: Buffer) => chunks.push(chunk));
			stream.on('end', () => {
				received.push({
					text: Buffer.concat(chunks).toString(),
					from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
					to: envelope.rcptTo.map(({ address }) => address),
					user: user as string | undefined,
					secure,
				});
				callback();
			});
		},
		...options,
	});
	server.on('error', () => {});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	closing.push(() => new Promise((resolve) => server.close(() => resolve())));
	return { port: (server.server.address() as AddressInfo).port, received };
}

const mail: Mail = {
	from: 'Spanhouse <alerts@example.com>',
	to: ['one@example.com', 'two@example.com'],
	subject: 'FIRING: checkout is slow — 1.2 s',
	text: 'Plain words',
	html: '<p>Marked words</p>',
	messageId: 'abc@spanhouse',
};
const plain: SMTPServerOptions = { disabledCommands: ['STARTTLS'], allowInsecureAuth: true };
const client = (port: number, allowed = '127.0.0.1', timeoutMs = 5_000) =>
	smtpClient({
		policy: { allowed: addressRanges(allowed), ports: [], smtpPorts: [port] },
		resolve: async () => [{ address: '127.0.0.1', family: 4 }],
		timeoutMs,
	});

async function refusal(sent: Promise<unknown>): Promise<OutboundError> {
	const error: unknown = await sent.then(
		() => undefined,
		(thrown: unknown) => thrown,
	);
	expect(error).toBeInstanceOf(OutboundError);
	return error as OutboundError;
}

test('mail arrives with both parts, every recipient and its id', async () => {
	const { port, received } = await mailServer(plain);
	expect(await client(port)(`smtp://mail.example:${port}`, mail)).toEqual({ status: 250, refused: 0 });
	const [{ text, ...rest } = { text: '' }] = received;
	expect(rest).toEqual({
		from: 'alerts@example.com',
		to: ['one@example.com', 'two@example.com'],
		user: undefined,
		secure: false,
	});
	expect(text).toContain('Plain words');
	expect(text).toContain('<p>Marked words</p>');
	expect(text).toContain('Message-ID: <abc@spanhouse>');
});

test('user and password of the URL are decoded', async () => {
	const { port, received } = await mailServer(plain);
	await client(port)(`smtp://me%40example.com:p%40ss%3Aword@mail.example:${port}`, mail);
	expect(received[0]?.user).toBe('me@example.com');
});

test('what the server answers is told by its number alone', async () => {
	const { port } = await mailServer(plain);
	expect(await client(port)(`smtp://me:wrong@mail.example:${port}`, mail)).toEqual({ status: 535, refused: 0 });
	const full = await mailServer({
		...plain,
		onRcptTo: (_, __, callback) => callback(Object.assign(new Error('mailbox of secrets'), { responseCode: 452 })),
	});
	expect(await client(full.port)(`smtp://mail.example:${full.port}`, mail)).toEqual({ status: 452, refused: 0 });
});

test('recipients that are refused while others are taken are counted', async () => {
	const { port, received } = await mailServer({
		...plain,
		onRcptTo: ({ address }, _, callback) => callback(address.startsWith('two') ? new Error('unknown') : null),
	});
	expect(await client(port)(`smtp://mail.example:${port}`, mail)).toEqual({ status: 250, refused: 1 });
	expect(received[0]?.to).toEqual(['one@example.com']);
});

test('lines that are smuggled into subject and addresses begin no header', async () => {
	const { port, received } = await mailServer(plain);
	await client(port)(`smtp://mail.example:${port}`, { ...mail, subject: 'slow\r\nBcc: evil@example.com\r\n\r\nbody' });
	expect(received[0]?.to).toEqual(['one@example.com', 'two@example.com']);
	expect(received[0]?.text).not.toMatch(/^Bcc:/im);
});

test('certificates are checked, of STARTTLS too', async () => {
	for (const [scheme, options] of [
		['smtps', { secure: true }],
		['smtp', {}],
	] as const) {
		const { port, received } = await mailServer(options);
		const error = await refusal(client(port)(`${scheme}://mail.example:${port}`, mail));
		expect(error.code).toBe('NO_CONNECTION');
		expect(received).toEqual([]);
	}
});

test('addresses, names and ports that are not allowed are refused before anything is said', async () => {
	const { port, received } = await mailServer(plain);
	for (const host of ['127.0.0.1', '0x7f.1', '[::ffff:127.0.0.1]', 'mail.example', 'localhost'])
		expect((await refusal(client(port, '')(`smtp://${host}:${port}`, mail))).code).toBe('ADDRESS_REFUSED');
	expect((await refusal(client(port)('smtp://mail.example:25', mail))).message).toContain('the port is 25');
	for (const server of ['mail.example', 'https://mail.example', 'file:///etc/passwd', ''])
		expect((await refusal(client(port)(server, mail))).code).toBe('BAD_TARGET');
	expect(received).toEqual([]);
});

test('a server that says nothing, or hangs up, ends at the deadline or at once', async () => {
	for (const [behaviour, codes] of [
		['silent', ['TIMEOUT']],
		['closing', ['CLOSED_EARLY', 'NO_CONNECTION']],
	] as const) {
		const server = createServer((socket) => {
			socket.on('error', () => {});
			if (behaviour === 'closing') socket.destroy();
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as AddressInfo;
		const error = await refusal(client(port, '127.0.0.1', 400)(`smtp://mail.example:${port}`, mail));
		expect(codes).toContain(error.code);
		server.close();
	}
});
