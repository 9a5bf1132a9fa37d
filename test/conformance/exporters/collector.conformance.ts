/**
 * The OpenTelemetry Collector, built from the Go module proxy, passes spans on to the real product by its exporters `otlp`
 * (gRPC) and `otlphttp`.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StatusAnswer } from '../../../schema/api-status.ts';
import type { Dice } from '../../fuzz/dice.ts';
import { Dice as SeededDice } from '../../fuzz/dice.ts';
import { randomFrom } from '../../bench/traffic.ts';
import { canonical } from '../../support/canonical-otlp.ts';
import { otelCollector, startOtelCollector } from '../../support/otel-collector.ts';
import type { OtelCollector } from '../../support/otel-collector.ts';
import { encodeProto } from '../../support/otlp-proto.ts';
import { wireRequest } from '../../support/otlp-model.ts';
import type { RequestModel } from '../../support/otlp-model.ts';
import { startProduct } from '../../support/product.ts';
import type { Product } from '../../support/product.ts';
import { randomRequest } from '../../fuzz/random-request.ts';
import { storedTrace } from './recorded.ts';
import { hasGo } from '../../support/toolchain.ts';

interface Exporter {
	kind: 'otlp' | 'otlphttp';
	compression: 'none' | 'gzip' | 'zstd' | 'snappy';
	encoding?: 'proto' | 'json';
}

const running: OtelCollector[] = [];
let product: Product;
let program: string;

beforeAll(async () => {
	if (!hasGo) return;
	program = otelCollector();
	product = await startProduct();
});
afterAll(async () => {
	for (const collector of running) collector.stop();
	await product?.stop();
});

/** Without a queue, so that its receiver answers as the exporter was answered. */
async function startCollector(
	{ kind, compression, encoding = 'proto' }: Exporter,
	to: Product,
): Promise<OtelCollector> {
	const target =
		kind === 'otlp'
			? { endpoint: to.ready.otlpGrpc, tls: { insecure: true } }
			: { endpoint: to.ready.otlpHttp, encoding };
	const collector = await startOtelCollector(program, {
		[kind]: { ...target, compression, sending_queue: { enabled: false }, retry_on_failure: { enabled: false } },
	});
	running.push(collector);
	return collector;
}

/** Requests with every kind of value, each a trace of its own that ended a moment ago. */
function request(dice: Dice): { traceId: string; model: RequestModel } {
	const id = dice.bytes(16);
	const [first] = randomRequest(dice);
	const nowNano = BigInt(Date.now()) * 1_000_000n;
	const spans = Array.from({ length: 3 }, () => randomSpan(dice)).map((span) => ({
		...span,
		traceId: id,
		spanId: dice.bytes(8),
		start: nowNano - 2_000_000n,
		end: nowNano - 1_000_000n,
		attributes: span.attributes.filter(([key]) => key !== ''),
	}));
	return {
		traceId: Buffer.from(id).toString('hex'),
		model: [{ resource: [], scope: { name: 'lib', version: '1' }, ...first, spans }],
	};
}

function randomSpan(dice: Dice): RequestModel[number]['spans'][number] {
	for (;;) {
		const span = randomRequest(dice).flatMap(({ spans }) => spans)[0];
		if (span !== undefined && span.kind < 6 && span.status.code < 3) return span;
	}
}

const post = (url: string, model: RequestModel): Promise<Response> =>
	fetch(url, {
		method: 'POST',
		headers: { 'content-type': 'application/x-protobuf' },
		body: Buffer.from(encodeProto('ExportTraceServiceRequest', wireRequest(model, false))),
	});

const EXPORTERS: Exporter[] = [
	...(['none', 'gzip', 'zstd'] as const).map((compression) => ({ kind: 'otlphttp' as const, compression })),
	{ kind: 'otlphttp', compression: 'gzip', encoding: 'json' },
	...(['none', 'gzip'] as const).map((compression) => ({ kind: 'otlp' as const, compression })),
];

test.skipIf(!hasGo).each(EXPORTERS)(
	'passes on by $kind with $compression: what is stored is what it was sent',
	async (exporter) => {
		const collector = await startCollector(exporter, product);
		const dice = new SeededDice(randomFrom(EXPORTERS.indexOf(exporter) + 1));
		for (let i = 0; i < 20; i += 1) {
			const { traceId, model } = request(dice);
			const answer = await post(`${collector.url}/v1/traces`, model);
			expect([answer.status, collector.log()].slice(0, 1)).toEqual([200]);
			const stored = canonical(await storedTrace(product, traceId));
			expect(stored).toEqual(canonical(asStored(model)));
		}
		collector.process.kill('SIGTERM');
	},
);

/** Of attributes with one key the last one counts, and those without a key are dropped and counted. */
function asStored(model: RequestModel): unknown {
	const unique = <Pair extends readonly [string, unknown]>(pairs: readonly Pair[]): Pair[] => [
		...new Map(pairs.filter(([key]) => key !== '').map((pair) => [pair[0], pair])).values(),
	];
	const lost = (pairs: readonly (readonly [string, unknown])[]) => pairs.filter(([key]) => key === '').length;
	const cleaned = model.map((group) => ({
		...group,
		resource: unique(group.resource),
		spans: group.spans.map((span) => ({
			...span,
			attributes: unique(span.attributes),
			events: span.events.map((event) => ({
				...event,
				attributes: unique(event.attributes),
				dropped: (event.dropped ?? 0) + lost(event.attributes),
			})),
			links: span.links.map((link) => ({
				...link,
				attributes: unique(link.attributes),
				dropped: (link.dropped ?? 0) + lost(link.attributes),
			})),
		})),
	}));
	const wire = wireRequest(cleaned, true) as { resourceSpans: { resource: Record<string, unknown> }[] };
	for (const [index, { resource }] of wire.resourceSpans.entries()) {
		resource['droppedAttributesCount'] = lost(model[index]?.resource ?? []);
	}
	return wire;
}

test.skipIf(!hasGo)('gRPC with zstd, which gRPC for Node.js cannot unpack, is refused by name and shown', async () => {
	const collector = await startCollector({ kind: 'otlp', compression: 'zstd' }, product);
	const { model } = request(new SeededDice(randomFrom(99)));
	const answer = await post(`${collector.url}/v1/traces`, model);
	expect(answer.status).not.toBe(200);
	expect(await answer.text()).toContain('zstd');
	const status = (await (await fetch(`${product.ready.ui}/api/v1/status`)).json()) as StatusAnswer;
	expect(status.ingest.recentFailures[0]).toMatchObject({
		status: 415,
		detail: expect.stringContaining('zstd') as string,
	});
});
