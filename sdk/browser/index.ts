/** `@spanhouse/sdk/browser`: page loads and fetches of a web page as spans, sent as JSON. Importing it does nothing by itself. */
import { context, propagation, trace } from '@opentelemetry/api';
import type { Attributes } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
	AlwaysOffSampler,
	AlwaysOnSampler,
	BatchSpanProcessor,
	StackContextManager,
	TracerProvider,
} from '@opentelemetry/sdk-trace';
import { createWithSpan } from '../with-span.ts';
import { tracePageLoad } from './page-load.ts';
import { traceFetch } from './trace-fetch.ts';

export interface BrowserOptions {
	/** Of the page, as `shop-web`. */
	serviceName: string;
	serviceVersion?: string;
	/** `deployment.environment.name`, as `production`. */
	environment?: string;
	/** Base address to which `/v1/traces` is added, as `https://spans.example.com`. */
	endpoint: string;
	/** A browser key, which Spanhouse takes from your pages' origins alone; every visitor can read it. */
	key?: string;
	/** Other origins whose requests get `traceparent`, as `https://api.example.com`: they have to allow that header. */
	propagateTo?: readonly string[];
	/** Share of page views that are traced, 0 to 1. Default: all. */
	ratio?: number;
	resourceAttributes?: Attributes;
}

export interface BrowserHandle {
	/** Sends what is queued. Never rejects. */
	forceFlush(): Promise<void>;
	/** Sends what is queued, ends tracing, and gives `fetch` back. Never rejects. */
	shutdown(): Promise<void>;
}

export type { WithSpan } from '../with-span.ts';

/**
 * Runs `fn` inside a span. Spans begun inside are its children until the first `await`: browsers don't carry a context further;
 * `context.with(trace.setSpan(context.active(), span), …)` does so by hand.
 */
export const withSpan = createWithSpan(() => ({}));

const notStarted: BrowserHandle = { forceFlush: () => Promise.resolve(), shutdown: () => Promise.resolve() };

let running: BrowserHandle | undefined;

/** Starts tracing this page. Outside of a page, as while it is rendered on a server, it does nothing; nor does a second call. */
export function start(options: BrowserOptions): BrowserHandle {
	if (running !== undefined || typeof document === 'undefined') return running ?? notStarted;
	const url = `${options.endpoint.replace(/\/$/, '')}/v1/traces`;
	const provider = createProvider(options, url);
	trace.setGlobalTracerProvider(provider);
	context.setGlobalContextManager(new StackContextManager().enable());
	propagation.setGlobalPropagator(new W3CTraceContextPropagator());

	const tracer = provider.getTracer('@spanhouse/sdk/browser');
	tracePageLoad(tracer);
	const origins = new Set([location.origin, ...(options.propagateTo ?? [])]);
	const restoreFetch = traceFetch({ tracer, untracedUrl: url, propagatesTo: (origin) => origins.has(origin) });
	const settled = (work: Promise<void>) => work.catch(() => undefined);
	running = {
		forceFlush: () => settled(provider.forceFlush()),
		shutdown: () => {
			restoreFetch();
			return settled(provider.shutdown());
		},
	};
	return running;
}

function createProvider(options: BrowserOptions, url: string): TracerProvider {
	const headers = options.key === undefined ? {} : { authorization: `Bearer ${options.key}` };
	return new TracerProvider({
		resource: resourceFromAttributes({
			'service.name': options.serviceName,
			...(options.serviceVersion === undefined ? {} : { 'service.version': options.serviceVersion }),
			...(options.environment === undefined ? {} : { 'deployment.environment.name': options.environment }),
			'user_agent.original': navigator.userAgent,
			'browser.language': navigator.language,
			...options.resourceAttributes,
		}),
		// One answer for the whole view, or a share of it would be traces without their page.
		sampler: Math.random() < (options.ratio ?? 1) ? new AlwaysOnSampler() : new AlwaysOffSampler(),
		// It also sends what it has whenever the page is hidden, which is the last that a page learns of its end.
		spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url, headers }) })],
	});
}
