import { constants, zstdCompressSync } from 'node:zlib';
import type { LogBlock } from '../../schema/log-block.ts';
import type { PackedBlock } from '../../schema/packed-block.ts';
import type { SpanBlock } from '../../schema/span-block.ts';
// Apart from what reads blocks, which needs zod: each thread would load its hundred files.
import { encodeLogBlock } from './encode-log-block.ts';
import { encodeSpanBlock } from './encode-span-block.ts';

/** Blocks of every kind that a spool keeps. */
export type PackableBlock = SpanBlock | LogBlock;

const params = { [constants.ZSTD_c_compressionLevel]: 1 };
/** Preparing zstd costs more than writing so little as it is. */
const rawBelowBytes = 4 * 1024;
/** Node makes one round trip for each piece of output: pieces are somewhat more than what will come, within reason. */
const minChunkBytes = 4 * 1024;
const maxChunkBytes = 4 * 1024 ** 2;

/** The block as the spool keeps it. Nothing of the block's memory is used afterwards. */
export function packBlock(block: PackableBlock): PackedBlock {
	const packed = packForMemory(block);
	const { frame } = packed;
	if (frame.length < rawBelowBytes) return packed;
	const chunkSize = Math.min(Math.max(frame.length >>> 2, minChunkBytes), maxChunkBytes);
	return { ...packed, zstd: ownBytes(zstdCompressSync(frame, { params, chunkSize })) };
}

/**
 * Node puts short outputs into a pool that they share with others, and that no thread may hand over; longer ones have more
 * memory behind them than they fill, which is given back at once.
 */
function ownBytes(bytes: Buffer): Uint8Array<ArrayBuffer> {
	const { buffer, byteOffset, byteLength } = bytes;
	const isAlone = buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize && byteOffset === 0;
	return isAlone ? new Uint8Array(buffer.transfer(byteLength)) : new Uint8Array(bytes);
}

/** The same for who keeps nothing on disk. */
export const packForMemory = (block: PackableBlock): PackedBlock => ({
	project: block.project,
	rows: block.rows,
	frame: 'records' in block ? encodeLogBlock(block) : encodeSpanBlock(block),
	zstd: undefined,
});
