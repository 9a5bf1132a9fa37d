import { SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Span } from '@opentelemetry/api';

const tracer = () => trace.getTracer('@spanhouse/sdk');

/**
 * Runs `fn` inside a span of this name and ends the span when `fn` returns or its promise settles. What `fn` throws
 * is recorded on the span and thrown on.
 */
export function withSpan<T>(name: string, fn: (span: Span) => T): T;
export function withSpan<T>(name: string, attributes: Attributes, fn: (span: Span) => T): T;
export function withSpan<T>(
	name: string,
	attributesOrFn: Attributes | ((span: Span) => T),
	maybeFn?: (span: Span) => T,
): T {
	const fn = typeof attributesOrFn === 'function' ? attributesOrFn : maybeFn;
	if (typeof fn !== 'function') throw new TypeError(`withSpan('${name}') needs a function as its last argument`);
	const attributes = typeof attributesOrFn === 'function' ? {} : attributesOrFn;
	return tracer().startActiveSpan(name, { attributes }, (span) => run(span, fn));
}

function run<T>(span: Span, fn: (span: Span) => T): T {
	try {
		const result = fn(span);
		if (!isPromise(result)) {
			span.end();
			return result;
		}
		// The same kind of promise goes back to the caller; its rejection is observed here and still theirs to handle.
		return result.then(
			(value) => {
				span.end();
				return value;
			},
			(error: unknown) => {
				recordError(span, error);
				span.end();
				throw error;
			},
		) as T;
	} catch (error) {
		recordError(span, error);
		span.end();
		throw error;
	}
}

const isPromise = (value: unknown): value is Promise<unknown> =>
	typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

function recordError(span: Span, error: unknown): void {
	const exception = error instanceof Error ? error : new Error(String(error));
	span.recordException(exception);
	span.setAttribute('error.type', exception.name);
	span.setStatus({ code: SpanStatusCode.ERROR, message: exception.message });
}
