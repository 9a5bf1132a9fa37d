import { promisify } from 'node:util';
import { deflate, deflateRaw, gzip, zstdCompress } from 'node:zlib';
import type { Hono } from 'hono';
import { otlpHttp, type OtlpHttpOptions } from '../../collector/receiver/otlp-http.ts';
import { IngestRoom } from '../../collector/receiver/request-room.ts';
import { zipkinHttp } from '../../collector/receiver/zipkin-http.ts';
import { openDecodePool } from './decode-pool.ts';
import { decodeProto, encodeProto } from './otlp-proto.ts';
import { recordedIntake } from './recorded-intake.ts';
import type { RecordedIntake } from './recorded-intake.ts';

const MiB = 1024 * 1024;
const pool = openDecodePool();

/** For when all is over: the threads of the decoders. */
export const closeWorlds = (): Promise<void> => pool.close();

export interface World extends RecordedIntake {
	app: Hono;
	/** The same for Zipkin's reporters. */
	zipkin: Hono;
}

type Over = Partial<OtlpHttpOptions> & { maxBytesInFlight?: number };

/** The listener with what it would hand on, and what it told. */
export function world({ maxBytesInFlight = 256 * MiB, ...over }: Over = {}): World {
	const { recorded, options } = recordedIntake(pool);
	const settings = {
		...options,
		corsOrigins: ['https://*.example.com'],
		room: new IngestRoom(maxBytesInFlight),
		...over,
	};
	return { app: otlpHttp(settings), zipkin: zipkinHttp(settings), ...recorded };
}

export const SIGNALS = ['traces', 'metrics', 'logs'] as const;
export const TYPES = ['application/x-protobuf', 'application/json', 'APPLICATION/JSON; charset=utf-8'] as const;
export const PACKINGS = {
	identity: async (body: Uint8Array) => body,
	gzip: promisify(gzip) as (body: Uint8Array) => Promise<Uint8Array>,
	'x-gzip': promisify(gzip) as (body: Uint8Array) => Promise<Uint8Array>,
	GZIP: promisify(gzip) as (body: Uint8Array) => Promise<Uint8Array>,
	deflate: promisify(deflate) as (body: Uint8Array) => Promise<Uint8Array>,
	'deflate without a header': promisify(deflateRaw) as (body: Uint8Array) => Promise<Uint8Array>,
	zstd: promisify(zstdCompress) as (body: Uint8Array) => Promise<Uint8Array>,
};

export const span = { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174', name: 'work' };
export const badSpan = { ...span, traceId: '0'.repeat(32) };
const JSON_BODIES = {
	traces: (bad: boolean) => ({ resourceSpans: [{ scopeSpans: [{ spans: bad ? [span, badSpan] : [span] }] }] }),
	metrics: () => ({ resourceMetrics: [] }),
	logs: () => ({ resourceLogs: [] }),
};
export const isJson = (type: string): boolean => type.toLowerCase().includes('json');
export const ids = (each: typeof span) => ({
	...each,
	traceId: Buffer.from(each.traceId, 'hex'),
	spanId: Buffer.from(each.spanId, 'hex'),
});

/** A request of one span, and a bad one where asked for; of the other signals an empty one. */
export function bodyOf(signal: (typeof SIGNALS)[number], type: string, bad = false): Uint8Array {
	if (isJson(type)) return Buffer.from(JSON.stringify(JSON_BODIES[signal](bad)));
	if (signal !== 'traces') return new Uint8Array();
	const spans = (bad ? [span, badSpan] : [span]).map(ids);
	return encodeProto('ExportTraceServiceRequest', { resourceSpans: [{ scopeSpans: [{ spans }] }] });
}

export const post = (
	app: Hono,
	path: string,
	type: string | undefined,
	body: Uint8Array | string,
	headers: Record<string, string> = {},
) =>
	app.request(path, {
		method: 'POST',
		headers: { ...(type === undefined ? {} : { 'content-type': type }), ...headers },
		body: new Uint8Array(Buffer.from(body)),
	});

/** google.rpc.Status in either encoding. */
export async function statusOf(response: Response): Promise<{ code?: number; message?: string; details?: unknown[] }> {
	if (response.headers.get('content-type') === 'application/json') return (await response.json()) as { code: number };
	return decodeProto('RpcStatus', new Uint8Array(await response.arrayBuffer()));
}

export const CASES = SIGNALS.flatMap((signal) =>
	TYPES.flatMap((type) =>
		Object.keys(PACKINGS).map((packing) => [signal, type, packing as keyof typeof PACKINGS] as const),
	),
);
