import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { FiringDetail, FiringsAnswer } from '../../schema/api-alerts.ts';
import type { GateAnswer, ObjectiveDetail } from '../../schema/api-objectives.ts';
import type { SeriesAnswer } from '../../schema/api-measures.ts';
import { notificationBody } from '../../schema/notification.ts';
import { startProduct, until } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import { Receiver } from '../support/receiver.ts';
import { runDemo } from './demo-traffic.ts';

let product: Product;
const receiver = new Receiver();
beforeAll(async () => {
	await receiver.start();
	const env = { SPANHOUSE_ALLOW_PRIVATE_TARGETS: '127.0.0.1', SPANHOUSE_TARGET_PORTS: String(receiver.port) };
	product = await startProduct({ env });
});
afterAll(async () => {
	await product?.stop();
	await receiver.kill();
});

const everyMs = 10_000;
const query = 'service:shop/web operation:"POST /checkout"';
const api = async <Answer>(path: string, method = 'GET', body?: object): Promise<Answer> => {
	const init = { method, headers: { 'content-type': 'application/json' } };
	const answer = await fetch(
		`${product.ready.ui}/api/v1${path}`,
		body === undefined ? init : { ...init, body: JSON.stringify(body) },
	);
	if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
	return (await answer.json()) as Answer;
};

const declare = (kind: string, name: string, spec: object): Promise<unknown> =>
	api(`/config/${kind}/${name}`, 'PUT', { apiVersion: 'spanhouse.dev/v1', kind, metadata: { name }, spec });

/** Beside the demo's own: how much slower gold customers are served there depends on how busy the machine is. */
async function sendCheckouts(): Promise<void> {
	const id = (bytes: number) => randomBytes(bytes).toString('hex');
	const checkout = (tier: string, tookMs: number) => ({
		traceId: id(16),
		spanId: id(8),
		kind: 2,
		name: 'POST /checkout',
		startTimeUnixNano: `${Date.now() - tookMs}000000`,
		endTimeUnixNano: `${Date.now()}000000`,
		attributes: Object.entries({ 'http.request.method': 'POST', 'http.route': '/checkout', 'customer.tier': tier }).map(
			([key, stringValue]) => ({ key, value: { stringValue } }),
		),
	});
	const spans = [...Array.from({ length: 9 }, () => checkout('regular', 60)), ...Array.from({ length: 3 }, () => checkout('gold', 2_000))]; // prettier-ignore
	const resource = {
		attributes: Object.entries({
			'service.namespace': 'shop',
			'service.name': 'web',
			'deployment.environment.name': 'demo',
		}).map(([key, stringValue]) => ({ key, value: { stringValue } })),
	};
	await fetch(`${product.ready.otlpHttp}/v1/traces`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', 'x-spanhouse-project': 'demo' },
		body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }),
	});
}

/**
 * Milliseconds of checkouts by tier, once there are some of both. The first window that a new alert judges ends up to 40 s
 * ago: with nobody in it but gold customers, nothing would be different about them.
 */
async function tiers(): Promise<{ gold: number; others: number } | undefined> {
	const { series } = await api<SeriesAnswer>('/series', 'POST', {
		query,
		measure: 'p50',
		by: ['customer.tier'],
		step: '10m',
		to: 'now-45s',
	});
	const gold = series.find(({ group }) => group['customer.tier'] === 'gold');
	const others = series.filter(({ group }) => !['gold', ''].includes(group['customer.tier'] ?? ''));
	const othersRequests = others.reduce((total, { requests }) => total + requests, 0);
	if (gold === undefined || gold.requests < 3 || othersRequests < 3) return undefined;
	return { gold: (gold.value ?? 0) / 1e6, others: Math.max(...others.map(({ value }) => (value ?? 0) / 1e6)) };
}

const slowMachineMs = 450_000;

test(
	'checkouts that are slow for gold customers fire within two evaluations; page and webhook name them, the budget falls, the gate closes',
	async () => {
		const demo = runDemo({ endpoint: product.ready.otlpHttp, ui: product.ready.ui, minutes: 1.2, rate: 20 });
		const customers = setInterval(() => void sendCheckouts().catch(() => undefined), 2_000);
		onTestFinished(() => clearInterval(customers));
		const { gold, others } = await until(tiers, 'checkouts of gold customers and of others', 150_000);
		expect(gold).toBeGreaterThan(others);
		const thresholdMs = Math.round((gold + others) / 2);
		await declare('Channel', 'hook', { type: 'webhook', url: `${receiver.url}/hook` });
		await declare('Route', 'slow', { match: { alert: 'checkout-is-slow' }, notify: ['hook'], groupWait: '1s' });
		await declare('SLO', 'checkout-latency', {
			total: query,
			good: `duration<${thresholdMs}ms`,
			targetPercent: 99,
			window: { duration: '1d' },
		});
		await declare('Alert', 'checkout-is-slow', {
			query,
			measure: 'p95',
			window: '1m',
			every: '10s',
			conditions: [{ severity: 'page', above: `${thresholdMs}ms`, for: '1 of 1' }],
		});
		const declaredMs = Date.now();
		const detail = await until(
			async () => {
				const [firing] = (await api<FiringsAnswer>('/firings?alert=checkout-is-slow')).firings;
				if (firing === undefined) return undefined;
				const found = await api<FiringDetail>(`/firings/${firing.firingId}`);
				return found.evidence === null ? undefined : found;
			},
			'a firing with its evidence',
			90_000,
		);
		expect(detail).toMatchObject({ alert: 'checkout-is-slow', state: 'firing', services: ['shop/web'] });
		expect(detail.startedMs).toBeLessThanOrEqual(declaredMs + 2 * everyMs);
		const named = detail.evidence!.differences.map(({ key, value }) => `${key}=${value}`);
		expect(named).toContain('customer.tier=gold');
		const shown = detail.evidence!.violating!;
		expect(shown.durationNano).toBeGreaterThan(thresholdMs * 1e6);
		const told = await until(async () => receiver.received[0], 'told by the webhook', 60_000);
		const body = notificationBody.parse(JSON.parse(told.body));
		expect(told.headers['idempotency-key']).toBe(body.key);
		expect(body.alerts).toMatchObject([
			{
				firingId: detail.firingId,
				evidence: {
					comparedWith: 'rest',
					difference: { key: 'customer.tier', value: 'gold' },
					violating: { traceId: shown.traceId, durationNano: shown.durationNano },
				},
			},
		]);
		const link = body.alerts[0]!.links.find(({ url }) => url.includes(`/trace/${shown.traceId}?at=${shown.endMs}`));
		expect(link?.name).toBe('A trace that shows it');
		const objective = await until(
			async () => {
				const found = await api<ObjectiveDetail>('/slos/checkout-latency');
				return (found.budgetLeftRatio ?? 0) < 0 ? found : undefined;
			},
			'a budget that is spent',
			120_000,
		);
		// One in a hundred may be slow, and of those that are sent here three in twelve are.
		expect(objective.budgetLeftRatio).toBeCloseTo(1 - (objective.total - objective.good) / (objective.total * 0.01), 6);
		expect(objective.spenders.map(({ key, value }) => `${key}=${value}`)).toContain('customer.tier=gold');
		const gate = await api<GateAnswer>('/gate/web');
		expect(gate.decision).toBe('deny');
		const reasons = gate.reasons.map(({ kind, name }) => `${kind} ${name}`);
		expect(reasons).toEqual(expect.arrayContaining(['firing checkout-is-slow', 'budget checkout-latency']));
		await demo;
	},
	slowMachineMs,
);
