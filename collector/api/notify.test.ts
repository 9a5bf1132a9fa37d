import { Hono } from 'hono';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ChannelsAnswer, DeliveriesPage, SilencesAnswer } from '../../schema/api-notify.ts';
import { channelsAnswer, deliveriesPage, screenNotification, silencesAnswer } from '../../schema/api-notify.ts';
import { NotifyWorld } from '../../test/support/notify-world.ts';
import { Receiver } from '../../test/support/receiver.ts';
import { firing } from '../../test/support/transitions.ts';
import { deliveryEvents } from '../alerting/notify/notify-status.ts';
import type { Notify } from '../alerting/notify/open-notify.ts';
import { silentLog } from '../log.ts';
import { notifyRoutes } from './notify.ts';
import { problemResponse } from './problem-response.ts';
import { mount } from './route.ts';

let world: NotifyWorld;
let receiver: Receiver;
let notify: Notify;
let app: Hono;

beforeEach(async () => {
	world = await NotifyWorld.create();
	receiver = await new Receiver().start();
	notify = await world.open([receiver.port]);
	app = new Hono();
	app.onError((error, c) => problemResponse(c, error, silentLog));
	mount(app, notifyRoutes(notify.sources), () => {});
});
afterEach(async () => {
	await notify.close();
	await receiver.kill();
	await world.close();
});

const get = async <Answer>(path: string): Promise<Answer> => (await app.request(path)).json() as Promise<Answer>;
const post = (path: string, body?: object) =>
	app.request(path, {
		method: 'POST',
		...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
	});

test('a test says what the target answered by its status, and no more', async () => {
	await world.declare('Channel', 'hook', {
		type: 'webhook',
		url: `${receiver.url}/secret-path`,
		secret: '${env:HOOK_SECRET}',
	});
	const good = await post('/channels/hook/test');
	expect(await good.json()).toEqual({ ok: true, status: 200, error: null });
	receiver.answer = (response) => void response.writeHead(403, { location: '/x' }).end('secret answer');
	expect(await (await post('/channels/hook/test')).json()).toEqual({ ok: false, status: 403, error: 'answered 403' });
	await receiver.kill();
	const away = await (await post('/channels/hook/test')).text();
	expect(JSON.parse(away)).toMatchObject({ ok: false, status: null });
	expect(away).not.toMatch(/secret-path|127\.0\.0\.1|whsec/);
	expect((await post('/channels/none/test')).status).toBe(404);
	expect(notify.sources.outbox.state.deliveries.size).toBe(0);
});

test('a test of PagerDuty leaves no incident open', async () => {
	await world.declare('Channel', 'pager', { type: 'pagerduty', url: `${receiver.url}/v2/enqueue`, secret: 'key' });
	expect(await (await post('/channels/pager/test')).json()).toMatchObject({ ok: true });
	const events = receiver.received.map(({ body }) => JSON.parse(body) as { event_action: string; dedup_key: string });
	expect(events.map(({ event_action }) => event_action)).toEqual(['trigger', 'resolve']);
	expect(events[0]?.dedup_key).toBe(events[1]?.dedup_key);
});

test('a failing channel shows, with what waits for it, and so do channels that lack something', async () => {
	await world.declare('Channel', 'hook', { type: 'webhook', url: `${receiver.url}/hook` });
	await world.declare('Channel', 'mail', { type: 'email', to: ['a@example.com'] });
	await world.declare('Heartbeat', 'watch', { url: 'https://example.com/ping' });
	await world.declare('Route', 'all', { notify: ['hook'], groupWait: '10ms' });
	receiver.answer = (response) => void response.writeHead(500).end('secret answer');
	await notify.publish(firing());
	await vi.waitFor(async () => {
		const { channels } = channelsAnswer.parse(await get<ChannelsAnswer>('/channels'));
		expect(channels).toMatchObject([
			{ name: 'hook', failing: true, lastStatus: 500, lastError: 'answered 500', waiting: 1, problem: null },
			{ name: 'mail', failing: false, lastMs: null, problem: 'a channel of type email needs smtp and from' },
		]);
	});
	expect((await get<ChannelsAnswer>('/channels')).heartbeats).toMatchObject([{ name: 'watch' }]);
	const page = deliveriesPage.parse(await get<DeliveriesPage>('/deliveries?channel=hook&state=waiting'));
	expect(page).toMatchObject({
		deliveries: [{ channel: 'hook', firingId: 'f1', state: 'waiting', lastStatus: 500, attempts: 1 }],
		outbox: { waiting: 1, delivered: 0, expired: 0, diskProblem: null },
	});
	expect(deliveryEvents(notify.sources, 'default', 'f1')).toMatchObject([
		{ kind: 'failed', text: 'hook: answered 500' },
	]);
	expect(deliveryEvents(notify.sources, 'other', 'f1')).toEqual([]);
	expect((await get<DeliveriesPage>('/deliveries?firingId=other')).deliveries).toEqual([]);
	expect((await get<DeliveriesPage>('/deliveries?project=other')).deliveries).toEqual([]);
});

