import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { Http2ServerRequest } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { buildSdkIfStale } from '../build.ts';
import { runApp } from './run-app.ts';

vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => void (await buildSdkIfStale()), 120_000);

describe('the last spans are sent, and the process ends as it would without tracing', () => {
	test.each([
		{ way: 'normally', code: 0, spans: ['last words'] },
		{ way: 'with an exit code', code: 7, spans: ['last words'] },
		{ way: 'by an uncaught exception', code: 1, spans: ['last words'] },
		{ way: 'by an unhandled rejection', code: 1, spans: ['last words'] },
		{ way: 'by handling the exception', code: 4, spans: ['last words'] },
		{ way: 'by process.exit', code: 7, spans: ['last words'] },
		{ way: 'by process.exit as it handles the exception', code: 4, spans: ['last words'] },
		{ way: 'after a shutdown by hand', code: 0, spans: ['last words'] },
	])('when it ends $way', async ({ way, code, spans }) => {
		const ended = await runApp('esm/ends.js', { args: [way] });
		expect(ended).toMatchObject({ code, signal: null });
		expect(ended.spans.map((span) => span.name)).toEqual(spans);
	});

	test.each(['SIGTERM', 'SIGINT', 'SIGUSR2'] as const)('when %s ends it', async (signal) => {
		const ended = await runApp('esm/ends.js', { args: ['by a signal'], signal });
		expect(ended).toMatchObject({ code: null, signal });
		expect(ended.spans.map((span) => span.name)).toEqual(['last words']);
	});

	// Busy at first, so that whoever doesn't wait for the second attempt is found out.
	test.each([
		{ way: 'by a signal while its spans are on their way', ends: { code: null, signal: 'SIGTERM' } },
		{ way: 'by a signal of its own, with no work left', ends: { code: null, signal: 'SIGTERM' } },
		{ way: 'by process.exit after a flush by hand', ends: { code: 5, signal: null } },
		{ way: 'by process.exit while its spans are on their way', ends: { code: 7, signal: null } },
	] as const)('when it ends $way', async ({ way, ends }) => {
		const env = { OTEL_BSP_SCHEDULE_DELAY: way.includes('no work left') ? '5000' : '50' };
		const ended = await runApp('esm/ends.js', { args: [way], env, signal: 'SIGTERM', busyFor: 1 });
		expect(ended).toMatchObject(ends);
		expect(ended.spans.map((span) => span.name)).toEqual(['last words']);
	});

	test('when it exits on SIGTERM at once', async () => {
		const ended = await runApp('esm/ends.js', {
			args: ['by process.exit when it was told to stop'],
			signal: 'SIGTERM',
		});
		expect(ended).toMatchObject({ code: 0, signal: null });
		expect(new Set(ended.spans.map((span) => span.name))).toEqual(new Set(['last words', 'drain']));
	});

	test('when it handles SIGTERM itself: its handler decides, and what it traces is sent too', async () => {
		const ended = await runApp('esm/ends.js', { args: ['by a signal it handles'], signal: 'SIGTERM' });
		expect(ended).toMatchObject({ code: 3, signal: null });
		expect(ended.spans.map((span) => span.name)).toEqual(['last words', 'drain']);
	});
});

test.each([
	{ protocol: 'http/protobuf', path: '/v1/traces' },
	{ protocol: 'grpc', path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export' },
])('process.exit sends what is left over $protocol, with the keys of the environment', async ({ protocol, path }) => {
	const received: string[] = [];
	const server = protocol === 'grpc' ? createHttp2Server() : createServer();
	server.on('request', (request: Http2ServerRequest | IncomingMessage, response: ServerResponse) => {
		void text(request).then((body) => {
			received.push(`${request.url} ${request.headers['authorization']} ${/last words/.exec(body)?.[0]}`);
			if (protocol === 'grpc')
				response.writeHead(200, { 'content-type': 'application/grpc' }).addTrailers({ 'grpc-status': '0' });
			response.end(protocol === 'grpc' ? Buffer.alloc(5) : '');
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const ended = await runApp('esm/ends.js', {
		args: ['by process.exit'],
		env: { OTEL_EXPORTER_OTLP_PROTOCOL: protocol, OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20sph_1' },
		endpoint: () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
	});
	server.close();
	expect(ended).toMatchObject({ code: 7, stderr: '' });
	expect(received).toEqual([`${path} Bearer sph_1 last words`]);
});

test('process.exit sends what is left by the settings that are used, not by a wrong one', async () => {
	const endpoint = (url: string) => ({
		OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'nonsense',
		OTEL_EXPORTER_OTLP_ENDPOINT: url,
	});
	const ended = await runApp('esm/ends.js', { args: ['by process.exit'], endpoint });
	expect(ended.stderr).not.toContain('may be lost');
	expect(ended.spans.map((span) => span.name)).toEqual(['last words']);
});

test('flags that trace every thread do not trace the one that sends what is left', async () => {
	const env = { NODE_OPTIONS: '--import @spanhouse/sdk/register' };
	const ended = await runApp('esm/ends.js', { args: ['by process.exit'], isPlain: true, env });
	expect(ended).toMatchObject({ code: 7, stderr: '' });
	expect(ended.spans.map((span) => span.name)).toEqual(['last words']);
});

test('where no thread may be started, process.exit says what is lost', async () => {
	const env = { NODE_OPTIONS: '--permission --allow-fs-read=*' };
	const { code, stderr } = await runApp('esm/ends.js', { args: ['by process.exit'], env });
	expect(code).toBe(7);
	expect(stderr).toMatch(/^\[spanhouse\] spans may be lost: Access to this API has been restricted.*doctor/);
});

test('an uncaught exception is printed with its own stack', async () => {
	const { stderr } = await runApp('esm/ends.js', { args: ['by an uncaught exception'] });
	expect(stderr).toMatch(/RangeError: out of stock\n\s+at .*ends\.js:/);
});

test.each(['with an exit code', 'by process.exit'])(
	'an endpoint that is away delays the end %s by two seconds, and the loss is told',
	async (way) => {
		const ended = await runApp('esm/ends.js', {
			args: [way],
			endpoint: () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }),
		});
		expect(ended.code).toBe(7);
		expect(ended.tookMs).toBeGreaterThan(1_900);
		expect(ended.stderr).toContain(
			'[spanhouse] spans may be lost: http://127.0.0.1:9 did not take them within 2000 ms',
		);
	},
);
