import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Span, Tracer } from '@opentelemetry/api';

interface FetchTracing {
	tracer: Tracer;
	/** Where spans are sent to. */
	untracedUrl: string;
	/** Other origins would have to allow `traceparent`, and the browser refuse the request where they don't. */
	propagatesTo: (origin: string) => boolean;
}

/** Makes `fetch` give a span of each request, until its headers are there. Returns what gives the former `fetch` back. */
export function traceFetch({ tracer, untracedUrl, propagatesTo }: FetchTracing): () => void {
	const original = globalThis.fetch;
	const traced: typeof fetch = (input, init) => {
		const url = urlOf(input);
		// What is no address is for fetch itself to say.
		if (url === undefined || url.href === untracedUrl) return original.call(globalThis, input, init);
		const span = startSpan(tracer, url, methodOf(input, init));
		const within = trace.setSpan(context.active(), span);
		let passed = init;
		if (propagatesTo(url.origin)) {
			const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
			propagation.inject(within, headers, { set: (carrier, name, value) => carrier.set(name, value) });
			passed = { ...init, headers };
		}
		const answer = original.call(globalThis, input, passed);
		// Watched, not wrapped: the caller gets the very promise, and its rejection is theirs to handle.
		answer.then(
			(response) => endWith(span, response),
			(error: unknown) => failWith(span, error),
		);
		return answer;
	};
	globalThis.fetch = traced;
	return () => {
		// Whoever has wrapped it since would be taken away with it.
		if (globalThis.fetch === traced) globalThis.fetch = original;
	};
}

function urlOf(input: RequestInfo | URL): URL | undefined {
	const text = input instanceof Request ? input.url : String(input);
	return URL.parse(text, location.href) ?? undefined;
}

const methodOf = (input: RequestInfo | URL, init: RequestInit | undefined): string =>
	(init?.method ?? (input instanceof Request ? input.method : 'GET')).toUpperCase();

/** By the semantic conventions of HTTP client spans. */
const startSpan = (tracer: Tracer, url: URL, method: string): Span =>
	tracer.startSpan(method, {
		kind: SpanKind.CLIENT,
		attributes: {
			'http.request.method': method,
			'url.full': url.href,
			'server.address': url.hostname,
			'server.port': Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
		},
	});

function endWith(span: Span, { status, type }: Response): void {
	// An opaque answer, of another origin without CORS, hides its status behind 0.
	if (type !== 'opaque' && type !== 'opaqueredirect') span.setAttribute('http.response.status_code', status);
	if (status >= 400) {
		span.setAttribute('error.type', String(status));
		span.setStatus({ code: SpanStatusCode.ERROR });
	}
	span.end();
}

function failWith(span: Span, error: unknown): void {
	const { name, message } = error instanceof Error ? error : new Error(String(error));
	span.setAttribute('error.type', name);
	span.setStatus({ code: SpanStatusCode.ERROR, message });
	span.end();
}
