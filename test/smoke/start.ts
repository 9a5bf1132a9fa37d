/**
 * The README's start command, as a person runs it: `npm start` on free ports, OTLP in over HTTP and gRPC, the same trace
 * out of the API, SIGTERM, exit 0, no process left. Prints `N passed, N failed`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { encodeProto } from '../support/otlp-proto.ts';
import { childrenOf } from '../support/process-usage.ts';
import { startProduct, until } from '../support/product.ts';

let passed = 0;
let failed = 0;
function check(what: string, holds: boolean, found: unknown): void {
	if (holds) passed += 1;
	else failed += 1;
	console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}${holds ? '' : `: found ${JSON.stringify(found)}`}`);
}

const traceId = '5b8efff798038103d269b633813fc60c';
const nowNano = BigInt(Date.now()) * 1_000_000n;
const request = {
	resourceSpans: [
		{
			resource: { attributes: [{ key: 'service.name', value: { stringValue: 'smoke' } }] },
			scopeSpans: [
				{
					spans: [
						{
							traceId,
							spanId: 'eee19b7ec3c1b174',
							name: 'GET /smoke',
							kind: 2,
							startTimeUnixNano: String(nowNano - 5_000_000n),
							endTimeUnixNano: String(nowNano),
						},
					],
				},
			],
		},
	],
};

/** Sends one more span of the same trace; the bytes are written by an encoder that is not the product's. */
function exportOverGrpc(address: string): Promise<string> {
	const client = new Client(address, credentials.createInsecure());
	const [{ resource, scopeSpans } = { resource: {}, scopeSpans: [] }] = request.resourceSpans;
	const span = { ...scopeSpans[0]?.spans[0], name: 'over gRPC', spanId: Buffer.from('eee19b7ec3c1b175', 'hex') };
	const spans = [{ ...span, traceId: Buffer.from(traceId, 'hex') }];
	const body = encodeProto('ExportTraceServiceRequest', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
	const asSent = (bytes: Uint8Array) => Buffer.from(bytes);
	const { promise, resolve } = Promise.withResolvers<string>();
	const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
	client.makeUnaryRequest(path, asSent, asSent, body, (error, answer) => {
		client.close();
		resolve(error?.message ?? (answer?.length === 0 ? 'OK' : 'an answer that is not empty'));
	});
	return promise;
}

/** The process and everything it started, by number. */
function family(pid: number): number[] {
	return [pid, ...childrenOf(pid).flatMap(family)];
}

function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}

const dataDir = mkdtempSync(join(tmpdir(), 'spanhouse-smoke-'));
try {
	const product = await startProduct({ command: ['npm', 'start', '--'], args: ['--data-dir', dataDir] });
	check('npm start prints where to look', product.ready.ui.startsWith('http://127.0.0.1:'), product.ready);
	const sent = await fetch(`${product.ready.otlpHttp}/v1/traces`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(request),
	});
	check('an OTLP request is accepted', sent.status === 200 && (await sent.text()) === '{}', sent.status);
	const overGrpc = await exportOverGrpc(product.ready.otlpGrpc);
	check('so is one over gRPC, with an empty answer', overGrpc === 'OK', overGrpc);
	const answer = await until(async () => {
		const response = await fetch(`${product.ready.ui}/api/v1/traces/${traceId}/otlp`);
		if (!response.ok) return undefined;
		const trace = (await response.json()) as typeof request;
		return trace.resourceSpans[0]?.scopeSpans[0]?.spans.length === 2 ? trace : undefined;
	}, 'the trace out of the API');
	const spans = answer.resourceSpans[0]?.scopeSpans[0]?.spans;
	const names = spans?.map(({ spanId, name }) => `${spanId} ${name}`).sort();
	check(
		'the same trace comes out of the API',
		names?.join() === 'eee19b7ec3c1b174 GET /smoke,eee19b7ec3c1b175 over gRPC',
		answer,
	);
	const screen = await fetch(`${product.ready.ui}/services`);
	check('the screen is served', screen.ok && (await screen.text()).includes('<div id="app"'), screen.status);
	const ready = await fetch(`${product.ready.ui}/readyz`);
	check('it says that it is ready', ready.status === 200, ready.status);
	const metrics = await (await fetch(`${product.ready.ui}/metrics`)).text();
	check(
		'it counts what it stored',
		/^spanhouse_spans_stored_total 2$/m.test(metrics),
		metrics.match(/spanhouse_spans_\w+ .*/g),
	);
	const processes = family(product.process.pid ?? 0);
	check('the engine runs in a process of its own', processes.length >= 3, processes);
	const code = await product.stop();
	check('SIGTERM ends it with exit code 0', code === 0, { code, log: product.log() });
	check('no process is left', !processes.some(isAlive), processes.filter(isAlive));
} finally {
	rmSync(dataDir, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
