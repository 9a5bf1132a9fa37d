import { promisify } from 'node:util';
import { gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib';
import { messageOf, ProblemError } from '../problem.ts';
import type { LeastPace } from './body-pace.ts';

export interface BodyLimits {
	/** Bytes of one body, as sent and inflated alike. */
	maxBodyBytes: number;
	/** How slowly one may come; as BodyPace has it where nothing is said. */
	leastPace?: LeastPace;
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

export const bodyTooLarge = (limits: BodyLimits): ProblemError =>
	new ProblemError(
		413,
		'BODY_TOO_LARGE',
		`the body is larger than ${limits.maxBodyBytes} bytes; send smaller batches (maxExportBatchSize) or raise the limit`,
	);

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
		if (error instanceof RangeError) throw bodyTooLarge(limits);
		throw new ProblemError(400, 'DAMAGED_CONTENT_ENCODING', `the body is not whole ${encoding}: ${messageOf(error)}`);
	}
}
