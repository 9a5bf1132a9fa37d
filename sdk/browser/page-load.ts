import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import type { Context, Span, Tracer } from '@opentelemetry/api';

/** Moments that a page load passes, by their names in `PerformanceNavigationTiming`. */
const MOMENTS = ['domInteractive', 'domContentLoadedEventEnd', 'domComplete'] as const;

/**
 * One span from the navigation to the end of `load`, with the request for the document as its child; in the trace of the server
 * that made the page, where it says which: `<meta name="traceparent" content="00-…">`.
 */
export function tracePageLoad(tracer: Tracer): void {
	// The end of `load` is known only after its handlers.
	const record = () => setTimeout(() => recordPageLoad(tracer));
	if (document.readyState === 'complete') record();
	else addEventListener('load', record, { once: true });
}

function recordPageLoad(tracer: Tracer): void {
	const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
	if (navigation === undefined) return;
	const at = (sinceOriginMs: number) => performance.timeOrigin + sinceOriginMs;
	const page = tracer.startSpan(
		'page load',
		{
			startTime: at(navigation.startTime),
			attributes: {
				'url.full': location.href,
				'url.path': location.pathname,
				'browser.navigation.type': navigation.type,
			},
		},
		parentOf(document),
	);
	recordDocument(tracer, navigation, page, at);
	for (const moment of MOMENTS) if (navigation[moment] > 0) page.addEvent(moment, at(navigation[moment]));
	for (const { name, startTime } of performance.getEntriesByType('paint')) page.addEvent(name, at(startTime));
	page.end(at(navigation.loadEventEnd));
}

function recordDocument(
	tracer: Tracer,
	navigation: PerformanceNavigationTiming,
	page: Span,
	at: (sinceOriginMs: number) => number,
): void {
	// 0 where the page came from the cache of pages that were left.
	if (navigation.responseEnd === 0) return;
	const options = {
		kind: SpanKind.CLIENT,
		startTime: at(navigation.fetchStart),
		attributes: {
			'http.request.method': 'GET',
			'url.full': location.href,
			'server.address': location.hostname,
			// Not told by every browser.
			...(navigation.responseStatus > 0 ? { 'http.response.status_code': navigation.responseStatus } : {}),
		},
	};
	tracer.startSpan('GET', options, trace.setSpan(context.active(), page)).end(at(navigation.responseEnd));
}

function parentOf(page: Document): Context {
	const traceparent = page.querySelector<HTMLMetaElement>('meta[name=traceparent]')?.content;
	return traceparent === undefined ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, { traceparent });
}
