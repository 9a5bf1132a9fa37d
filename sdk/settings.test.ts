import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readSettings } from './settings.ts';

const nowhere = '/nowhere/app.js';

test('JSON over HTTP is the default, and metrics and logs stay off', () => {
	expect(readSettings({}, {}, nowhere).environment).toMatchObject({
		OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
		OTEL_METRICS_EXPORTER: 'none',
		OTEL_LOGS_EXPORTER: 'none',
	});
	expect(readSettings({ OTEL_LOGS_EXPORTER: 'otlp' }, {}, nowhere).environment).not.toHaveProperty(
		'OTEL_LOGS_EXPORTER',
	);
});

test('a good environment gives no warning, and an empty value counts as absent', () => {
	const settings = readSettings(
		{
			OTEL_SERVICE_NAME: 'a',
			OTEL_EXPORTER_OTLP_ENDPOINT: 'https://spans.example',
			OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
			OTEL_TRACES_SAMPLER_ARG: '0.25',
			OTEL_EXPORTER_OTLP_PROTOCOL: '',
			OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=2%2C3',
		},
		{},
		nowhere,
	);
	expect(settings.warnings).toEqual([]);
	expect(settings.environment['OTEL_EXPORTER_OTLP_PROTOCOL']).toBe('http/json');
});

test.each([
	{ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'localhost:4318', use: undefined },
	{ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'ftp://host', use: undefined },
	{ name: 'OTEL_EXPORTER_OTLP_PROTOCOL', value: 'http', use: 'http/json' },
	{ name: 'OTEL_EXPORTER_OTLP_COMPRESSION', value: 'zstd', use: undefined },
	{ name: 'OTEL_TRACES_SAMPLER_ARG', value: '10%', use: undefined },
	{ name: 'OTEL_BSP_MAX_QUEUE_SIZE', value: '-1', use: undefined },
	{ name: 'OTEL_SPAN_EVENT_COUNT_LIMIT', value: '1.5', use: undefined },
	{ name: 'OTEL_PROPAGATORS', value: 'tracecontext, jaeger', use: 'tracecontext' },
	{ name: 'OTEL_SDK_DISABLED', value: 'yes', use: undefined },
])('$name=$value is told and not used', ({ name, value, use }) => {
	const settings = readSettings({ [name]: value }, {}, nowhere);
	expect(settings.warnings).toHaveLength(1);
	expect(settings.warnings[0]).toContain(`${name}: found "${value}", expected `);
	expect(settings.environment).toHaveProperty(name, use);
});

test('a header with its key is not repeated in a warning', () => {
	const { warnings, environment } = readSettings(
		{ OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer sph_secret,oops' },
		{},
		nowhere,
	);
	expect(warnings.join()).not.toContain('sph_secret');
	expect(environment['OTEL_EXPORTER_OTLP_HEADERS']).toBe('authorization=Bearer sph_secret');
});

test('a warning about an option names the option', () => {
	expect(readSettings({}, { endpoint: 'localhost' }, nowhere).warnings).toEqual([
		expect.stringContaining('the option endpoint: found "localhost"'),
	]);
});

test('the gRPC port with an HTTP protocol is pointed out, and the other way round', () => {
	expect(readSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://host:4317' }, {}, nowhere).warnings[0]).toContain(
		'has the usual port of OTLP over gRPC',
	);
	const grpc = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_ENDPOINT: 'host:4318' };
	expect(readSettings(grpc, {}, nowhere).warnings[0]).toContain('has the usual port of OTLP over HTTP');
	expect(readSettings({ ...grpc, OTEL_EXPORTER_OTLP_ENDPOINT: 'host:4317' }, {}, nowhere).warnings).toEqual([]);
});

test.each([
	['{"name":"shop","version":"1.2.3"}', 'service.version=1.2.3'],
	['{"name":"shop","version":"0.0.0"}', 'service.version=abababababab'],
	['{"name":"shop"}', 'service.version=abababababab'],
])('of %s in a checkout the version is told as %s', (manifest, told) => {
	const folder = mkdtempSync(join(tmpdir(), 'spanhouse-sdk-'));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	writeFileSync(join(folder, 'package.json'), manifest);
	mkdirSync(join(folder, '.git'));
	writeFileSync(join(folder, '.git/HEAD'), 'ab'.repeat(20));
	expect(readSettings({}, {}, join(folder, 'app.js')).environment['OTEL_RESOURCE_ATTRIBUTES']).toBe(told);
	const set = readSettings({ OTEL_RESOURCE_ATTRIBUTES: 'service.version=9' }, {}, join(folder, 'app.js'));
	expect(set.environment['OTEL_RESOURCE_ATTRIBUTES']).toBeUndefined();
});
