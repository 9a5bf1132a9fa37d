import { Hono, type Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { SpanBlock } from '../../schema/span-block.ts';
import type { Log } from '../log.ts';
import { messageOf, ProblemError } from '../problem.ts';
import { contentEncoding, inflateBody, readWire, type BodyLimits } from './content-encoding.ts';
import { otlpCors } from './cors.ts';
import { countPoints } from './count-points.ts';
import { DecodeError } from './decode-error.ts';
import type { DecodePool } from './decode-pool.ts';
import { SIGNALS, type IngestObserver, type OtlpEncoding, type Signal } from './ingest-observer.ts';
import { otlpMediaType, type MediaType } from './media-type.ts';
import { errorStatus, exportResponse, type PartialSuccess } from './otlp-response.ts';
import { tracesPartialSuccess } from './partial-success.ts';

export interface OtlpHttpOptions {
	/** Resolves when the block is stored as durably as the settings say; rejects when it could not be taken. */
	append: (block: SpanBlock) => Promise<void>;
	/** The project that the request belongs to. May throw a ProblemError of 401 or 403. */
	project: (c: Context) => string;
	limits: OtlpHttpLimits;
	/** `https://*.example.com`; none: browsers of other origins are refused. */
	corsOrigins: readonly string[];
	/** Unix milliseconds. */
	clock: () => number;
	/** Decodes a body; see DecodePool. */
	decode: DecodePool['decode'];
	observe: IngestObserver;
	/** `accept` answers plain success for metrics and logs, which are not kept; `report` says so each time. */
	otherSignals: 'accept' | 'report';
	log: Log;
}

interface OtlpHttpLimits extends BodyLimits {
	/** Spans that ended before this are placed at their receive time. */
	retentionMs: number;
}

/** What clients are asked to wait: longer than a busy writer needs for a batch, shorter than they give up after. */
const RETRY_AFTER_SECONDS = '5';

/** OTLP over HTTP: traces are stored, metrics and logs are counted and answered. Source: OTLP specification 1.11, "OTLP/HTTP". */
export function otlpHttp(options: OtlpHttpOptions): Hono {
	const app = new Hono();
	app.use('*', otlpCors(options.corsOrigins));
	for (const signal of SIGNALS) {
		// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is used as it stands, often with a slash at its end.
		for (const path of [`/v1/${signal}`, `/v1/${signal}/`]) {
			app.post(path, (c) => receive(c, signal, options));
			app.all(path, (c) => refuse(c, wrongMethod(c), options));
		}
	}
	app.notFound((c) => refuse(c, wrongPath(c), options));
	return app;
}

async function receive(c: Context, signal: Signal, options: OtlpHttpOptions): Promise<Response> {
	try {
		const project = options.project(c);
		const media = mediaTypeOf(c);
		const body = await readBody(c, signal, media.encoding, options);
		const partial =
			signal === 'traces'
				? await storeTraces(body, media.encoding, project, options)
				: countOther(body, media.encoding, signal, options);
		options.observe.answered(200);
		return c.body(exportResponse(signal, media.encoding, partial), 200, { 'content-type': media.name });
	} catch (error) {
		return refuse(c, error, options);
	}
}

function mediaTypeOf(c: Context): MediaType {
	const media = otlpMediaType(c.req.header('content-type'));
	if (media !== undefined) return media;
	const got = c.req.header('content-type')?.slice(0, 128) ?? 'no Content-Type';
	throw new ProblemError(
		415,
		'UNSUPPORTED_MEDIA_TYPE',
		`${got} is not supported; send application/x-protobuf or application/json`,
	);
}

async function readBody(
	c: Context,
	signal: Signal,
	encoding: OtlpEncoding,
	{ limits, observe }: OtlpHttpOptions,
): Promise<Uint8Array> {
	const packed = contentEncoding(c.req.header('content-encoding'));
	const wire = await readWire(c.req.raw, limits);
	const body = await inflateBody(wire, packed, limits);
	observe.requestReceived({
		signal,
		encoding,
		contentEncoding: packed,
		wireBytes: wire.length,
		bytes: body.length,
		remote: remoteOf(c),
	});
	return body;
}

async function storeTraces(
	body: Uint8Array,
	encoding: OtlpEncoding,
	project: string,
	{ append, decode, clock, limits, observe }: OtlpHttpOptions,
): Promise<PartialSuccess | undefined> {
	const { block, report } = await decode(body, encoding, {
		project,
		receivedMs: clock(),
		retentionMs: limits.retentionMs,
	});
	const service = block.resources.at(-1)?.service ?? '';
	if (block.rows > 0) await append(block);
	observe.spansAccepted({ report, service });
	for (const [reason, count] of Object.entries(report.rejected)) {
		if (count > 0) observe.rejected({ signal: 'traces', reason, count });
	}
	return tracesPartialSuccess(report);
}

function countOther(
	body: Uint8Array,
	encoding: OtlpEncoding,
	signal: 'metrics' | 'logs',
	{ observe, otherSignals }: OtlpHttpOptions,
): PartialSuccess | undefined {
	const rejected = countPoints(body, encoding, signal);
	if (rejected === 0) return undefined;
	observe.rejected({ signal, reason: 'signal_not_stored', count: rejected });
	if (otherSignals === 'accept') return undefined;
	const variable = `OTEL_${signal.toUpperCase()}_EXPORTER`;
	return { rejected, message: `Spanhouse stores traces; set ${variable}=none to stop sending ${signal}` };
}

/** Answers with google.rpc.Status in the request's encoding. */
function refuse(c: Context, thrown: unknown, { observe, log }: OtlpHttpOptions): Response {
	const problem = asProblem(thrown, log);
	const encoding = otlpMediaType(c.req.header('content-type')) ?? {
		name: 'application/json',
		encoding: 'json' as const,
	};
	const { status, message } = problem;
	if (status === 503 || status === 429) c.header('retry-after', RETRY_AFTER_SECONDS);
	if (status === 405) c.header('allow', 'POST');
	observe.requestFailed({ method: c.req.method, path: c.req.path, status, detail: message, remote: remoteOf(c) });
	if (c.req.method === 'POST') observe.answered(status);
	const violation = violationOf(thrown);
	return c.body(errorStatus(encoding.encoding, status, message, violation), status as ContentfulStatusCode, {
		'content-type': encoding.name,
	});
}

/**
 * Clients drop what is answered with 500, and send again what is answered with 503. An unexpected error may well pass,
 * so it is the latter.
 */
function asProblem(thrown: unknown, log: Log): ProblemError {
	if (thrown instanceof ProblemError && thrown.status !== 500) return thrown;
	if (thrown instanceof DecodeError) return new ProblemError(400, thrown.code, thrown.message);
	log.error({ error: messageOf(thrown), stack: thrown instanceof Error ? thrown.stack : undefined }, 'ingest failed');
	return new ProblemError(503, 'INGEST_FAILED', 'the collector could not take the request; send it again');
}

function violationOf(thrown: unknown) {
	if (!(thrown instanceof DecodeError)) return undefined;
	const { field, offset } = thrown.where;
	return { field: field ?? (offset === undefined ? 'body' : `body[${offset}]`), description: thrown.message };
}

const wrongMethod = (c: Context): ProblemError =>
	new ProblemError(405, 'METHOD_NOT_ALLOWED', `${c.req.method} is not allowed here; OTLP is sent by POST`);

function wrongPath(c: Context): ProblemError {
	const origin = new URL(c.req.url).origin;
	return new ProblemError(
		404,
		'NO_SUCH_PATH',
		`nothing is received at ${c.req.path.slice(0, 256)}; set OTEL_EXPORTER_OTLP_ENDPOINT to ${origin}, ` +
			`or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT to ${origin}/v1/traces`,
	);
}

/** Address of the sender; empty where there is no socket, as in tests. */
function remoteOf(c: Context): string {
	const env = c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined;
	return env?.incoming?.socket?.remoteAddress ?? '';
}
