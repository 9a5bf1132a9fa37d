import type { Context } from 'hono';
import { z } from 'zod';
import { spanDetailSchema, traceRequest } from '../../schema/api.ts';
import type { SpanDetail } from '../../schema/api.ts';
import type { OtlpTracesData } from '../../schema/otlp-json.ts';
import { parseSpanId, parseTraceId } from '../../schema/span.ts';
import type { SpanId, TraceId } from '../../schema/span.ts';
import { traceAnswer } from '../../schema/trace-answer.ts';
import { TRACE_MEDIA_TYPE } from '../../schema/trace-columns.ts';
import { ProblemError } from '../problem.ts';
import type { ReadScope, TraceReader } from '../store/reader-types.ts';
import type { ArrangeTrace } from './arrange-trace.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { readScope } from './scope.ts';

/** More spans than this are cut, and the answer says so. */
const maxSpans = 250_000;

const binary = z
	.instanceof(ArrayBuffer)
	.meta({ override: { type: 'string', format: 'binary', description: 'Columns; schema/trace-columns.ts' } });
const otlpTraces = z
	.custom<OtlpTracesData>()
	.meta({ override: { type: 'object', description: 'OTLP/JSON TracesData' } });

/** One trace and one span of it. */
export function traceRoutes(traces: TraceReader, arrange: ArrangeTrace): Route[] {
	return [
		route({
			path: '/traces/{traceId}',
			role: 'viewer',
			summary: 'The spans of a trace arranged as a tree, in columns: binary or JSON by Accept',
			query: traceRequest,
			answer: traceAnswer,
			otherAnswers: { [TRACE_MEDIA_TYPE]: binary },
			handle: async (c, query) => {
				const traceId = traceIdOf(c);
				const found = await traces.spans(readScope(c, query), traceId, query.at, maxSpans);
				if (found === undefined) throw noTrace(traceId);
				const isBinary = c.req.header('accept')?.includes(TRACE_MEDIA_TYPE) === true;
				const body = await arrange({ ...found, traceId, form: isBinary ? 'binary' : 'json' });
				c.header('vary', 'accept');
				return c.body(body, 200, { 'content-type': isBinary ? TRACE_MEDIA_TYPE : 'application/json' });
			},
		}),
		route({
			path: '/traces/{traceId}/otlp',
			role: 'viewer',
			summary: 'The stored trace as OTLP/JSON TracesData, every field as it was received',
			query: traceRequest,
			answer: otlpTraces,
			handle: async (c, query) => {
				const traceId = traceIdOf(c);
				const otlp = await traces.otlp(readScope(c, query), traceId, query.at);
				if (otlp === undefined) throw noTrace(traceId);
				return c.body(JSON.stringify(otlp), 200, { 'content-type': 'application/json' });
			},
		}),
		route({
			path: '/traces/{traceId}/spans/{spanId}',
			role: 'viewer',
			summary: 'Everything known of one span',
			query: traceRequest,
			answer: spanDetailSchema,
			handle: async (c, query) => {
				const span = await spanOf(traces, readScope(c, query), traceIdOf(c), spanIdOf(c), query.at);
				return c.json<SpanDetail>(span);
			},
		}),
	];
}

/** Throws a ProblemError of 400 when the path has none. */
export function traceIdOf(c: Context): TraceId {
	const written = c.req.param('traceId') ?? '';
	const traceId = parseTraceId(written);
	if (traceId === undefined) throw badId('traceId', written, 32);
	return traceId;
}

/** As `traceIdOf`. */
export function spanIdOf(c: Context): SpanId {
	const written = c.req.param('spanId') ?? '';
	const spanId = parseSpanId(written);
	if (spanId === undefined) throw badId('spanId', written, 16);
	return spanId;
}

/** Throws a ProblemError of 404 when there is none. */
export async function spanOf(
	traces: TraceReader,
	scope: ReadScope,
	traceId: TraceId,
	spanId: SpanId,
	atMs: number | undefined,
): Promise<SpanDetail> {
	const span = await traces.span(scope, traceId, spanId, atMs);
	if (span !== undefined) return span;
	throw new ProblemError(404, 'NO_SUCH_SPAN', `no span ${spanId} in trace ${traceId}`);
}

const badId = (name: string, written: string, digits: number): ProblemError =>
	new ProblemError(
		400,
		'BAD_ID',
		`${name} is ${JSON.stringify(written)}; expected ${digits} hexadecimal digits, not all zero`,
	);

const noTrace = (traceId: TraceId): ProblemError =>
	new ProblemError(
		404,
		'NO_SUCH_TRACE',
		`no trace ${traceId}: it never arrived, or its spans are older than the retention`,
	);
