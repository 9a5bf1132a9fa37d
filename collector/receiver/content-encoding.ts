import { promisify } from 'node:util';
import { gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib';
import type { Context } from 'hono';
import { messageOf, ProblemError } from '../problem.ts';
import { releaseMemory } from '../release-memory.ts';
import { incomingOf } from './incoming.ts';

export interface BodyLimits {
	/** Bytes of one body, as sent and inflated alike. */
	maxBodyBytes: number;
}

type Inflate = (wire: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>;

const inflateZlib: Inflate = promisify(inflate);
const inflateBare: Inflate = promisify(inflateRaw);

/** RFC 9110 means zlib by `deflate`, and some senders leave its two header bytes out. */
const inflateDeflate: Inflate = (wire, options) => (hasZlibHeader(wire) ? inflateZlib : inflateBare)(wire, options);

/** RFC 1950: method 8, and the two bytes as one number are a multiple of 31. */
function hasZlibHeader(wire: Uint8Array): boolean {
	const [first = 0, second = 0] = wire;
	return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}

const INFLATES: ReadonlyMap<string, Inflate> = new Map([
	['gzip', promisify(gunzip) as Inflate],
	['x-gzip', promisify(gunzip) as Inflate],
	['deflate', inflateDeflate],
	['zstd', promisify(zstdDecompress) as Inflate],
]);

const SUPPORTED = 'gzip, deflate, zstd, identity';

const tooLarge = (limits: BodyLimits): ProblemError =>
	new ProblemError(
		413,
		'BODY_TOO_LARGE',
		`the body is larger than ${limits.maxBodyBytes} bytes; send smaller batches (maxExportBatchSize) or raise the limit`,
	);

/**
 * The body as it was sent, read no further than the limit; from Node's own stream, where there is one, which spares a copy
 * or two. `hold` is told the size before that is read, and may throw.
 */
export async function readWire(c: Context, limits: BodyLimits, hold: (bytes: number) => void): Promise<Uint8Array> {
	const length = Number(c.req.header('content-length') ?? Number.NaN);
	if (length > limits.maxBodyBytes) throw tooLarge(limits);
	try {
		// Left as it is when we stop halfway: destroying it would leave the client of a kept connection without an answer.
		const chunks = incomingOf(c)?.iterator({ destroyOnReturn: false }) ?? c.req.raw.body ?? [];
		if (!Number.isInteger(length)) return await readChunks(chunks, limits, hold);
		hold(length);
		return await readKnown(chunks, length);
	} catch (error) {
		if (error instanceof ProblemError) throw error;
		throw new ProblemError(400, 'BODY_INCOMPLETE', `the body ended before it was whole: ${messageOf(error)}`);
	}
}

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** The length is known to fit, and the HTTP parser reads no more than it. */
async function readKnown(chunks: Chunks, length: number): Promise<Uint8Array> {
	// Memory of its own, for a thread may take it over; what is not overwritten is not handed on.
	const body = Buffer.allocUnsafeSlow(length);
	let size = 0;
	for await (const chunk of chunks) {
		if (size + chunk.length > length) throw new RangeError(`more than the ${length} bytes that were announced`);
		body.set(chunk, size);
		size += chunk.length;
		releaseMemory(chunk);
	}
	if (size < length) throw new RangeError(`${size} of ${length} bytes came`);
	return body;
}

async function readChunks(body: Chunks, limits: BodyLimits, hold: (bytes: number) => void): Promise<Uint8Array> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of body) {
		size += chunk.byteLength;
		if (size > limits.maxBodyBytes) throw tooLarge(limits);
		hold(size);
		chunks.push(chunk);
	}
	return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
}

/** The name of the encoding, checked before the body is read. */
export function contentEncoding(header: string | undefined): string {
	const name = (header ?? '').trim().toLowerCase();
	if (name === '' || name === 'identity' || INFLATES.has(name)) return name || 'identity';
	const detail = name.includes(',') ? 'one encoding at a time is supported' : `supported: ${SUPPORTED}`;
	throw new ProblemError(
		400,
		'UNSUPPORTED_CONTENT_ENCODING',
		`unsupported Content-Encoding: ${name.slice(0, 64)}, ${detail}`,
	);
}

/** Inflates in zlib's own threads, which stop as soon as the limit is passed. */
export async function inflateBody(wire: Uint8Array, encoding: string, limits: BodyLimits): Promise<Uint8Array> {
	const inflateWith = INFLATES.get(encoding);
	// An empty body is an empty request, whatever it claims to be packed with.
	if (inflateWith === undefined || wire.length === 0) return wire;
	try {
		return await inflateWith(wire, { maxOutputLength: limits.maxBodyBytes });
	} catch (error) {
		if (error instanceof RangeError) throw tooLarge(limits);
		throw new ProblemError(400, 'DAMAGED_CONTENT_ENCODING', `the body is not whole ${encoding}: ${messageOf(error)}`);
	}
}
