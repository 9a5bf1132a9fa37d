import { startProduct, until } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import type { Figures } from './main.ts';
import { makePayloads } from './otlp-payload.ts';
import { otlpSender, type Protocol } from './otlp-sender.ts';
import { childrenOf, usageOf } from '../support/process-usage.ts';
import { medianAndSpread, quantile } from './statistics.ts';

const inFlight = 32;
const spansPerRequest = 1_000;

interface Run {
	spansPerSecond: number;
	collectorCpu: number;
	clickhouseCpu: number;
	collectorMebibytes: number;
	clickhouseMebibytes: number;
	ackP50: number;
	ackP99: number;
	bytesPerSpan: number;
	servicesP95: number;
}

/**
 * Full speed with 32 requests in flight for a while, driver, collector and ClickHouse on the same cores. Fails unless every
 * span that was acknowledged can be counted afterwards, and no other.
 */
export async function ingest(protocol: Protocol, runs: number, seconds: number): Promise<Figures> {
	const payloads = makePayloads({ spansPerRequest, requests: 64, seed: 1, encoding: 'protobuf' });
	const results: Run[] = [];
	for (let run = 0; run < runs; run++) {
		const product = await startProduct({ env: { SPANHOUSE_LOG_LEVEL: 'error' } });
		try {
			results.push(await drive(product, protocol, payloads, seconds));
		} finally {
			await product.stop();
		}
	}
	const column = (name: keyof Run) => results.map((result) => result[name]);
	const line = (label: string, name: keyof Run) =>
		console.log(`  ${label.padEnd(46)} ${medianAndSpread(column(name))}`);
	const mean =
		payloads.reduce((total, payload) => total + payload.body.byteLength, 0) / payloads.length / spansPerRequest;
	console.log(
		`  OTLP/${protocol === 'http' ? 'HTTP' : 'gRPC'} protobuf, ${spansPerRequest} spans a request, ${mean.toFixed(0)} bytes a span, ${inFlight} in flight, ${seconds} s`,
	);
	line('spans/s acknowledged and stored', 'spansPerSecond');
	line('collector, CPU-s per million spans', 'collectorCpu');
	line('ClickHouse, CPU-s per million spans', 'clickhouseCpu');
	line('collector, peak MiB', 'collectorMebibytes');
	line('ClickHouse, peak MiB', 'clickhouseMebibytes');
	line('ack p50, ms', 'ackP50');
	line('ack p99, ms', 'ackP99');
	line('bytes on disk a span', 'bytesPerSpan');
	line('services request p95 meanwhile, ms', 'servicesP95');
	return Object.fromEntries((Object.keys(results[0] ?? {}) as (keyof Run)[]).map((name) => [name, column(name)]));
}

async function drive(
	product: Product,
	protocol: Protocol,
	payloads: ReturnType<typeof makePayloads>,
	seconds: number,
): Promise<Run> {
	const collector = product.process.pid ?? 0;
	const [clickhouse = 0] = childrenOf(collector);
	const before = { collector: usageOf(collector), clickhouse: usageOf(clickhouse) };
	const otlp = otlpSender(protocol, product.ready, inFlight);
	const began = performance.now();
	const deadline = began + seconds * 1_000;
	const latencies: number[] = [];
	let sent = 0;
	let turn = 0;
	const sender = async () => {
		while (performance.now() < deadline) {
			const payload = payloads[turn++ % payloads.length];
			if (payload === undefined) return;
			const body = payload.fresh(Date.now());
			const started = performance.now();
			await otlp.send(body);
			latencies.push(performance.now() - started);
			sent += payload.spans;
		}
	};
	const servicesLatencies = watchServices(product, deadline);
	await Promise.all(Array.from({ length: inFlight }, sender));
	otlp.close();
	const spans = await until(
		async () => {
			const { spans } = (await (await fetch(`${product.ready.ui}/api/v1/status`)).json()) as {
				spans: { rows: number; bytesOnDisk: number };
			};
			if (spans.rows > sent) throw new Error(`${sent} spans sent, ${spans.rows} stored`);
			return spans.rows === sent ? spans : undefined;
		},
		'everything acknowledged is stored',
		60_000,
	);
	// Not before: what rests in the spool is not paid for yet.
	const tookSeconds = (performance.now() - began) / 1_000;
	const after = { collector: usageOf(collector), clickhouse: usageOf(clickhouse) };
	const perMillion = (from: { cpuSeconds: number }, to: { cpuSeconds: number }) =>
		((to.cpuSeconds - from.cpuSeconds) / sent) * 1e6;
	return {
		spansPerSecond: sent / tookSeconds,
		collectorCpu: perMillion(before.collector, after.collector),
		clickhouseCpu: perMillion(before.clickhouse, after.clickhouse),
		collectorMebibytes: after.collector.peakBytes / 2 ** 20,
		clickhouseMebibytes: after.clickhouse.peakBytes / 2 ** 20,
		ackP50: quantile(latencies, 0.5),
		ackP99: quantile(latencies, 0.99),
		bytesPerSpan: spans.bytesOnDisk / sent,
		servicesP95: quantile(await servicesLatencies, 0.95),
	};
}

/** Somebody looks at the services page once a second. */
async function watchServices(product: Product, deadline: number): Promise<number[]> {
	const latencies: number[] = [];
	while (performance.now() < deadline) {
		const started = performance.now();
		const answer = await fetch(`${product.ready.ui}/api/v1/services?from=now-15m`);
		if (answer.status !== 200) throw new Error(`/services was answered ${answer.status} during ingest`);
		await answer.arrayBuffer();
		latencies.push(performance.now() - started);
		await new Promise((resolve) => setTimeout(resolve, 1_000));
	}
	return latencies;
}
