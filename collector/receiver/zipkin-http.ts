import { Hono, type Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { ProblemError } from '../problem.ts';
import { contentEncoding } from './content-encoding.ts';
import { otlpCors } from './cors.ts';
import { ingestProblem, retryAfterSeconds } from './ingest-problem.ts';
import type { OtlpHttpOptions } from './otlp-http.ts';
import { shorten } from './otlp-response.ts';
import { remoteOf } from './incoming.ts';
import { readWire } from './read-wire.ts';
import { RequestRoom } from './request-room.ts';
import { takeInTime } from './take-in-time.ts';

/** Zipkin v2 over HTTP, for reporters that exist already: the same path to storage as OTLP, with the same promise behind a 2xx. */
export function zipkinHttp(options: OtlpHttpOptions): Hono {
	const app = new Hono();
	app.use('*', otlpCors(options.corsOrigins, options.browserOrigins));
	app.post('/api/v2/spans', (c) => receive(c, options));
	app.all('/api/v2/spans', (c) =>
		refuse(c, new ProblemError(405, 'METHOD_NOT_ALLOWED', 'spans are sent by POST'), options),
	);
	app.notFound((c) =>
		refuse(c, new ProblemError(404, 'NO_SUCH_PATH', 'Zipkin v2 spans are sent to /api/v2/spans'), options),
	);
	return app;
}

async function receive(c: Context, options: OtlpHttpOptions): Promise<Response> {
	const { limits, observe } = options;
	const room = new RequestRoom(options.room);
	try {
		const { project, charge, chargeSpans } = options.sender(c);
		const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
		if (type !== 'application/json') {
			const detail = `${type.slice(0, 128) || 'no Content-Type'} is not supported; send Zipkin v2 as application/json`;
			throw new ProblemError(415, 'UNSUPPORTED_MEDIA_TYPE', detail);
		}
		const packed = contentEncoding(c.req.header('content-encoding'));
		const wire = await readWire(c, limits, room);
		const body = await room.inflate(wire, packed, limits);
		observe.requestReceived({
			signal: 'traces',
			encoding: 'zipkin',
			contentEncoding: packed,
			wireBytes: wire.length,
			bytes: body.length,
			remote: remoteOf(c),
		});
		charge(body.length);
		const request = { signal: 'traces', encoding: 'zipkin', project, body, chargeSpans } as const;
		const partial = await takeInTime(request, options, room);
		observe.answered(202);
		// Zipkin knows no partial success: reporters read the status alone, people the text.
		return c.text(partial === undefined ? '' : shorten(partial.message), 202);
	} catch (error) {
		return refuse(c, error, options);
	} finally {
		room.release();
	}
}

function refuse(c: Context, thrown: unknown, { observe, log }: OtlpHttpOptions): Response {
	const problem = ingestProblem(thrown, log);
	const { status, message } = problem;
	if (status === 503 || status === 429) c.header('retry-after', String(retryAfterSeconds(problem)));
	if (status === 405) c.header('allow', 'POST');
	if (status === 408) c.header('connection', 'close');
	observe.requestFailed({ method: c.req.method, path: c.req.path, status, detail: message, remote: remoteOf(c) });
	if (c.req.method === 'POST') observe.answered(status);
	return c.text(shorten(message), status as ContentfulStatusCode);
}
