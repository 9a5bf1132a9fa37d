import { arrangeTrace } from '../../collector/analysis/span-tree.ts';
import { encodeTrace, TRACE_MEDIA_TYPE } from '../../schema/trace-columns.ts';
import { checkoutTrace } from '../../test/support/sample-traces.ts';
import { BASE_UNIX_NANO, traceSpans } from '../../test/support/trace-spans.ts';
import { SPAN_KINDS, STATUS_CODES } from '../../schema/span.ts';
import type { OtlpTracesData } from '../../schema/otlp-json.ts';
import type { KeyValue, SpanDetail, SpanRow } from '../../schema/api.ts';
import type { SpanRankAnswer } from '../../schema/api-span-rank.ts';
import type { DrawnSpan } from '../../test/support/trace-spans.ts';
import type { Answers } from './fake-server.ts';

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
export const idOf = (span: DrawnSpan): string => span.id.toString(16).padStart(16, '0');

/** The trace's own answer, in the binary form. */
export function traceAnswer(drawn: readonly DrawnSpan[], total = drawn.length): Response {
	const body = encodeTrace(arrangeTrace(traceSpans(drawn)), { total, truncated: total > drawn.length });
	return new Response(body, { headers: { 'content-type': TRACE_MEDIA_TYPE } });
}

/** A trace, and the details of each of its spans. */
export function traceAnswers(drawn: readonly DrawnSpan[] = checkoutTrace(), total?: number): Answers {
	return {
		[`/traces/${TRACE_ID}`]: () => traceAnswer(drawn, total),
		[`/traces/${TRACE_ID}/otlp`]: () => otlpAnswer(drawn),
		[`/traces/${TRACE_ID}/logs`]: () => ({ logs: [], truncated: false }),
		'/pins': () => ({ pins: [], limit: 1_000, bytesOnDisk: 0 }),
		...Object.fromEntries(
			drawn.map((span) => [`/traces/${TRACE_ID}/spans/${idOf(span)}/rank`, () => spanRank(spanDetail(span))]),
		),
		...Object.fromEntries(drawn.map((span) => [`/traces/${TRACE_ID}/spans/${idOf(span)}`, () => spanDetail(span)])),
	};
}

const spanRank = ({ service, namespace, environment, operation, kind, durationNano }: SpanDetail): SpanRankAnswer => ({
	service,
	namespace,
	environment,
	operation,
	kind,
	durationNano,
	window: { fromMs: 0, toMs: 3_600_000 },
	requests: 12_400,
	spans: 12_400,
	quickerRatio: 0.9789,
});

/** The trace as OTLP/JSON, each span under a resource of its own. */
export const otlpAnswer = (drawn: readonly DrawnSpan[]): OtlpTracesData => ({
	resourceSpans: drawn.map((span) => {
		const detail = spanDetail(span);
		return {
			resource: {
				attributes: [
					...detail.resource.attributes,
					text('service.name', detail.service),
					text('service.namespace', detail.namespace),
					text('service.version', detail.version),
				],
			},
			scopeSpans: [
				{
					scope: { name: detail.scope.name, version: detail.scope.version },
					spans: [
						{
							traceId: TRACE_ID,
							spanId: detail.spanId,
							parentSpanId: span.parent === undefined ? '' : span.parent.toString(16).padStart(16, '0'),
							name: detail.name,
							kind: SPAN_KINDS.indexOf(detail.kind),
							startTimeUnixNano: detail.startUnixNano,
							endTimeUnixNano: detail.endUnixNano,
							attributes: detail.attributes,
							events: detail.events,
							status: { code: STATUS_CODES.indexOf(detail.status), message: detail.statusMessage },
						},
					],
				},
			],
		};
	}),
});

const text = (key: string, value: string): KeyValue => ({ key, value: { stringValue: value } });
const STACK = `StripeTimeout: charge timed out
    at charge (/srv/payment/src/pay.ts:51:11)
    at run (/srv/payment/node_modules/grpc/server.js:412:3)`;

export function spanDetail(span: DrawnSpan): SpanDetail {
	const startUnixNano = BASE_UNIX_NANO + BigInt(span.start);
	const [namespace = '', service = ''] = (span.service ?? '').split('/');
	const isError = span.error === true;
	return {
		traceId: TRACE_ID,
		spanId: idOf(span),
		parentSpanId: '',
		service,
		namespace,
		operation: span.name ?? '',
		name: span.name ?? '',
		kind: span.kind ?? 'internal',
		type: 'custom',
		startUnixNano: String(startUnixNano),
		endUnixNano: String(startUnixNano + BigInt(span.end - span.start)),
		durationNano: span.end - span.start,
		status: isError ? 'error' : 'unset',
		error: isError,
		environment: 'production',
		version: 'v92',
		statusMessage: isError ? 'charge timed out' : '',
		traceState: '',
		flags: 257,
		marks: isError ? ['redacted'] : [],
		weight: 1,
		attributes: [text('http.route', '/api/checkout'), { key: 'server.port', value: { intValue: '8443' } }],
		droppedAttributes: 0,
		events: isError ? [exceptionAt(startUnixNano + 501_000_000n)] : [],
		droppedEvents: 0,
		links: [],
		droppedLinks: 0,
		linkedFrom: [mailerSpan(startUnixNano)],
		linkedFromOf: 1,
		resource: { attributes: [text('k8s.pod.name', 'checkout-7c9f8')], droppedAttributes: 0, schemaUrl: '' },
		scope: { name: 'instrumentation-http', version: '1.0.0', attributes: [], droppedAttributes: 0, schemaUrl: '' },
	};
}

const exceptionAt = (timeUnixNano: bigint): SpanDetail['events'][number] => ({
	timeUnixNano: String(timeUnixNano),
	name: 'exception',
	attributes: [
		text('exception.type', 'StripeTimeout'),
		text('exception.message', 'charge timed out'),
		text('exception.stacktrace', STACK),
	],
	droppedAttributes: 0,
});

const mailerSpan = (startUnixNano: bigint): SpanRow => ({
	traceId: 'b'.repeat(32),
	spanId: '00000000000000aa',
	parentSpanId: '',
	service: 'mailer',
	operation: 'orders process',
	name: 'orders process',
	kind: 'consumer',
	type: 'messaging',
	startUnixNano: String(startUnixNano),
	durationNano: 5_000_000,
	status: 'unset',
	error: false,
});
