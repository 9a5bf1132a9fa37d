import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import type { PackedBlock } from '../../schema/packed-block.ts';
import { RecordError } from './record-error.ts';
import { maxPayloadBytes } from './segment-format.ts';
import type { Codec, RecordHead } from './segment-format.ts';
import { crcOfPayload } from './segment-scan.ts';
import type { BlockCodec, SpoolBlock } from './spool-block.ts';

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

/** Node makes one round trip for each piece of output. */
const maxChunkBytes = 4 * 1024 ** 2;

const decompress = promisify(zstdDecompress);

export function encodeRecord(packed: PackedBlock, seed: number): EncodedRecord {
	const project = Buffer.from(packed.project).subarray(0, 0xffff);
	const payload = [project, packed.zstd ?? packed.frame];
	return {
		project: packed.project,
		spans: packed.rows,
		codec: packed.zstd === undefined ? 'raw' : 'zstd',
		rawBytes: packed.frame.length,
		projectBytes: project.length,
		payload,
		payloadBytes: payload.reduce((total, chunk) => total + chunk.byteLength, 0),
		payloadCrc: crcOfPayload(payload, seed),
	};
}

/** Throws RecordError for whatever is wrong with the payload. */
export async function decodeRecord<Block extends SpoolBlock>(
	head: RecordHead,
	payload: Uint8Array,
	{ decode }: BlockCodec<Block>,
	seed: number,
): Promise<Block> {
	if (payload.length !== head.payloadBytes) {
		throw new RecordError(`${payload.length} of ${head.payloadBytes} payload bytes could be read`);
	}
	if (crcOfPayload([payload], seed) !== head.payloadCrc) throw new RecordError('the checksum of the payload is wrong');
	const block = decode(await unpack(head, payload.subarray(head.projectBytes)));
	if (block.rows !== head.spans) throw new RecordError(`${block.rows} spans in the block, ${head.spans} in its head`);
	return block;
}

/** On memory of its own, which the block will share. */
async function unpack(head: RecordHead, packed: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
	if (head.codec === 'raw') return new Uint8Array(packed);
	if (head.rawBytes > maxPayloadBytes)
		throw new RecordError(`${head.rawBytes} bytes unpacked; at most ${maxPayloadBytes}`);
	try {
		// The head says how much it is: nothing larger is unpacked, whatever the bytes claim.
		return await decompress(packed, {
			maxOutputLength: Math.max(1, head.rawBytes),
			chunkSize: Math.min(Math.max(head.rawBytes, 4 * 1024), maxChunkBytes),
		});
	} catch (error) {
		throw new RecordError(`zstd: ${error instanceof Error ? error.message : String(error)}`);
	}
}
