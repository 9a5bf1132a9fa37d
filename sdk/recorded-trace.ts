import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { hrTimeToMilliseconds } from '@opentelemetry/core';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';

/** The spans of one call, in the order in which they began. */
export interface RecordedTrace<Result = unknown> {
	result: Result;
	/** Without the span of the call itself. */
	spans: readonly ReadableSpan[];
	/** How long the call took, in milliseconds. */
	durationMs: number;
}

export interface RepeatedQuery {
	query: string;
	times: number;
}

/** What is still running when the call returns, as the end of a server's span, gets so long. */
const settleMs = 1_000;

interface Recording {
	open: number;
	/** Ids in the order of their start. */
	started: string[];
	ended: Map<string, ReadableSpan>;
}

/** Keeps the spans of traces that are being recorded, and no others. */
export class TraceRecorder implements SpanProcessor {
	readonly #recordings = new Map<string, Recording>();

	onStart(span: Span): void {
		const recording = this.#recordings.get(span.spanContext().traceId);
		if (recording === undefined) return;
		recording.open += 1;
		recording.started.push(span.spanContext().spanId);
	}

	onEnd(span: ReadableSpan): void {
		const recording = this.#recordings.get(span.spanContext().traceId);
		if (recording === undefined) return;
		recording.open -= 1;
		recording.ended.set(span.spanContext().spanId, span);
	}

	async record<Result>(call: () => Result | Promise<Result>): Promise<RecordedTrace<Result>> {
		const root = trace.getTracer('@spanhouse/sdk').startSpan('traceOf', { root: true });
		const { traceId, spanId } = root.spanContext();
		const recording: Recording = { open: 0, started: [], ended: new Map() };
		this.#recordings.set(traceId, recording);
		const startedMs = performance.now();
		try {
			const result = await context.with(trace.setSpan(context.active(), root), call);
			const durationMs = performance.now() - startedMs;
			await settle(recording);
			// By their order, since clocks of a process are too coarse to tell it.
			const spans = recording.started.filter((id) => id !== spanId).flatMap((id) => recording.ended.get(id) ?? []);
			return { result, spans, durationMs };
		} finally {
			this.#recordings.delete(traceId);
			root.end();
		}
	}

	forceFlush = (): Promise<void> => Promise.resolve();
	shutdown = (): Promise<void> => Promise.resolve();
}

async function settle(recording: Recording): Promise<void> {
	const deadline = performance.now() + settleMs;
	// Once in any case: what a callback ends after the promise is there by then.
	do await new Promise((resolve) => setTimeout(resolve, 1));
	while (recording.open > 0 && performance.now() < deadline);
}

/** Queries that ran more than `most` times, whatever their values. */
export function repeatedQueries({ spans }: RecordedTrace, most: number): RepeatedQuery[] {
	const counts = new Map<string, number>();
	for (const { attributes } of spans) {
		const text = attributes['db.query.text'] ?? attributes['db.statement'];
		if (typeof text !== 'string') continue;
		const query = text
			.replaceAll(/'(?:[^']|'')*'|\$\d+|\b\d+(?:\.\d+)?\b/g, '?')
			.replaceAll(/\s+/g, ' ')
			.replaceAll(/\(\?(?:, ?\?)*\)/g, '(?)')
			.trim();
		counts.set(query, (counts.get(query) ?? 0) + 1);
	}
	return [...counts].filter(([, times]) => times > most).map(([query, times]) => ({ query, times }));
}

/** Names of spans that failed, each with its message. */
export const failedSpans = ({ spans }: RecordedTrace): string[] =>
	spans
		.filter(({ status }) => status.code === SpanStatusCode.ERROR)
		.map(({ name, status }) => (status.message === undefined ? name : `${name}: ${status.message}`));

export interface SelfTime {
	name: string;
	/** What the span took without the time in which a child of it ran, in milliseconds. */
	selfMs: number;
}

/** Of each span, in the order of the spans. */
export function selfTimes({ spans }: RecordedTrace): SelfTime[] {
	const children = Map.groupBy(spans, ({ parentSpanContext }) => parentSpanContext?.spanId);
	return spans.map((span) => {
		const [start, end] = intervalMs(span);
		const inside = (children.get(span.spanContext().spanId) ?? [])
			.map(intervalMs)
			.toSorted(([one], [other]) => one - other);
		let coveredMs = 0;
		let reached = start;
		for (const [from, to] of inside) {
			const [first, last] = [Math.max(from, reached), Math.min(to, end)];
			if (last <= first) continue;
			coveredMs += last - first;
			reached = last;
		}
		return { name: span.name, selfMs: end - start - coveredMs };
	});
}

const intervalMs = ({ startTime, endTime }: ReadableSpan): [number, number] => [
	hrTimeToMilliseconds(startTime),
	hrTimeToMilliseconds(endTime),
];
