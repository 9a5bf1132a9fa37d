import { setTimeout as sleep } from 'node:timers/promises';
import { startProduct, until } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import { childrenOf, usageOf } from '../support/process-usage.ts';
import type { BenchOptions, Figures } from './main.ts';
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

/**
 * 500 rules, each over 20 operations of one of 25 services, evaluated each minute: what they cost beside the same traffic
 * without rules. `shared`: 20 rules a service ask for the same windows; `apart`: every rule has a query of its own.
 */
export async function alerts({ runs, variants }: BenchOptions): Promise<Figures> {
	const figures: Figures = {};
	for (const variant of variants.length > 0 ? variants : ['shared', 'apart']) {
		const product = await startProduct();
		try {
			figures[variant] = await minutesOf(product, variant === 'shared', runs);
			console.log(
				`  ${variant}: CPU for ${rules} rules × ${operations} groups, s/min   ${medianAndSpread(figures[variant])}`,
			);
		} finally {
			await product.stop();
		}
	}
	return figures;
}

async function minutesOf(product: Product, isShared: boolean, runs: number): Promise<number[]> {
	const stopped = new AbortController();
	const traffic = keepSending(product, stopped.signal);
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
