import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startOtlpReceiver } from '../../sdk/test/otlp-receiver.ts';
import { usageOf } from '../support/process-usage.ts';
import type { BenchOptions, Figures } from './main.ts';
import { medianAndSpread } from './statistics.ts';

const app = fileURLToPath(new URL('sdk-app.cjs', import.meta.url));
const inFlight = 8;
const requests = 10_000;
const warmUpRequests = 2_000;

/** How a service is traced: not at all, by OpenTelemetry's own automatic instrumentation, by ours. */
const WAYS = {
	none: [],
	OpenTelemetry: ['--require', '@opentelemetry/auto-instrumentations-node/register'],
	'@spanhouse/sdk': ['--import', '@spanhouse/sdk/register'],
} as const;
type Way = keyof typeof WAYS;

/** What tracing costs a small service: start, CPU of its process for each request, memory. Each sends as it does by itself: protobuf, and JSON. */
export async function sdk({ runs }: BenchOptions): Promise<Figures> {
	const figures: Figures = {};
	for (let run = 0; run < runs; run += 1) {
		for (const way of Object.keys(WAYS) as Way[]) {
			for (const [name, value] of Object.entries(await measure(way))) (figures[`${way} ${name}`] ??= []).push(value);
		}
	}
	for (const [name, values] of Object.entries(figures)) console.log(`  ${name.padEnd(52)}${medianAndSpread(values)}`);
	return figures;
}

async function measure(way: Way): Promise<Record<string, number>> {
	await using receiver = await startOtlpReceiver();
	const began = performance.now();
	const child = spawn(process.execPath, [...WAYS[way], app], {
		env: {
			...process.env,
			OTEL_SERVICE_NAME: 'bench',
			OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
			OTEL_METRICS_EXPORTER: 'none',
			OTEL_LOGS_EXPORTER: 'none',
			OTEL_BSP_MAX_QUEUE_SIZE: '100000',
			// Those of clouds hold everything back until their requests have timed out, where there is no cloud.
			OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process,serviceinstance',
		},
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	let figures: Record<string, number>;
	try {
		const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
		const startSeconds = (performance.now() - began) / 1_000;
		const url = `http://127.0.0.1:${line}/cart`;
		await ask(url, warmUpRequests);
		const pid = child.pid ?? 0;
		const before = usageOf(pid).cpuSeconds;
		await ask(url, requests);
		const after = usageOf(pid);
		figures = {
			'start, s': startSeconds,
			'CPU of the service, µs a request': ((after.cpuSeconds - before) / requests) * 1e6,
			'peak memory, MiB': after.peakBytes / 2 ** 20,
		};
	} finally {
		const ended = once(child, 'exit');
		child.kill('SIGTERM');
		await ended;
	}
	// The last ones are sent when the process ends.
	if (way !== 'none' && receiver.requests.length === 0) throw new Error(`${way} sent nothing`);
	return figures;
}

/** So many requests, a few at once, over connections that stay open. */
async function ask(url: string, count: number): Promise<void> {
	const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
	let left = count;
	const work = async () => {
		while (left > 0) {
			left -= 1;
			const { promise, resolve, reject } = Promise.withResolvers<void>();
			get(url, { agent }, (answer) => answer.resume().once('end', resolve)).once('error', reject);
			await promise;
		}
	};
	await Promise.all(Array.from({ length: inFlight }, work));
	agent.destroy();
}
