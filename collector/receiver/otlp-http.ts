import { Hono, type Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Log } from '../log.ts';
import { ProblemError } from '../problem.ts';
import { contentEncoding, type BodyLimits } from './content-encoding.ts';
import { otlpCors } from './cors.ts';
import { SIGNALS, type OtlpEncoding, type Signal } from './ingest-observer.ts';
import { ingestProblem, retryAfterSeconds, violationOf } from './ingest-problem.ts';
import { otlpMediaType, type MediaType } from './media-type.ts';
import { errorStatus, exportResponse } from './otlp-response.ts';
import { remoteOf } from './incoming.ts';
import { readWire } from './read-wire.ts';
import { RequestRoom, type IngestRoom } from './request-room.ts';
import type { Sender } from './sender.ts';
import { takeInTime } from './take-in-time.ts';
import type { TakeOptions } from './take-request.ts';

export interface OtlpHttpOptions extends TakeOptions {
	/** Whose request it is. May throw a ProblemError of 401, 403 or 429. */
	sender: (c: Context) => Sender;
	limits: TakeOptions['limits'] & BodyLimits;
	/** `https://*.example.com`; none: browsers of other origins are refused. */
	corsOrigins: readonly string[];
	/** Origins that keys of browsers are for. */
	browserOrigins?: () => readonly string[];
	/** Shared with the other listeners. */
	room: IngestRoom;
	log: Log;
}

/** OTLP over HTTP: traces are stored, metrics and logs are counted and answered. Source: OTLP specification 1.11, "OTLP/HTTP". */
export function otlpHttp(options: OtlpHttpOptions): Hono {
	const app = new Hono();
	app.use('*', otlpCors(options.corsOrigins, options.browserOrigins));
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
	const room = new RequestRoom(options.room);
	try {
		const { project, charge, chargeSpans } = options.sender(c);
		const media = mediaTypeOf(c);
		const body = await readBody(c, signal, media.encoding, options, room);
		charge(body.length);
		const request = { signal, encoding: media.encoding, project, body, chargeSpans };
		const partial = await takeInTime(request, options, room);
		options.observe.answered(200);
		return c.body(exportResponse(signal, media.encoding, partial), 200, { 'content-type': media.name });
	} catch (error) {
		return refuse(c, error, options);
	} finally {
		room.release();
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
	room: RequestRoom,
): Promise<Uint8Array> {
	const packed = contentEncoding(c.req.header('content-encoding'));
	const wire = await readWire(c, limits, room);
	const body = await room.inflate(wire, packed, limits);
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

/** Answers with google.rpc.Status in the request's encoding. */
function refuse(c: Context, thrown: unknown, { observe, log }: OtlpHttpOptions): Response {
	const problem = ingestProblem(thrown, log);
	const encoding = otlpMediaType(c.req.header('content-type')) ?? {
		name: 'application/json',
		encoding: 'json' as const,
	};
	const { status, message } = problem;
	if (status === 503 || status === 429) c.header('retry-after', String(retryAfterSeconds(problem)));
	if (status === 405) c.header('allow', 'POST');
	if (status === 408) c.header('connection', 'close');
	observe.requestFailed({ method: c.req.method, path: c.req.path, status, detail: message, remote: remoteOf(c) });
	if (c.req.method === 'POST') observe.answered(status);
	const violation = violationOf(thrown);
	return c.body(errorStatus(encoding.encoding, status, message, violation), status as ContentfulStatusCode, {
		'content-type': encoding.name,
	});
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
