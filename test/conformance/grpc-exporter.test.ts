import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { TracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { openSpanBlock } from '../../collector/spool/span-block-codec.ts';
import { viewSpans } from '../support/span-block-view.ts';
import { closing, world, full } from './grpc-world.ts';

describe.each(['none', 'gzip'] as const)('the exporter of OpenTelemetry for Node.js, compression %s', (compression) => {
	const provider = (address: string) => {
		const exporter = new OTLPTraceExporter({ url: `http://${address}`, compression: compression as never });
		const tracing = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
		closing.push(() => tracing.shutdown());
		return tracing;
	};

	test('sends what is stored', async () => {
		const { server, blocks, events } = await world();
		const tracing = provider(server.address);
		const tracer = tracing.getTracer('test');
		for (let i = 0; i < 10; i++) tracer.startSpan(`work ${i}`).end();
		await tracing.forceFlush();
		expect(blocks.flatMap((block) => viewSpans(block)).map(({ name }) => name)).toEqual(
			Array.from({ length: 10 }, (_, i) => `work ${i}`),
		);
		const contentEncoding = compression === 'none' ? 'identity' : compression;
		expect(events[0]).toMatchObject(['requestReceived', { contentEncoding }]);
	});

	test('lives on after it was asked to come again', async () => {
		let isFull = true;
		const { server, blocks, events } = await world({
			append: async ({ frame }) => {
				const block = openSpanBlock(frame);
				if (isFull) throw full(1_000);
				blocks.push(block);
			},
		});
		const tracing = provider(server.address);
		const tracer = tracing.getTracer('test');
		tracer.startSpan('refused').end();
		await tracing.forceFlush().catch(() => undefined);
		expect(events.at(-1)).toEqual(['answered', 503]);
		isFull = false;
		tracer.startSpan('taken').end();
		await tracing.forceFlush();
		expect(blocks.flatMap((block) => viewSpans(block)).map(({ name }) => name)).toContain('taken');
	});
});
