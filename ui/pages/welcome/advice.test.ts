import { expect, test } from 'vitest';
import { adviceFor, type Failure } from './advice.ts';

const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const failure = (facts: Partial<Failure>): Failure => ({
	tMs: 0,
	method: 'POST',
	path: EXPORT,
	status: 400,
	detail: '',
	...facts,
});

const wrongPort = 'this port takes OTLP over gRPC; send OTLP over HTTP to the port for it';

test('HTTP that came to the gRPC port is not taken for gRPC that came to the HTTP port', () => {
	for (const path of ['/v1/traces', '/v1/metrics'])
		expect(adviceFor(failure({ path, detail: wrongPort }))).toMatch(/HTTP on the gRPC port/);
	expect(adviceFor(failure({ path: EXPORT, status: 404 }))).toMatch(/gRPC on the HTTP port/);
});

test('TLS on the gRPC port is told to do without', () => {
	expect(adviceFor(failure({ method: 'TLS', path: '', detail: wrongPort }))).toMatch(/http:\/\//);
});

test('a packing that gRPC does not take is not called a content type', () => {
	expect(adviceFor(failure({ status: 415 }))).toMatch(/gzip/);
	expect(adviceFor(failure({ status: 415, path: '/v1/traces' }))).toMatch(/content type/);
});
