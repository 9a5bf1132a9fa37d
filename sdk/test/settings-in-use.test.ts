import { beforeAll, describe, expect, test, vi } from 'vitest';
import { buildSdkIfStale } from '../build.ts';
import { runApp } from './run-app.ts';

vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => void (await buildSdkIfStale()), 120_000);

const app = 'esm/spans.js';

describe('where spans go', () => {
	test('/v1/traces is added to the base endpoint, and JSON is sent', async () => {
		const { requests } = await runApp(app);
		expect(requests).toMatchObject([{ path: '/v1/traces', headers: { 'content-type': 'application/json' } }]);
	});

	test('an endpoint for traces alone is used as it stands and wins', async () => {
		const { requests } = await runApp(app, {
			endpoint: (url) => ({
				OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
				OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/my/traces`,
			}),
		});
		expect(requests.map((request) => request.path)).toEqual(['/my/traces']);
	});

	test('http/protobuf, gzip and headers are honoured', async () => {
		const { requests } = await runApp(app, {
			env: {
				OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
				OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
				OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20key',
			},
		});
		expect(requests[0]?.headers).toMatchObject({
			'content-type': 'application/x-protobuf',
			'content-encoding': 'gzip',
			authorization: 'Bearer key',
		});
	});
});

test('a service name, attributes and a sampler from the environment are honoured', async () => {
	const env = { OTEL_SERVICE_NAME: 'named', OTEL_RESOURCE_ATTRIBUTES: 'service.version=7,team.name=a%2Cb' };
	const { spans } = await runApp(app, { env });
	expect(spans[0]?.resource).toMatchObject({ 'service.name': 'named', 'service.version': '7', 'team.name': 'a,b' });
	const off = await runApp(app, { env: { ...env, OTEL_TRACES_SAMPLER: 'always_off' } });
	expect(off.requests).toEqual([]);
});

test('what code says wins, reaches the wire whole, and stays out of the environment of child processes', async () => {
	const { stdout, spans, requests } = await runApp('esm/started-by-code.js', {
		isPlain: true,
		env: { OTEL_RESOURCE_ATTRIBUTES: 'service.version=1' },
		endpoint: (url) => ({ ENDPOINT: url, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/v1/traces' }),
	});
	expect(JSON.parse(stdout)).toEqual({ same: true, leaked: null });
	expect(spans[0]?.resource).toMatchObject({
		'service.name': 'by-code',
		'service.version': '9.9',
		'deployment.environment.name': 'staging',
		'team.name': 'basket, and more',
	});
	expect(requests[0]?.headers['authorization']).toBe('Bearer key, with comma');
});

test('each bad setting is told once with what was found and what is expected, and the app is traced all the same', async () => {
	const { code, stderr, spans } = await runApp(app, {
		env: {
			OTEL_TRACES_SAMPLER: 'sometimes',
			OTEL_BSP_SCHEDULE_DELAY: 'soon',
			OTEL_PROPAGATORS: 'tracecontext,carrier-pigeon',
			OTEL_RESOURCE_ATTRIBUTES: 'good=1,bad',
			OTEL_LOG_LEVEL: 'loud',
		},
	});
	expect(code).toBe(0);
	expect(spans[0]?.resource).toMatchObject({ good: '1' });
	const lines = stderr.trim().split('\n');
	expect(lines).toHaveLength(5);
	expect(stderr).toContain('OTEL_TRACES_SAMPLER: found "sometimes", expected one of always_on,');
	expect(stderr).toContain(
		'OTEL_BSP_SCHEDULE_DELAY: found "soon", expected a whole number above 0. Using the default.',
	);
	expect(stderr).toContain('OTEL_PROPAGATORS: found "tracecontext,carrier-pigeon"');
});
