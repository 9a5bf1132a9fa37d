import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { OtlpSpan, OtlpTracesData } from '../../../schema/otlp-json.ts';
import { arrangeTrace } from '../span-tree.ts';
import { documentColumns, documentDetail, documentSpans } from './document-spans.ts';
import { readTraceFile } from './read-trace-file.ts';

const fixture = (path: string): string =>
	readFileSync(new URL(`../../../test/fixtures/${path}`, import.meta.url), 'utf8');
const spansOf = (data: OtlpTracesData): OtlpSpan[] =>
	data.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
const problem = (text: string): string => {
	try {
		readTraceFile(text);
	} catch (error) {
		return String(error);
	}
	return 'no error';
};

describe('files of the three kinds', () => {
	test.each([
		['otlp-examples/proto-example-trace.json', 'OTLP', 1, 1],
		['jaeger-ui/otlp2jaeger-in.json', 'OTLP', 1, 2],
		['jaeger-ui/otlp2jaeger-multi-in.json.txt', 'OTLP', 1, 4],
		['jaeger-ui/otlp2jaeger-out.json', 'Jaeger', 1, 2],
		['jaeger-ui/TraceGraph-testTrace.json', 'Jaeger', 1, 11],
		['jaeger-ui/TraceFlamegraph-testTrace.json', 'Jaeger', 1, 4],
		['jaeger-ui/TraceTimelineViewer-genaiTestTrace.json', 'Jaeger', 1, 57],
	])('%s is %s', (path, format, traces, spans) => {
		const file = readTraceFile(fixture(path));
		expect(file.format).toBe(format);
		expect(file.traces).toHaveLength(traces);
		expect(spansOf(file.data)).toHaveLength(spans);
		const trace = arrangeTrace(documentColumns(documentSpans(file.data, file.traces[0]!.traceId)));
		expect(trace.count).toBeGreaterThan(0);
	});

	test('a trace of Jaeger is the one that OTLP tells', () => {
		const strip = ({ traceId, spanId, parentSpanId, name, kind, startTimeUnixNano, endTimeUnixNano }: OtlpSpan) => ({
			traceId,
			spanId,
			parentSpanId,
			name,
			kind,
			startTimeUnixNano,
			endTimeUnixNano,
		});
		const otlp = spansOf(readTraceFile(fixture('jaeger-ui/otlp2jaeger-in.json')).data);
		const jaeger = spansOf(readTraceFile(fixture('jaeger-ui/otlp2jaeger-out.json')).data);
		expect(jaeger.map(strip)).toEqual(otlp.map(strip));
		const [first] = jaeger;
		expect(first!.attributes).toEqual(otlp[0]!.attributes);
	});

	test('Jaeger: depth, parents and services are those of the file', () => {
		const raw = JSON.parse(fixture('jaeger-ui/TraceTimelineViewer-genaiTestTrace.json')) as {
			spans: { spanID: string; references: { spanID: string }[]; processID: string; duration: number }[];
			processes: Record<string, { serviceName: string }>;
		};
		const { data, traces } = readTraceFile(JSON.stringify(raw));
		const trace = arrangeTrace(documentColumns(documentSpans(data, traces[0]!.traceId)));
		expect(trace.count).toBe(raw.spans.length);
		for (const span of raw.spans) {
			const row = trace.id.indexOf(BigInt(`0x${span.spanID}`));
			const parent = trace.parent[row]!;
			expect(parent < 0 ? [] : [trace.id[parent]!.toString(16).padStart(16, '0')]).toEqual(
				span.references.map(({ spanID }) => spanID),
			);
			expect(trace.services[trace.service[row]!]).toBe(raw.processes[span.processID]!.serviceName);
			expect(trace.duration[row]).toBe(span.duration * 1000);
		}
	});

	test('Zipkin: both ends of a call, an error, annotations and a peer', () => {
		const zipkin = [
			{
				traceId: '5af7183fb1d4cf5f',
				id: '352bff9a74ca9ad2',
				name: 'get /api',
				kind: 'SERVER',
				timestamp: 1_556_604_172_355_737,
				duration: 1431,
				localEndpoint: { serviceName: 'backend' },
				shared: true,
			},
			{
				traceId: '5af7183fb1d4cf5f',
				id: '352bff9a74ca9ad2',
				name: 'get',
				kind: 'CLIENT',
				timestamp: 1_556_604_172_355_000,
				duration: 3000,
				localEndpoint: { serviceName: 'frontend' },
				remoteEndpoint: { ipv4: '127.0.0.1', port: 9000 },
				tags: { error: 'refused', 'http.method': 'GET' },
				annotations: [{ timestamp: 1_556_604_172_355_100, value: 'ws' }],
			},
		];
		const { format, data, traces } = readTraceFile(JSON.stringify([zipkin]));
		expect(format).toBe('Zipkin');
		const spans = documentSpans(data, traces[0]!.traceId);
		const trace = arrangeTrace(documentColumns(spans));
		expect(traces[0]).toEqual({ traceId: '00000000000000005af7183fb1d4cf5f', spans: 2 });
		expect([...trace.parent]).toEqual([-1, 0]);
		expect(trace.services[trace.service[0]!]).toBe('frontend');
		const client = documentDetail(
			spans.find(({ span }) => span.kind === 3)!,
			spans,
		);
		expect(client).toMatchObject({
			service: 'frontend',
			error: true,
			type: 'http',
			statusMessage: 'refused',
			durationNano: 3_000_000,
			attributes: [
				{ key: 'error', value: { stringValue: 'refused' } },
				{ key: 'http.method', value: { stringValue: 'GET' } },
				{ key: 'server.address', value: { stringValue: '127.0.0.1' } },
				{ key: 'server.port', value: { intValue: '9000' } },
			],
			events: [{ name: 'ws', timeUnixNano: '1556604172355100000' }],
		});
	});

	test('ids in base64, kinds by name, and the names that Tempo uses', () => {
		const { data } = readTraceFile(
			JSON.stringify({
				batches: [
					{
						instrumentationLibrarySpans: [
							{
								spans: [
									{
										traceId: 'CvdlGRbNQ92ESOshHIAxnA==',
										spanId: 'APBnqgupArc=',
										kind: 'SPAN_KIND_SERVER',
										status: { code: 'STATUS_CODE_ERROR' },
										startTimeUnixNano: 5,
										endTimeUnixNano: '9',
									},
								],
							},
						],
					},
				],
			}),
		);
		expect(spansOf(data)[0]).toMatchObject({
			traceId: '0af7651916cd43dd8448eb211c80319c',
			spanId: '00f067aa0ba902b7',
			kind: 2,
			status: { code: 2 },
			startTimeUnixNano: '5',
			endTimeUnixNano: '9',
		});
	});
});

