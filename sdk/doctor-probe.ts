import { connect } from 'node:http2';
import type { IncomingHttpHeaders } from 'node:http2';

export interface Answer {
	status: number;
	/** What the receiver said, cut; empty when it said nothing. */
	text: string;
	/** Unix milliseconds by the receiver's clock; undefined where it doesn't tell. */
	date: number | undefined;
	receivedMs: number;
}

interface Target {
	endpoint: string;
	protocol: string;
	headers: Record<string, string>;
}

const maxText = 500;

/**
 * Sends traces once, with no retry. As JSON whichever HTTP protocol is set, since receivers of OTLP take both; over gRPC an empty
 * request, which tries connection and key. Rejects when nobody answers.
 */
export async function sendTraces(target: Target, traces: object, timeoutMs: number): Promise<Answer> {
	if (target.protocol === 'grpc') return callGrpc(target, timeoutMs);
	const answer = await fetch(target.endpoint, {
		method: 'POST',
		headers: { ...target.headers, 'content-type': 'application/json' },
		body: JSON.stringify(traces),
		signal: AbortSignal.timeout(timeoutMs),
	});
	const text = (await answer.text()).slice(0, maxText);
	const date = Date.parse(answer.headers.get('date') ?? '');
	return {
		status: answer.status,
		text: messageOf(text),
		date: Number.isNaN(date) ? undefined : date,
		receivedMs: Date.now(),
	};
}

/** google.rpc.Status and problem details say it in a member. */
function messageOf(text: string): string {
	try {
		const { message, detail } = JSON.parse(text) as { message?: unknown; detail?: unknown };
		return typeof message === 'string' ? message : typeof detail === 'string' ? detail : '';
	} catch {
		return text;
	}
}

/** Statuses of gRPC as those of HTTP that say the same. */
const HTTP_OF_GRPC: Readonly<Record<string, number>> = { '0': 200, '7': 403, '12': 404, '16': 401 };

function callGrpc({ endpoint, headers }: Target, timeoutMs: number): Promise<Answer> {
	const { promise, resolve, reject } = Promise.withResolvers<Answer>();
	const session = connect(endpoint);
	const timer = setTimeout(() => reject(new DOMException('no answer', 'TimeoutError')), timeoutMs);
	session.once('error', reject);
	const call = session.request({
		...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
		':method': 'POST',
		':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
		'content-type': 'application/grpc',
		te: 'trailers',
	});
	const take = (found: IncomingHttpHeaders) => {
		const [status, message] = [found['grpc-status'], found['grpc-message']].map((value) => value?.toString());
		if (status === undefined) return;
		const text = decodeURIComponent(message ?? '').slice(0, maxText);
		resolve({ status: HTTP_OF_GRPC[status] ?? 500, text, date: undefined, receivedMs: Date.now() });
	};
	call.once('error', reject);
	call.on('response', take);
	call.on('trailers', take);
	call.resume();
	// An empty ExportTraceServiceRequest: not compressed, no bytes.
	call.end(Buffer.alloc(5));
	return promise.finally(() => {
		clearTimeout(timer);
		session.destroy();
	});
}

/** What a person can do about it. */
export function whyUnreachable(error: unknown, target: Target): string {
	if (error instanceof DOMException && error.name === 'TimeoutError') {
		return `${target.endpoint} does not answer: is a firewall, a proxy or a container's network in between?`;
	}
	const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
	const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
	const message = cause instanceof Error ? cause.message : String(cause);
	const [, advice] = ADVICE.find(([signs]) => signs.test(`${code} ${message}`)) ?? [];
	return advice?.(target, code || message) ?? `${target.endpoint} could not be reached: ${message}`;
}

/** By codes and messages of Node.js: of sockets, names, TLS, and of what isn't HTTP. */
const ADVICE: readonly (readonly [RegExp, (target: Target, code: string) => string])[] = [
	[/ECONNREFUSED/, ({ endpoint }) => `nothing listens at ${endpoint}: is Spanhouse running, and is this its port?`],
	[
		/ENOTFOUND|EAI_AGAIN/,
		({ endpoint }) => `the name ${URL.parse(endpoint)?.hostname ?? endpoint} is not known here: is it written right?`,
	],
	[
		/CERT|SELF_SIGNED|TLS|SSL/,
		({ endpoint }, code) =>
			`${endpoint} has a certificate that is not trusted here (${code}): NODE_EXTRA_CA_CERTS names one that is`,
	],
	[
		/HPE_|UND_ERR_SOCKET|ERR_HTTP2|Expected HTTP/,
		({ endpoint, protocol }, code) => {
			const other = protocol === 'grpc' ? 'HTTP, usually on port 4318' : 'gRPC, usually on port 4317';
			return `${endpoint} speaks something else than ${protocol} (${code}); perhaps OTLP over ${other}`;
		},
	],
];
