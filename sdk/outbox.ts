/** Spans that have ended and that nobody has answered for yet. */
import { TraceFlags } from '@opentelemetry/api';
import type { Context } from '@opentelemetry/api';
import { getNumberFromEnv } from '@opentelemetry/core';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import type { ReadableSpan, Span, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { OtlpExporter } from './exporter.ts';

/** As the OpenTelemetry specification has them: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables */
const batching = () => ({
	maxQueueSize: getNumberFromEnv('OTEL_BSP_MAX_QUEUE_SIZE') ?? 2_048,
	maxExportBatchSize: getNumberFromEnv('OTEL_BSP_MAX_EXPORT_BATCH_SIZE') ?? 512,
	scheduledDelayMillis: getNumberFromEnv('OTEL_BSP_SCHEDULE_DELAY') ?? 5_000,
	exportTimeoutMillis: getNumberFromEnv('OTEL_BSP_EXPORT_TIMEOUT') ?? 30_000,
});

/**
 * OpenTelemetry's batches, and what is in them: whoever ends the process may ask for it, and a flush waits for what is on its way, too,
 * as OpenTelemetry's own doesn't: what a timer or an earlier flush took from the queue would be lost with the process.
 */
export class Outbox implements SpanProcessor {
	readonly #otlp: OtlpExporter;
	readonly #batches: BatchSpanProcessor;
	readonly #batching = batching();
	readonly #waiting = new Set<ReadableSpan>();
	readonly #sending = new Set<readonly ReadableSpan[]>();
	#isSettling = false;

	/** Reads how spans are batched from the environment, as sdk-node would. */
	constructor(otlp: OtlpExporter) {
		this.#otlp = otlp;
		this.#batches = new BatchSpanProcessor({ exporter: this.#observed(otlp.exporter), ...this.#batching });
	}

	onStart(span: Span, context: Context): void {
		// Otherwise the first export would wait for it, after the last moment maybe.
		if (!this.#isSettling) void span.resource.waitForAsyncAttributes?.();
		this.#isSettling = true;
		this.#batches.onStart(span, context);
	}

	onEnd(span: ReadableSpan): void {
		const isSampled = (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
		// Beyond it the batches drop spans.
		if (isSampled && this.#waiting.size < this.#batching.maxQueueSize) this.#waiting.add(span);
		this.#batches.onEnd(span);
	}

	async forceFlush(): Promise<void> {
		try {
			await this.#batches.forceFlush();
		} finally {
			await this.#otlp.exporter.forceFlush();
		}
	}

	shutdown(): Promise<void> {
		return this.#batches.shutdown();
	}

	/** Bodies of requests with all spans that may not have arrived. */
	unanswered(): Uint8Array[] {
		const waiting = [...this.#waiting];
		const batches = [...this.#sending].map((spans) => [...spans]);
		while (waiting.length > 0) batches.push(waiting.splice(0, this.#batching.maxExportBatchSize));
		return batches.flatMap((spans) => this.#otlp.serializer.serializeRequest(spans) ?? []);
	}

	#observed(exporter: SpanExporter): SpanExporter {
		return {
			export: (spans, done) => {
				for (const span of spans) this.#waiting.delete(span);
				this.#sending.add(spans);
				exporter.export(spans, (result) => {
					this.#sending.delete(spans);
					done(result);
				});
			},
			forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
			shutdown: () => exporter.shutdown(),
		};
	}
}
