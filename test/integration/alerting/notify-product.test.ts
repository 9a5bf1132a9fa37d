import { randomBytes } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import type { DeliveriesPage } from '../../../schema/api-notify.ts';
import type { Firing, FiringDetail, FiringsAnswer } from '../../../schema/api-alerts.ts';
import { notificationBody } from '../../../schema/notification.ts';
import { startProduct } from '../../support/product.ts';
import type { Product } from '../../support/product.ts';
import { Receiver } from '../../support/receiver.ts';

/** Requests of a second each, of a service that should take less. */
async function sendSlowRequests({ ready }: Product, count: number): Promise<void> {
	const endMs = Date.now();
	const spans = Array.from({ length: count }, () => ({
		traceId: randomBytes(16).toString('hex'),
		spanId: randomBytes(8).toString('hex'),
		name: 'POST /checkout',
		kind: 2,
		startTimeUnixNano: `${endMs - 1_000}000000`,
		endTimeUnixNano: `${endMs}000000`,
	}));
	const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'checkout' } }] };
	const answer = await fetch(`${ready.otlpHttp}/v1/traces`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: {}, spans }] }] }),
	});
	expect(answer.status).toBe(200);
}

async function declare({ ready }: Product, kind: string, name: string, spec: object): Promise<void> {
	const answer = await fetch(`${ready.ui}/api/v1/config/${kind}/${name}`, {
		method: 'PUT',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ apiVersion: 'spanhouse.dev/v1', kind, metadata: { name }, spec }),
	});
	expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
}

const get = async <Answer>({ ready }: Product, path: string): Promise<Answer> =>
	(await fetch(`${ready.ui}/api/v1${path}`)).json() as Promise<Answer>;

test('slow requests reach a webhook and an open screen, with a link to what fired', { timeout: 240_000 }, async () => {
	const receiver = await new Receiver().start();
	const product = await startProduct({
		env: {
			SPANHOUSE_ALLOW_PRIVATE_TARGETS: '127.0.0.1',
			SPANHOUSE_TARGET_PORTS: String(receiver.port),
			SPANHOUSE_PUBLIC_URL: 'https://spanhouse.example/traces',
			HOOK_URL: `${receiver.url}/hook`,
		},
	});
	const leaving = new AbortController();
	try {
		const stream = await fetch(`${product.ready.ui}/api/v1/notifications`, { signal: leaving.signal });
		await declare(product, 'Channel', 'hook', { type: 'webhook', url: '${env:HOOK_URL}' });
		await declare(product, 'Route', 'all', { notify: ['hook'], groupWait: '1s' });
		await declare(product, 'Heartbeat', 'watch', { url: `${receiver.url}/alive`, every: '10s' });
		await declare(product, 'Alert', 'checkout-is-slow', {
			query: 'service:checkout',
			measure: 'p95',
			window: '1m',
			every: '10s',
			conditions: [{ severity: 'page', above: '500ms' }],
		});
		await sendSlowRequests(product, 50);
		await vi.waitFor(() => expect(receiver.received.map(({ path }) => path)).toContain('/hook'), {
			timeout: 150_000,
			interval: 500,
		});
		const hooked = receiver.received.find(({ path }) => path === '/hook');
		const body = notificationBody.strict().parse(JSON.parse(hooked?.body ?? ''));
		expect(body).toMatchObject({
			state: 'firing',
			severity: 'page',
			alerts: [{ rule: 'checkout-is-slow', unit: 'nanoseconds' }],
		});
		const [alert] = body.alerts;
		const { firings } = await get<FiringsAnswer>(product, '/firings');
		expect(firings.map(({ firingId }: Firing) => firingId)).toEqual([alert?.firingId]);
		expect(alert?.links[0]?.url).toMatch(
			new RegExp(`^https://spanhouse\\.example/traces/firings/${alert?.firingId}\\?from=\\d{13}&to=\\d{13}$`),
		);
		await vi.waitFor(async () => {
			const { deliveries, outbox } = await get<DeliveriesPage>(product, '/deliveries');
			expect(deliveries).toMatchObject([{ key: body.key, channel: 'hook', state: 'delivered', lastStatus: 200 }]);
			expect(outbox).toMatchObject({ delivered: 1, waiting: 0, diskProblem: null });
		});
		const { timeline } = await get<FiringDetail>(product, `/firings/${alert?.firingId}`);
		expect(timeline).toContainEqual({ tMs: expect.any(Number), kind: 'notified', text: 'hook: answered 200' });
		await vi.waitFor(() => expect(receiver.received.map(({ path }) => path)).toContain('/alive'), { timeout: 30_000 });
		const metrics = await (await fetch(`${product.ready.ui}/metrics`)).text();
		expect(metrics).toContain('spanhouse_notifications_total{outcome="delivered"} 1');
		const told = stream.body?.getReader();
		let text = '';
		while (!text.includes('notification')) text += Buffer.from((await told?.read())?.value ?? []).toString();
		expect(text).toContain(alert?.firingId);
		// With the stream still open.
		expect(await product.stop()).toBe(0);
	} finally {
		leaving.abort();
		await product.stop();
		await receiver.kill();
	}
});
