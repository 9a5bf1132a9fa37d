import { setTimeout as sleep } from 'node:timers/promises';
import { startProduct, until } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import { childrenOf, usageOf } from '../support/process-usage.ts';
import { Sending } from './ingest-run.ts';
import type { BenchOptions, Figures } from './main.ts';
import { makePayloads } from './otlp-payload.ts';
import { medianAndSpread } from './statistics.ts';

const services = 25;
const operations = 20;
const rules = 500;
const minuteMs = 60_000;
const measures = ['p95', 'p99', 'errorPercent', 'requestsPerSecond'];
const thresholds: Record<string, string | number> = {
	p95: '10s',
	p99: '10s',
	errorPercent: '90%',
	requestsPerSecond: 1e6,
};

interface Variant {
	/** 20 rules a service ask for the same windows; else every rule has a query of its own. */
	isShared: boolean;
	/** Beside the traffic that the rules watch, spans a second of a shop that none of them is about. */
	shopRate: number;
}

/**
 * 500 rules, each over 20 operations of one of 25 services, evaluated each minute: what they cost beside the same traffic
 * without rules. Beside ingest, which can't be at full rate: where nothing is idle, what rules cost others would no longer get.
 */
export async function alerts({ runs, variants, rate = 20_000 }: BenchOptions): Promise<Figures> {
	const known: Record<string, Variant> = {
		shared: { isShared: true, shopRate: 0 },
		apart: { isShared: false, shopRate: 0 },
		'shared-beside-ingest': { isShared: true, shopRate: rate },
		'apart-beside-ingest': { isShared: false, shopRate: rate },
	};
	const figures: Figures = {};
	for (const name of variants.length > 0 ? variants : Object.keys(known)) {
		const variant = known[name];
		if (variant === undefined) throw new Error(`no variant ${name}; there are ${Object.keys(known).join(', ')}`);
		const product = await startProduct();
		try {
			figures[name] = await minutesOf(product, variant, runs);
			const beside = variant.shopRate > 0 ? ` beside ${variant.shopRate.toLocaleString('en')} spans/s` : '';
			console.log(
				`  ${name}: CPU for ${rules} rules × ${operations} groups${beside}, s/min   ${medianAndSpread(figures[name])}`,
			);
		} finally {
			await product.stop();
		}
	}
	return figures;
}

async function minutesOf(product: Product, { isShared, shopRate }: Variant, runs: number): Promise<number[]> {
	const stopped = new AbortController();
	const traffic = Promise.all([keepSending(product, stopped.signal), sendShop(product, shopRate, stopped.signal)]);
	await sleep(15_000);
	for (let index = 0; index < rules; index += 1) await declare(product, index, isShared);
	await until(async () => ((await evaluations(product)) >= rules ? true : undefined), 'every rule evaluated', 180_000);
	const withRules: { cpu: number; done: number }[] = [];
	for (let run = 0; run < runs; run += 1) {
		const before = await evaluations(product);
		const cpu = await cpuOver(product, minuteMs);
		withRules.push({ cpu, done: (await evaluations(product)) - before });
	}
	// Afterwards, for the cost of the traffic itself grows in the first minutes.
	for (let index = 0; index < rules; index += 1) await remove(product, index);
	await sleep(5_000);
	const without = await cpuOver(product, minuteMs);
	// Scaled to a minute's worth: a little more or less falls into a minute by the clock.
	const costs = withRules.map(({ cpu, done }) => ((cpu - without) * rules) / done);
	stopped.abort();
	await traffic;
	return costs;
}

/** A span of every operation each second. */
async function keepSending({ ready }: Product, signal: AbortSignal): Promise<void> {
	for (let second = 0; !signal.aborted; second += 1) {
		const nowNano = BigInt(Date.now()) * 1_000_000n;
		const resourceSpans = Array.from({ length: services }, (_, service) => ({
			resource: { attributes: [{ key: 'service.name', value: { stringValue: `service-${service}` } }] },
			scopeSpans: [
				{
					spans: Array.from({ length: operations }, (_, operation) => ({
						traceId: (second * 1_000 + service * operations + operation + 1).toString(16).padStart(32, '0'),
						spanId: (operation + 1).toString(16).padStart(16, '0'),
						name: `operation ${operation}`,
						kind: 2,
						startTimeUnixNano: String(nowNano - BigInt(10 + ((second * 7 + operation) % 90)) * 1_000_000n),
						endTimeUnixNano: String(nowNano),
					})),
				},
			],
		}));
		await fetch(`${ready.otlpHttp}/v1/traces`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ resourceSpans }),
		});
		await sleep(1_000, undefined, { signal }).catch(() => {});
	}
}

/** At most 500 spans a request. */
async function sendShop(product: Product, rate: number, signal: AbortSignal): Promise<void> {
	if (rate === 0) return;
	const payloads = makePayloads({ spansPerRequest: 500, requests: 64, seed: 1, encoding: 'protobuf' });
	const options = { transport: 'http', encoding: 'protobuf', compression: 'none', inFlight: 8, rate } as const;
	while (!signal.aborted) await new Sending(product.ready, payloads, options).run(performance.now() + 1_000);
}

async function declare({ ready }: Product, index: number, isShared: boolean): Promise<void> {
	const measure = measures[index % measures.length] ?? 'p95';
	const service = `service-${index % services}`;
	const query = isShared ? `service:${service}` : `service:${service} -operation:"never ${index}"`;
	const spec = {
		query,
		measure,
		window: '5m',
		every: '1m',
		groupBy: ['operation'],
		conditions: [{ severity: 'page', above: thresholds[measure], for: '5 of 6' }],
	};
	const document = { apiVersion: 'spanhouse.dev/v1', kind: 'Alert', metadata: { name: `rule-${index}` }, spec };
	const answer = await fetch(`${ready.ui}/api/v1/config/Alert/rule-${index}`, {
		method: 'PUT',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(document),
	});
	if (!answer.ok) throw new Error(`PUT of a rule: ${answer.status} ${await answer.text()}`);
}

async function remove({ ready }: Product, index: number): Promise<void> {
	const answer = await fetch(`${ready.ui}/api/v1/config/Alert/rule-${index}`, { method: 'DELETE' });
	if (!answer.ok) throw new Error(`DELETE of a rule: ${answer.status} ${await answer.text()}`);
}

async function evaluations({ ready }: Product): Promise<number> {
	const text = await (await fetch(`${ready.ui}/metrics`)).text();
	return Number(/^spanhouse_alert_evaluations_total\{outcome="ok"\} (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** Of the product and its store, seconds. */
async function cpuOver({ process: { pid = 0 } }: Product, ms: number): Promise<number> {
	const all = [pid, ...childrenOf(pid)];
	const cpu = () => all.reduce((sum, one) => sum + usageOf(one).cpuSeconds, 0);
	const before = cpu();
	await sleep(ms);
	return cpu() - before;
}
