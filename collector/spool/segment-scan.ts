import { crc32 } from 'node:zlib';
import type { SpoolFile } from './disk.ts';
import { decodeRecordHead, recordHeadBytes, recordMagic } from './segment-format.ts';
import type { RecordHead } from './segment-format.ts';

export interface FoundRecord {
	kind: 'record';
	head: RecordHead;
	/** Where the head begins. */
	at: number;
}

/** Bytes that are no record. `head` is there when only the payload is wrong. */
export interface FoundDamage {
	kind: 'damage';
	at: number;
	end: number;
	head?: RecordHead;
}

export interface ScanOptions {
	file: SpoolFile;
	seed: number;
	from: number;
	end: number;
	/** Reads every payload and compares its checksum. */
	checkPayloads: boolean;
}

const windowBytes = 256 * 1024;

export const recordEnd = ({ at, head }: FoundRecord): number => at + recordHeadBytes + head.payloadBytes;

/** Records in order. After damage it goes on at the next whole head, however far that is; memory is one window. */
export async function* scanRecords(options: ScanOptions): AsyncGenerator<FoundRecord | FoundDamage> {
	const { file, seed, end } = options;
	const window = new FileWindow(file, end);
	let at = options.from;
	while (at < end) {
		const bytes = await window.at(at, recordHeadBytes);
		const head = decodeRecordHead(bytes, 0, seed);
		const next = head === undefined ? 0 : at + recordHeadBytes + head.payloadBytes;
		if (head === undefined || next > end) {
			const resumed = await nextHead(window, at + 1, end, seed);
			yield { kind: 'damage', at, end: resumed };
			at = resumed;
			continue;
		}
		const isWhole =
			!options.checkPayloads || (await payloadCrc(window, at + recordHeadBytes, next, seed)) === head.payloadCrc;
		if (isWhole) yield { kind: 'record', head, at };
		else yield { kind: 'damage', at, end: next, head };
		at = next;
	}
}

/** Checksum of a payload, as stored in the record's head. */
export const crcOfPayload = (chunks: readonly Uint8Array[], seed: number): number =>
	chunks.reduce((crc, chunk) => crc32(chunk, crc), seed);

async function payloadCrc(window: FileWindow, from: number, end: number, seed: number): Promise<number> {
	let crc = seed;
	for (let at = from; at < end;) {
		const bytes = await window.at(at, 1);
		if (bytes.length === 0) break;
		const piece = bytes.subarray(0, Math.min(bytes.length, end - at));
		crc = crc32(piece, crc);
		at += piece.length;
	}
	return crc;
}

/** Where the next whole head begins whose record fits, or the end. */
async function nextHead(window: FileWindow, from: number, end: number, seed: number): Promise<number> {
	for (let at = from; at + recordHeadBytes <= end;) {
		const bytes = await window.at(at, recordHeadBytes);
		if (bytes.length < recordHeadBytes) break;
		const found = bytes.indexOf(recordMagic);
		if (found < 0) {
			at += bytes.length - recordMagic.length + 1;
			continue;
		}
		at += found;
		const head = decodeRecordHead(await window.at(at, recordHeadBytes), 0, seed);
		if (head !== undefined && at + recordHeadBytes + head.payloadBytes <= end) return at;
		at += 1;
	}
	return end;
}

/** A piece of the file in memory that follows the reader. */
class FileWindow {
	readonly #file: SpoolFile;
	readonly #end: number;
	readonly #bytes = Buffer.allocUnsafeSlow(windowBytes);
	#start = 0;
	#length = 0;

	constructor(file: SpoolFile, end: number) {
		this.#file = file;
		this.#end = end;
	}

	/** What there is from `position` on: at least `needed` bytes, unless the file ends before. */
	async at(position: number, needed: number): Promise<Buffer> {
		const isInside = position >= this.#start && position + needed <= this.#start + this.#length;
		if (!isInside) {
			const wanted = Math.max(0, Math.min(windowBytes, this.#end - position));
			this.#length = await this.#file.read(this.#bytes.subarray(0, wanted), position);
			this.#start = position;
		}
		const from = position - this.#start;
		return this.#bytes.subarray(from, this.#length);
	}
}
