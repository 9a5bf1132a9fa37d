import { createHmac } from 'node:crypto';
import { SMTPServer } from 'smtp-server';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { notificationBody } from '../../../schema/notification.ts';
import { NotifyWorld } from '../../../test/support/notify-world.ts';
import { Receiver } from '../../../test/support/receiver.ts';
import { firing, resolved } from '../../../test/support/transitions.ts';
import type { Notify } from './open-notify.ts';

let world: NotifyWorld;
let receiver: Receiver;
let open: Notify[] = [];

beforeEach(async () => {
	world = await NotifyWorld.create();
	receiver = await new Receiver().start();
});
afterEach(async () => {
	for (const notify of open.splice(0)) await notify.close();
	await receiver.kill();
	await world.close();
});

const quick = { notify: ['hook'], groupWait: '10ms', groupInterval: '10ms', groupBy: ['alert'] };

async function start(
	ports: number[] = [receiver.port],
	more: Parameters<NotifyWorld['open']>[1] = {},
): Promise<Notify> {
	const notify = await world.open(ports, more);
	open.push(notify);
	return notify;
}

async function withHook(url = `${receiver.url}/hook`, more: object = {}): Promise<Notify> {
	await world.declare('Channel', 'hook', { type: 'webhook', url, ...more });
	await world.declare('Route', 'all', quick);
	return start();
}

const delivery = ({ sources }: Notify) => [...sources.outbox.state.deliveries.values()][0];
const keys = (): unknown[] => receiver.received.map(({ headers }) => headers['idempotency-key']);
const arrive = (count: number): Promise<void> =>
	vi.waitFor(() => expect(receiver.received.length).toBeGreaterThanOrEqual(count), { timeout: 20_000 });

test('a webhook gets its documented body, its key, and a signature over both', async () => {
	const notify = await withHook(undefined, { secret: '${env:HOOK_SECRET}' });
	await notify.publish(firing());
	await arrive(1);
	const [{ method, path, headers, body } = { method: '', path: '', headers: {}, body: '' }] = receiver.received;
	expect([method, path, headers['content-type']]).toEqual(['POST', '/hook', 'application/json']);
	const parsed = notificationBody.strict().parse(JSON.parse(body));
	expect(parsed).toMatchObject({ version: 1, state: 'firing', severity: 'page', repeat: false, omitted: 0 });
	expect(parsed.alerts[0]).toMatchObject({
		rule: 'checkout-is-slow',
		summary: 'shop/checkout p95 is 912 ms',
		links: [
			{ name: 'Open', url: 'https://spanhouse.example/firings/f1?from=1795866900000&to=1795867200000' },
			{ name: 'Runbook', url: 'https://runbooks.example/checkout' },
		],
	});
	expect(parsed.key).toMatch(/^checkout-is-slow\/[0-9a-f]{16}\/1$/);
	expect([headers['idempotency-key'], headers['webhook-id']]).toEqual([parsed.key, parsed.key]);
	const signed = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
	const expected = createHmac('sha256', Buffer.from('c2VjcmV0IG9mIHRoZSB0ZXN0', 'base64'))
		.update(signed)
		.digest('base64');
	expect(headers['webhook-signature']).toBe(`v1,${expected}`);
	await notify.publish(resolved());
	await arrive(2);
	expect(notificationBody.parse(JSON.parse(receiver.received[1]?.body ?? '')).state).toBe('resolved');
});

describe('a receiver that', () => {
	test.each([
		['answers 500', 500, {}],
		['answers 503', 503, {}],
		['answers 429 with Retry-After', 429, { 'retry-after': '1' }],
		['redirects', 307, { location: '/elsewhere' }],
		['answers 404', 404, {}],
	])('%s is asked again with exactly the same key and body', async (_, status, headers) => {
		const notify = await withHook();
		receiver.answer = (response) => void response.writeHead(status, headers).end('secret answer');
		await notify.publish(firing());
		await arrive(1);
		await vi.waitFor(() => expect(delivery(notify)?.lastStatus).toBe(status));
		expect(delivery(notify)?.lastError).not.toContain('secret');
		receiver.answer = (response) => void response.end();
		await arrive(2);
		await vi.waitFor(() => expect(delivery(notify)?.state).toBe('delivered'));
		expect(new Set(keys()).size).toBe(1);
		expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body);
		expect(receiver.received.every(({ path }) => path === '/hook')).toBe(true);
	});

	test('answers 400 is not asked again', async () => {
		const notify = await withHook();
		receiver.answer = (response) => void response.writeHead(400).end();
		await notify.publish(firing());
		await vi.waitFor(() => expect(delivery(notify)?.state).toBe('failed'));
		expect(notify.sources.outbox.state.counts.failed).toBe(1);
	});

	test('hangs up in the middle of its answer, or says nothing, is asked again with the same key', async () => {
		const notify = await withHook();
		receiver.answer = (response, socket) => {
			response.writeHead(200, { 'content-length': '100' });
			response.write('half', () => socket.destroy());
		};
		await notify.publish(firing());
		await arrive(1);
		await vi.waitFor(() => expect(delivery(notify)?.attempts).toBe(1));
		expect(delivery(notify)?.lastError).toBe('the target closed the connection before the end of its answer');
		receiver.answer = () => {};
		await arrive(2);
		await vi.waitFor(() => expect(delivery(notify)?.lastError).toBe('no whole answer within 5 s'), { timeout: 20_000 });
		receiver.answer = (response) => void response.end();
		await arrive(3);
		expect(new Set(keys()).size).toBe(1);
	});

	test('is killed is told when it is back', async () => {
		const notify = await withHook();
		await receiver.kill();
		await notify.publish(firing());
		await vi.waitFor(() => expect(delivery(notify)?.lastError).toContain('ECONNREFUSED'));
		expect(delivery(notify)?.lastError).not.toContain('127.0.0.1');
		await receiver.start();
		await arrive(1);
		await vi.waitFor(() => expect(delivery(notify)?.state).toBe('delivered'));
	});
});