test('a silence begins now, is listed while it is in force, and ends when somebody ends it', async () => {
	const body = { match: { alert: 'checkout-*' }, forMs: 3_600_000, reason: 'deploy' };
	const made = (await (await post('/silences', body)).json()) as { document: { metadata: { name: string } } };
	const { name } = made.document.metadata;
	expect(notify.silencedUntilMs(firing())).toBeGreaterThan(Date.now() + 3_500_000);
	const { silences } = silencesAnswer.parse(await get<SilencesAnswer>('/silences'));
	expect(silences).toMatchObject([
		{ document: { spec: body.reason === '' ? {} : { match: body.match, reason: 'deploy' } }, problem: null },
	]);
	expect(silences[0]?.activeUntilMs).toBe(notify.silencedUntilMs(firing()));
	expect((await app.request(`/silences/${name}`, { method: 'DELETE' })).status).toBe(200);
	expect(notify.silencedUntilMs(firing())).toBeNull();
	expect((await app.request(`/silences/${name}`, { method: 'DELETE' })).status).toBe(404);
	expect((await post('/silences', { ...body, match: {} })).status).toBe(400);
	expect((await post('/silences', { ...body, forMs: 0 })).status).toBe(400);
});

test('a silence that cannot be read silences nothing, and says so', async () => {
	await world.declare('Silence', 'odd', { match: {}, timeZone: 'Mars/Olympus', reason: '' });
	const { silences } = await get<SilencesAnswer>('/silences');
	expect(silences[0]?.problem).toContain('timeZone is "Mars/Olympus"');
	expect(notify.silencedUntilMs(firing())).toBeNull();
});

test('silences that ended long ago are cleared away when the next is made', async () => {
	await world.declare('Silence', 'old', { match: {}, until: '2020-01-01T00:00:00Z', reason: '' });
	await world.declare('Silence', 'lasting', { match: { alert: 'x' }, reason: '' });
	await post('/silences', { match: { alert: 'y' }, forMs: 1_000, reason: '' });
	const names = (await get<SilencesAnswer>('/silences')).silences.map(({ document }) => document.metadata.name);
	expect(names).toHaveLength(2);
	expect(names).toContain('lasting');
});

/** Reads a stream until what came matches, or it ends. */
function textReader(response: Response): { until(expected: RegExp): Promise<string>; end(): Promise<void> } {
	const reader = (response.body as ReadableStream<Uint8Array>).getReader();
	let text = '';
	const more = async (): Promise<boolean> => {
		const { done, value } = await reader.read();
		text += value === undefined ? '' : Buffer.from(value).toString();
		return !done;
	};
	return {
		until: async (expected) => {
			while (!expected.test(text) && (await more()));
			expect(text).toMatch(expected);
			return text;
		},
		end: async () => {
			while (await more());
		},
	};
}

test('open screens are told as it happens, and go on where they were', async () => {
	const response = await app.request('/notifications');
	expect(response.headers.get('content-type')).toContain('text/event-stream');
	const first = textReader(response);
	await first.until(/: open/);
	await notify.publish(firing());
	await notify.publish(firing({ rule: 'second' }));
	const text = await first.until(/"alert":"second"/);
	const id = /^id: (.*)$/m.exec(text)?.[1] ?? '';
	const data = /^data: (.*)$/m.exec(text)?.[1] ?? '';
	expect(screenNotification.parse(JSON.parse(data))).toMatchObject({ alert: 'checkout-is-slow', state: 'firing' });
	const again = textReader(await app.request('/notifications', { headers: { 'last-event-id': id } }));
	expect(await again.until(/"alert":"second"/)).not.toContain('"alert":"checkout-is-slow"');
	await notify.sources.screens.close();
	await first.end();
	await again.end();
	expect(notify.sources.screens.size).toBe(0);
});