describe('what cannot be shown is said, with where and what', () => {
	const otlp = (span: object) => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
	const ids = { traceId: '1'.repeat(32), spanId: '2'.repeat(16) };
	test.each([
		['', 'The file is empty'],
		['   \n', 'The file is empty'],
		['hello', 'The file is not JSON'],
		['{"a":1}', 'expected `resourceSpans` (OTLP)'],
		['[]', 'empty list'],
		['null', 'expected OTLP, Jaeger or Zipkin JSON, found null'],
		['{"resourceSpans":[]}', 'OTLP JSON, but has no span'],
		['{"resourceSpans":{}}', 'resourceSpans: expected a list'],
		['{"data":[{"spans":[{"spanID":"1"}]}]}', 'data[0].spans[0].traceID: expected an id, found nothing'],
		[
			otlp({ ...ids, startTimeUnixNano: 'x' }),
			'spans[0].startTimeUnixNano: expected nanoseconds since the epoch, found "x"',
		],
		[otlp({ ...ids, startTimeUnixNano: '99999999999999999999' }), 'expected a time before'],
		[otlp({ spanId: ids.spanId, startTimeUnixNano: 1 }), 'spans[0].traceId: expected 32 hexadecimal digits'],
		[otlp({ ...ids, startTimeUnixNano: 1, attributes: 'all' }), 'spans[0].attributes: expected a list, found "all"'],
	])('%s', (text, expected) => {
		expect(problem(text)).toMatch(/^TraceFileError: /);
		expect(problem(text)).toContain(expected);
	});

	test('whatever is in it, a file is read or refused in words', () => {
		const json = fc.json({ maxDepth: 5 });
		const almost = fc
			.record({
				resourceSpans: fc.array(fc.record({ scopeSpans: fc.array(fc.record({ spans: fc.array(fc.jsonValue()) })) })),
			})
			.map((value) => JSON.stringify(value));
		fc.assert(
			fc.property(fc.oneof(json, almost, fc.string()), (text) => {
				expect(problem(text)).toMatch(/^(no error|TraceFileError: )/);
			}),
		);
	});

	test('keys like __proto__ are keys like any other, and values nest as deep as they may', () => {
		const deep = `${'{"arrayValue":{"values":['.repeat(2000)}${']}}'.repeat(2000)}`;
		const text = otlp({ ...ids, startTimeUnixNano: 1 }).replace(
			'"startTimeUnixNano"',
			`"attributes":[{"key":"__proto__","value":{"stringValue":"x"}},{"key":"deep","value":${deep}}],"startTimeUnixNano"`,
		);
		const [span] = spansOf(readTraceFile(text).data);
		expect(span!.attributes.map(({ key }) => key)).toEqual(['__proto__', 'deep']);
		expect(({} as Record<string, unknown>).x).toBeUndefined();
	});
});
