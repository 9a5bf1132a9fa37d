import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { RecordError } from './record-error.ts';

/**
 * A segment is a head of 64 bytes and records, one after the other; a sealed one ends with a footer.
 * Every checksum begins with the identity of the spool, which no sender knows: bytes in a payload can't pass for a record.
 */
export interface SegmentHead {
	/** Random, made with the folder: `_src` of every row. */
	src: string;
	segment: number;
	/** No record in it has a smaller id. */
	baseId: number;
	createdMs: number;
}

export interface RecordHead {
	kind: 'spans' | 'footer';
	/** Grows by one from record to record; a number that failed to be written is not used again. Of a footer: the next id. */
	id: number;
	receivedMs: number;
	/** 16 bytes as Latin-1 text, '' when the request has none. */
	fingerprint: string;
	/** Of a footer: those of all records. */
	spans: number;
	/** Bytes of the block before compression. Of a footer: number of records. */
	rawBytes: number;
	/** Stored bytes behind the head: project and block. */
	payloadBytes: number;
	payloadCrc: number;
	projectBytes: number;
	codec: Codec;
}

/** Stored by index: append only. */
export const CODECS = ['raw', 'zstd'] as const;
export type Codec = (typeof CODECS)[number];

const recordKinds = ['', 'spans', 'footer'] as const;

export const segmentHeadBytes = 64;
export const recordHeadBytes = 72;
/** More than any request, even if its columns took twice the bytes that came. */
export const maxPayloadBytes = 512 * 1024 ** 2;

const segmentMagic = Buffer.from('SHSPOOL1');
export const recordMagic: Buffer = Buffer.from('\u0001REC');
const segmentVersion = 1;

export const newSrc = (): string => randomUUID();
const srcBytes = (src: string): Buffer => Buffer.from(src.replaceAll('-', ''), 'hex');
/** Where checksums of this spool begin. */
export const crcSeed = (src: string): number => crc32(srcBytes(src));

export const segmentName = (segment: number): string => `${String(segment).padStart(10, '0')}.seg`;

/** What the head of a segment has room for. */
const largestNumber = 2 ** 32 - 1;

/** The number in a file's name; undefined for other files. */
export function segmentNumber(name: string): number | undefined {
	const number = Number(/^(\d{10})\.seg$/.exec(name)?.[1] ?? Infinity);
	return number > largestNumber ? undefined : number;
}

export function encodeSegmentHead(head: SegmentHead): Buffer {
	const bytes = Buffer.alloc(segmentHeadBytes);
	segmentMagic.copy(bytes, 0);
	bytes.writeUInt32LE(segmentVersion, 8);
	bytes.writeUInt32LE(head.segment, 12);
	srcBytes(head.src).copy(bytes, 16);
	bytes.writeBigUInt64LE(BigInt(head.baseId), 32);
	bytes.writeBigUInt64LE(BigInt(head.createdMs), 40);
	bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
	return bytes;
}

/** Throws RecordError when it is not the head of a segment that this program can read. */
export function decodeSegmentHead(bytes: Buffer): SegmentHead {
	if (bytes.length < segmentHeadBytes) throw new RecordError(`a segment of ${bytes.length} bytes has no head`);
	if (!bytes.subarray(0, 8).equals(segmentMagic)) throw new RecordError('the segment does not begin with SHSPOOL1');
	if (bytes.readUInt32LE(60) !== crc32(bytes.subarray(0, 60))) {
		throw new RecordError('the checksum of the segment head is wrong');
	}
	const version = bytes.readUInt32LE(8);
	if (version !== segmentVersion) {
		throw new RecordError(`segment version ${version}; this program reads ${segmentVersion}`);
	}
	const hex = bytes.toString('hex', 16, 32);
	return {
		src: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
		segment: bytes.readUInt32LE(12),
		baseId: Number(bytes.readBigUInt64LE(32)),
		createdMs: Number(bytes.readBigUInt64LE(40)),
	};
}

export function encodeRecordHead(head: RecordHead, seed: number): Buffer {
	const bytes = Buffer.alloc(recordHeadBytes);
	recordMagic.copy(bytes, 0);
	bytes.writeUInt32LE(head.payloadCrc, 8);
	bytes.writeUInt32LE(head.payloadBytes, 12);
	bytes.writeBigUInt64LE(BigInt(head.id), 16);
	bytes.writeBigUInt64LE(BigInt(head.receivedMs), 24);
	bytes.write(head.fingerprint, 32, 16, 'latin1');
	bytes.writeUInt32LE(head.spans, 48);
	bytes.writeUInt32LE(head.rawBytes, 52);
	bytes.writeUInt16LE(recordKinds.indexOf(head.kind), 56);
	bytes.writeUInt16LE(CODECS.indexOf(head.codec), 58);
	bytes.writeUInt16LE(head.projectBytes, 60);
	bytes.writeUInt32LE(crc32(bytes.subarray(8), seed), 4);
	return bytes;
}

/** The head at this place; undefined when there is none that is whole. */
export function decodeRecordHead(bytes: Buffer, at: number, seed: number): RecordHead | undefined {
	if (at + recordHeadBytes > bytes.length) return undefined;
	const head = bytes.subarray(at, at + recordHeadBytes);
	if (!head.subarray(0, 4).equals(recordMagic)) return undefined;
	if (head.readUInt32LE(4) !== crc32(head.subarray(8), seed)) return undefined;
	const kind = recordKinds[head.readUInt16LE(56)];
	const codec = CODECS[head.readUInt16LE(58)];
	const payloadBytes = head.readUInt32LE(12);
	const projectBytes = head.readUInt16LE(60);
	const isKnown = kind !== undefined && kind !== '' && codec !== undefined;
	if (!isKnown || payloadBytes > maxPayloadBytes || projectBytes > payloadBytes) return undefined;
	const fingerprint = head.toString('latin1', 32, 48);
	return {
		kind,
		codec,
		payloadBytes,
		projectBytes,
		payloadCrc: head.readUInt32LE(8),
		id: Number(head.readBigUInt64LE(16)),
		receivedMs: Number(head.readBigUInt64LE(24)),
		fingerprint: /[^\0]/.test(fingerprint) ? fingerprint : '',
		spans: head.readUInt32LE(48),
		rawBytes: head.readUInt32LE(52),
	};
}