test('a channel that is put right is tried at once', async () => {
	const notify = await withHook('${env:MISSING}');
	await notify.publish(firing());
	await vi.waitFor(() => expect(delivery(notify)?.lastError).toBe('${env:MISSING} is not set'));
	await world.declare('Channel', 'hook', { type: 'webhook', url: `${receiver.url}/hook` });
	await arrive(1);
});

test('mail goes to a real server, with the same id when it is sent again', async () => {
	const mails: string[] = [];
	let refuse = true;
	const smtp = new SMTPServer({
		authOptional: true,
		disabledCommands: ['STARTTLS'],
		logger: false,
		onData: (stream, _, callback) => {
			const chunks: Buffer[] = [];
			stream.on('data', (chunk: Buffer) => chunks.push(chunk));
			stream.on('end', () => {
				mails.push(Buffer.concat(chunks).toString());
				callback(refuse ? Object.assign(new Error('later'), { responseCode: 451 }) : null);
				refuse = false;
			});
		},
	});
	await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
	const { port } = smtp.server.address() as AddressInfo;
	await world.declare('Channel', 'hook', {
		type: 'email',
		smtp: `smtp://127.0.0.1:${port}`,
		from: 'Spanhouse <alerts@example.com>',
		to: ['oncall@example.com'],
	});
	await world.declare('Route', 'all', quick);
	const notify = await start([port]);
	await notify.publish(firing({ title: 'slow\r\nBcc: evil@example.com' }));
	await vi.waitFor(() => expect(delivery(notify)?.state).toBe('delivered'), { timeout: 20_000 });
	expect(mails).toHaveLength(2);
	const ids = mails.map((mail) => /^Message-ID: (.*)$/im.exec(mail)?.[1]);
	expect(ids[0]).toMatch(/^<[0-9a-f]{32}@spanhouse>/);
	expect(ids[1]).toBe(ids[0]);
	expect(mails[0]).toMatch(/^Subject: Firing \(page\): slow Bcc: evil@example.com\r$/m);
	expect(mails[0]).not.toMatch(/^Bcc:/im);
	await new Promise<void>((resolve) => smtp.close(() => resolve()));
});

test('open screens hear of what is not silenced, and what they missed', async () => {
	await world.declare('Silence', 'quiet', { match: { alert: 'quiet' }, reason: 'maintenance' });
	const notify = await start();
	const heard: (string | undefined)[] = [];
	const stop = notify.sources.screens.listen('default', undefined, (event) => heard.push(event?.notification.alert));
	await notify.publish(firing());
	await notify.publish(firing());
	await notify.publish(firing({ rule: 'quiet' }));
	await notify.publish(firing({ rule: 'elsewhere', project: 'other' }));
	expect(heard).toEqual(['checkout-is-slow']);
	expect(notify.silencedUntilMs(firing({ rule: 'quiet' }))).toBeGreaterThan(Date.now());
	expect(notify.silencedUntilMs(firing())).toBeNull();
	stop?.();
});

test('what another collector may have told: that it fires is on open screens, and that it ended is told by channels alone', async () => {
	const notify = await withHook();
	const heard: (string | undefined)[] = [];
	notify.sources.screens.listen('default', undefined, (event) => heard.push(event?.notification.state));
	await notify.takeOver(firing());
	await notify.takeOver(resolved({ rule: 'over' }));
	expect(heard).toEqual(['firing']);
	await arrive(2);
	expect(receiver.received.map(({ body }) => notificationBody.parse(JSON.parse(body)).state).sort()).toEqual([
		'firing',
		'resolved',
	]);
});

test('of a dropped project nobody is told any more, nor a screen that comes back', async () => {
	const notify = await start();
	const { screens, outbox } = notify.sources;
	const ids: string[] = [];
	screens.listen('mango', undefined, (event) => ids.push(event?.id ?? ''));
	for (const rule of ['first', 'second']) await notify.publish(firing({ rule, project: 'mango' }));
	await notify.publish(firing({ rule: 'other', project: 'kiwi' }));
	const missed = () => {
		const heard: unknown[] = [];
		screens.listen('mango', ids[0], (event) => heard.push(event?.notification.alert))?.();
		return heard;
	};
	expect(missed()).toEqual(['second']);
	await notify.forgetProject('mango');
	expect(missed()).toEqual([]);
	expect(outbox.firings().map(({ rule }) => rule)).toEqual(['other']);
});

test('heartbeats are sent while rules are evaluated, and withheld otherwise', async () => {
	let isCurrent = false;
	await world.declare('Heartbeat', 'watch', { url: `${receiver.url}/ping`, every: '10s' });
	const { sources } = await start([receiver.port], { isCurrent: () => isCurrent });
	sources.heartbeats.beat();
	const status = () => sources.heartbeats.statusOf(JSON.stringify(['default', 'watch']));
	expect(status()).toMatchObject({ withheld: true, lastMs: null });
	isCurrent = true;
	sources.heartbeats.beat();
	sources.heartbeats.beat();
	await vi.waitFor(() => expect(status()).toMatchObject({ withheld: false, lastStatus: 200, lastError: null }));
	expect(receiver.received.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /ping']);
});
