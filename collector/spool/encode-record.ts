import { promisify } from 'node:util';
import { constants, zstdCompress, zstdCompressSync, zstdDecompress } from 'node:zlib';
import type { SpanBlock } from '../../schema/span-block.ts';
import { RecordError } from './record-error.ts';
import { maxPayloadBytes } from './segment-format.ts';
import type { Codec, RecordHead } from './segment-format.ts';
import { crcOfPayload } from './segment-scan.ts';
import { decodeSpanBlock, encodeSpanBlock } from './span-block-codec.ts';

export interface EncodedRecord {
	project: string;
	spans: number;
	codec: Codec;
	rawBytes: number;
	projectBytes: number;
	/** Project, then the block. */
	payload: Uint8Array[];
	payloadBytes: number;
	payloadCrc: number;
}

const params = { [constants.ZSTD_c_compressionLevel]: 1 };
/** Node makes one round trip for each piece of output: pieces are about what will come, within reason. */
const maxChunkBytes = 4 * 1024 ** 2;
const chunkBytes = (expected: number): number => Math.min(Math.max(expected, 4 * 1024), maxChunkBytes);
/** Handing over to a thread costs the event loop more than compressing so little: 1.9 against 1.2 ms for 370 kB. */
const syncBelowBytes = 1024 ** 2;
/** Preparing zstd costs more than writing so little as it is. */
const rawBelowBytes = 4 * 1024;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

export async function encodeRecord(block: SpanBlock, seed: number): Promise<EncodedRecord> {
	const raw = encodeSpanBlock(block);
	const codec: Codec = raw.length < rawBelowBytes ? 'raw' : 'zstd';
	const project = Buffer.from(block.project).subarray(0, 0xffff);
	const payload = [project, codec === 'raw' ? raw : await pack(raw)];
	return {
		project: block.project,
		spans: block.rows,
		codec,
		rawBytes: raw.length,
		projectBytes: project.length,
		payload,
		payloadBytes: payload.reduce((total, chunk) => total + chunk.byteLength, 0),
		payloadCrc: crcOfPayload(payload, seed),
	};
}

function pack(raw: Uint8Array): Promise<Buffer> | Buffer {
	const options = { params, chunkSize: chunkBytes(raw.length >>> 1) };
	return raw.length < syncBelowBytes ? zstdCompressSync(raw, options) : compress(raw, options);
}

/** Throws RecordError for whatever is wrong with the payload. */
export async function decodeRecord(head: RecordHead, payload: Uint8Array, seed: number): Promise<SpanBlock> {
	if (payload.length !== head.payloadBytes) {
		throw new RecordError(`${payload.length} of ${head.payloadBytes} payload bytes could be read`);
	}
	if (crcOfPayload([payload], seed) !== head.payloadCrc) throw new RecordError('the checksum of the payload is wrong');
	const block = decodeSpanBlock(await unpack(head, payload.subarray(head.projectBytes)));
	if (block.rows !== head.spans) throw new RecordError(`${block.rows} spans in the block, ${head.spans} in its head`);
	return block;
}

async function unpack(head: RecordHead, packed: Uint8Array): Promise<Uint8Array> {
	if (head.codec === 'raw') return packed;
	if (head.rawBytes > maxPayloadBytes)
		throw new RecordError(`${head.rawBytes} bytes unpacked; at most ${maxPayloadBytes}`);
	try {
		// The head says how much it is: nothing larger is unpacked, whatever the bytes claim.
		return await decompress(packed, {
			maxOutputLength: Math.max(1, head.rawBytes),
			chunkSize: chunkBytes(head.rawBytes),
		});
	} catch (error) {
		throw new RecordError(`zstd: ${error instanceof Error ? error.message : String(error)}`);
	}
}
