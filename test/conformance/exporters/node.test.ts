/** The exporters of OpenTelemetry JavaScript send to the real product. */
import { context, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { TraceState } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProduct } from '../../support/product.ts';
import type { Product } from '../../support/product.ts';
import { expectStored } from './recorded.ts';
import type { Recorded } from './recorded.ts';

let product: Product;
beforeAll(async () => void (product = await startProduct()), 120_000);
afterAll(async () => void (await product?.stop()));

function recording(name: string, inner: SpanExporter, recorded: Recorded[]): SpanExporter {
	return {
		export: (spans, done) => {
			const request = ProtobufTraceSerializer.serializeRequest(spans) ?? new Uint8Array();
			const traceId = spans[0]?.spanContext().traceId ?? '';
			recorded.push({ exporter: name, traceId, request: Buffer.from(request).toString('hex') });
			inner.export(spans, done);
		},
		shutdown: () => inner.shutdown(),
		forceFlush: () => inner.forceFlush?.() ?? Promise.resolve(),
	};
}

async function sendTrace(exporter: SpanExporter): Promise<void> {
	const provider = new TracerProvider({
		resource: resourceFromAttributes({
			'service.name': 'conformance-node',
			'service.version': '1.2.3',
			'process.command_args': ['node', 'x'],
		}),
		spanProcessors: [new BatchSpanProcessor({ exporter })],
	});
	const tracer = provider.getTracer('conformance', '0.1.0', { schemaUrl: 'https://opentelemetry.io/schemas/1.40.0' });
	const root = tracer.startSpan('root', {
		kind: SpanKind.SERVER,
		attributes: {
			text: 'a "quoted" text, ünï¢ode 🪵 and \0',
			empty: '',
			double: 0.1,
			large: Number.MAX_SAFE_INTEGER,
			yes: true,
			texts: ['a', 'b'],
			mixed: [1, 2.5],
			'http.request.method': 'GET',
			'http.response.status_code': 409,
		},
	});
	const linked = {
		traceId: `${'0'.repeat(31)}d`,
		spanId: `${'0'.repeat(15)}f`,
		traceFlags: TraceFlags.SAMPLED,
		isRemote: true,
		traceState: new TraceState('k=v'),
	};
	const options = { kind: SpanKind.CLIENT, links: [{ context: linked, attributes: { why: 'batch' } }] };
	const child = tracer.startSpan('child', options, trace.setSpan(context.active(), root));
	child.addEvent('cache miss', { attempt: 2, key: 'cart:42' });
	child.recordException(new RangeError('out of stock'));
	child.setStatus({ code: SpanStatusCode.ERROR, message: 'no stock' });
	child.end();
	root.end();
	await provider.forceFlush();
	await provider.shutdown();
}

const compression = (name: string) => ({ compression: name as never });

test.each(['none', 'gzip'])(
	'over HTTP in protobuf, over HTTP in JSON and over gRPC, with compression %s',
	async (packing) => {
		const url = `${product.ready.otlpHttp}/v1/traces`;
		const exporters = [
			['protobuf', new ProtobufExporter({ url, ...compression(packing) })],
			['JSON', new JsonExporter({ url, ...compression(packing) })],
			['gRPC', new GrpcExporter({ url: `http://${product.ready.otlpGrpc}`, ...compression(packing) })],
		] as const;
		for (const [name, exporter] of exporters) {
			const recorded: Recorded[] = [];
			await sendTrace(recording(name, exporter, recorded));
			expect(recorded).toHaveLength(1);
			await expectStored(product, recorded[0]!);
		}
	},
);
