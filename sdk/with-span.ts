import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Span } from '@opentelemetry/api';

/** Beyond it causes may well go round in circles. */
const maxCauses = 5;

const tracer = () => trace.getTracer('@spanhouse/sdk');

/**
 * Runs `fn` inside a span of this name and ends the span when `fn` returns or its promise settles. What `fn` throws
 * is recorded on the span and thrown on.
 */
export interface WithSpan {
	<T>(name: string, fn: (span: Span) => T): T;
	<T>(name: string, attributes: Attributes, fn: (span: Span) => T): T;
}

/** @param locate tells where a function was called; asked only for spans that are recorded. */
export function createWithSpan(locate: (called: WithSpan) => Attributes): WithSpan {
	return function withSpan<T>(
		name: string,
		attributesOrFn: Attributes | ((span: Span) => T),
		maybeFn?: (span: Span) => T,
	): T {
		const fn = typeof attributesOrFn === 'function' ? attributesOrFn : maybeFn;
		if (typeof fn !== 'function') throw new TypeError(`withSpan('${name}') needs a function as its last argument`);
		const attributes = typeof attributesOrFn === 'function' ? {} : attributesOrFn;
		const span = tracer().startSpan(name, { attributes });
		if (span.isRecording()) span.setAttributes({ ...locate(withSpan), ...attributes });
		return context.with(trace.setSpan(context.active(), span), run<T>, undefined, span, fn);
	};
}

function run<T>(span: Span, fn: (span: Span) => T): T {
	const fail = (error: unknown): void => {
		recordError(span, error);
		span.end();
	};
	try {
		const result = fn(span);
		// Watched, not wrapped: the caller gets the very promise of `fn`, and its rejection is theirs to handle.
		if (isPromise(result)) void result.then(() => span.end(), fail);
		else span.end();
		return result;
	} catch (error) {
		fail(error);
		throw error;
	}
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
	typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

function recordError(span: Span, error: unknown): void {
	const exception = error instanceof Error ? error : new Error(String(error));
	const { name, message } = exception;
	span.recordException({
		name,
		message,
		stack: stackWithCauses(exception),
		...('code' in exception && typeof exception.code === 'string' ? { code: exception.code } : {}),
	});
	// As recordException has it: ECONNREFUSED tells more than Error.
	const code = 'code' in exception && typeof exception.code === 'string' ? exception.code : undefined;
	span.setAttribute('error.type', code ?? exception.name);
	span.setStatus({ code: SpanStatusCode.ERROR, message: exception.message });
}

/** The cause is what has to be mended, and an error that wraps it hides it. */
function stackWithCauses(error: Error): string {
	const stacks: string[] = [];
	let current: unknown = error;
	while (current instanceof Error && stacks.length < maxCauses) {
		stacks.push(current.stack ?? `${current.name}: ${current.message}`);
		current = current.cause;
	}
	return stacks.join('\nCaused by: ');
}
