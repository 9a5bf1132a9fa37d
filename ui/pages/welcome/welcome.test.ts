import { expect, test } from 'vitest';
import { statusAnswer } from '../../testing/answers.ts';
import { LANGUAGES } from '../welcome-query.ts';
import { adviceFor } from './advice.ts';
import { formatElapsed, isLoopback, pipelineOf } from './pipeline.ts';
import { snippetsOf } from './snippets.ts';
import type { Failure } from './advice.ts';
import type { StatusAnswer } from '../../../schema/api-status.ts';

const ENDPOINT = 'http://spanhouse.example:4318';

test.each(LANGUAGES)('the %s snippets name the endpoint and a service, and promise nothing twice', (language) => {
	const snippets = snippetsOf(language, ENDPOINT);
	const text = snippets.map((snippet) => snippet.text).join('\n');
	expect(text).toContain(ENDPOINT);
	expect(new Set(snippets.map((snippet) => snippet.title)).size).toBe(snippets.length);
});

test('the curl snippet sends OTLP/JSON once the shell has put its values in', () => {
	const text = snippetsOf('curl', ENDPOINT)[0]?.text ?? '';
	const body = text
		.slice(text.indexOf("json' -d '") + 10, text.lastIndexOf("'"))
		.replace("'$trace'", 'a'.repeat(32))
		.replace("'$span'", 'b'.repeat(16))
		.replaceAll("'$now'", '1790000000');
	const span = JSON.parse(body).resourceSpans[0].scopeSpans[0].spans[0];
	expect(span).toMatchObject({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), kind: 2 });
	expect(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)).toBe(250_000_000n);
});

const failure = (facts: Partial<Failure>): Failure => ({
	tMs: 0,
	method: 'POST',
	path: '/v1/traces',
	status: 400,
	detail: '',
	...facts,
});

test.each([
	[{ path: '/v1/metrics', status: 404 }, 'OTEL_METRICS_EXPORTER=none'],
	[{ path: '/v1/traces/v1/traces', status: 404 }, 'twice'],
	[{ path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export', status: 404 }, 'gRPC'],
	[{ status: 405 }, 'POST'],
	[{ status: 415 }, 'content type'],
	[{ status: 401 }, 'key'],
	[{ status: 413 }, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE'],
	[{ status: 400, detail: 'HTTP/2 connection preface' }, 'http/protobuf'],
	[{ status: 400, detail: 'bad varint' }, 'OTEL_EXPORTER_OTLP_PROTOCOL'],
	[{ status: 503 }, 'try again'],
])('%o is answered with how to mend it', (facts, words) => {
	expect(adviceFor(failure(facts))).toContain(words);
});

test('an unknown failure gets no advice rather than a wrong one', () => {
	expect(adviceFor(failure({ status: 418 }))).toBeUndefined();
	// The receiver itself says which path it is.
	expect(adviceFor(failure({ status: 404, path: '/v1/trace' }))).toBeUndefined();
});

function status(ingest: Partial<StatusAnswer['ingest']>, rows: number): StatusAnswer {
	const nothing = { requests: 0, spansReceived: 0, spansStored: 0, lastRequestMs: null, lastAcceptedMs: null };
	const answer = statusAnswer({ rows, ingest: { ...nothing, lastService: null, ...ingest } });
	return { ...answer, endpoints: { otlpHttp: ENDPOINT, otlpGrpc: '127.0.0.1:4317', ui: '' } };
}
const done = (answer: StatusAnswer) => pipelineOf(answer).map((stage) => stage.isDone);

test('the pipeline shows how far the first span got', () => {
	expect(done(status({}, 0))).toEqual([false, false, false, false]);
	expect(done(status({ requests: 1 }, 0))).toEqual([true, false, false, false]);
	expect(done(status({ requests: 1, spansReceived: 2 }, 0))).toEqual([true, true, false, false]);
	expect(pipelineOf(status({ requests: 1, spansReceived: 2 }, 0))[1]?.detail).toBe('2 spans');
});

test('after a restart, spans of before mean that the whole way works', () => {
	expect(done(status({}, 10))).toEqual([true, true, true, true]);
});

test('the time waited reads as a clock', () => {
	expect(formatElapsed(14_900)).toBe('0:14');
	expect(formatElapsed(723_000)).toBe('12:03');
	expect(formatElapsed(-5)).toBe('0:00');
});

test('loopback addresses are known, whatever their form', () => {
	for (const url of ['http://127.0.0.1:4318', 'http://localhost:1', 'http://[::1]:4318', 'http://127.9.9.9'])
		expect(isLoopback(url)).toBe(true);
	for (const url of ['http://10.0.0.7:4318', 'https://spans.example', 'nonsense']) expect(isLoopback(url)).toBe(false);
});
