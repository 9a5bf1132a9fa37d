/** An OTLP/HTTP endpoint for tests: keeps what it is sent as JSON. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

interface AnyValue {
	stringValue?: string;
	intValue?: string | number;
	doubleValue?: number;
	boolValue?: boolean;
	arrayValue?: { values: AnyValue[] };
}
type Attributes = Record<string, unknown>;
type SentAttributes = { key: string; value: AnyValue }[];

interface SentSpan {
	traceId: string;
	spanId: string;
	parentSpanId?: string;
	name: string;
	kind: number;
	startTimeUnixNano: string;
	endTimeUnixNano: string;
	attributes?: SentAttributes;
	events?: { name: string; attributes?: SentAttributes }[];
	links?: { traceId: string; spanId: string }[];
	status?: { code?: number; message?: string };
}

interface SentTraces {
	resourceSpans: {
		resource: { attributes: SentAttributes };
		scopeSpans: { scope: { name: string }; spans: SentSpan[] }[];
	}[];
}

export interface ReceivedSpan extends Omit<SentSpan, 'attributes' | 'events'> {
	scope: string;
	service: string;
	resource: Attributes;
	attributes: Attributes;
	events: { name: string; attributes: Attributes }[];
	durationMs: number;
}

export interface ReceivedRequest {
	path: string;
	headers: IncomingHttpHeaders;
	byteLength: number;
}

export interface OtlpReceiver extends AsyncDisposable {
	url: string;
	requests: ReceivedRequest[];
	spans: ReceivedSpan[];
}

interface Behaviour {
	/** So many requests are told to come again in a second before any is taken. */
	busyFor?: number;
}

export async function startOtlpReceiver({ busyFor = 0 }: Behaviour = {}): Promise<OtlpReceiver> {
	const requests: ReceivedRequest[] = [];
	const spans: ReceivedSpan[] = [];
	const server = createServer((request, response) => {
		void readBody(request).then((body) => {
			requests.push({ path: request.url ?? '', headers: request.headers, byteLength: body.byteLength });
			if (requests.length <= busyFor) return void response.writeHead(503, { 'retry-after': '1' }).end();
			if (request.headers['content-type'] === 'application/json') spans.push(...decode(body));
			response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
		});
	});
	await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
	return {
		url: `http://127.0.0.1:${address.port}`,
		requests,
		spans,
		[Symbol.asyncDispose]: () =>
			new Promise<void>((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
	const body = await buffer(request);
	return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

function decode(body: Buffer): ReceivedSpan[] {
	const traces: SentTraces = JSON.parse(body.toString('utf8'));
	return traces.resourceSpans.flatMap(({ resource, scopeSpans }) => {
		const resourceAttributes = toAttributes(resource.attributes);
		return scopeSpans.flatMap(({ scope, spans }) =>
			spans.map((span) => ({
				...span,
				scope: scope.name,
				service: String(resourceAttributes['service.name']),
				resource: resourceAttributes,
				attributes: toAttributes(span.attributes),
				events: (span.events ?? []).map((event) => ({ name: event.name, attributes: toAttributes(event.attributes) })),
				durationMs: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
			})),
		);
	});
}

const toAttributes = (list: SentAttributes = []): Attributes =>
	Object.fromEntries(list.map(({ key, value }) => [key, toPlain(value)]));

const toPlain = (value: AnyValue): unknown =>
	value.arrayValue?.values.map(toPlain) ??
	value.stringValue ??
	value.boolValue ??
	value.doubleValue ??
	(value.intValue === undefined ? undefined : Number(value.intValue));
