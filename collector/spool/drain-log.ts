import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { CrashHook } from './crash-point.ts';
import type { SpoolDisk, SpoolFile } from './disk.ts';

/**
 * What a drain remembers, each an entry of its own.
 * - `intent`: these records are about to be inserted as one batch.
 * - `commit`: they are stored, or set aside; their bytes are no longer needed.
 * - `end`: the segment counts up to byte `first`; what follows was never acknowledged.
 * - `mark`: no id up to `last` is to be given again.
 * - `wait`: some of these records wait for memory since `spans`, in Unix milliseconds.
 */
export interface DrainEntry {
	kind: 'intent' | 'commit' | 'end' | 'mark' | 'wait';
	segment: number;
	first: number;
	last: number;
	records: number;
	spans: number;
}

/** Stored by index: append only. */
const entryKinds = ['', 'intent', 'commit', 'end', 'mark', 'wait'] as const;
const entryBytes = 40;
/** Then the log is written anew, with what still matters. */
const maxEntries = 2_048;
/** It grows beyond that only while there is no room for a new one: what is longer than this is not ours. */
const maxLogBytes = 64 * 1024 ** 2;

const logName = 'drain.log';
const draftName = 'drain.log.new';

export interface DrainLogOptions {
	disk: SpoolDisk;
	folder: string;
	seed: number;
	crash: CrashHook;
	/** All that still matters, when the log is written anew. */
	snapshot: () => DrainEntry[];
}

/** What was read from a log, with damage left out and counted. */
export interface DrainHistory {
	entries: DrainEntry[];
	damaged: number;
}

/**
 * Append-only memory of the drain. Entries have one size and a checksum each, so one that is damaged is skipped and costs
 * no other. An intent is synced before its insert begins; a commit that gets lost is found again by asking the sink.
 * Its room on disk is taken in advance: draining is what makes room on a full disk, so it must not need any.
 */
export class DrainLog {
	readonly #options: DrainLogOptions;
	#file: SpoolFile | undefined;
	#entries = 0;
	#isDirty = false;
	/** Writes one after the other. */
	#last: Promise<void> = Promise.resolve();

	constructor(options: DrainLogOptions) {
		this.#options = options;
	}

	static async read({ disk, folder, seed }: Omit<DrainLogOptions, 'snapshot'>): Promise<DrainHistory> {
		const names = await disk.list(folder);
		if (!names.includes(logName)) return { entries: [], damaged: 0 };
		const file = await disk.open(join(folder, logName), 'read');
		try {
			const bytes = Buffer.alloc(Math.min(await file.size(), maxLogBytes));
			const length = await file.read(bytes, 0);
			return decodeEntries(bytes.subarray(0, length), seed);
		} finally {
			await file.close();
		}
	}

	/** Begins a new log in place of the old one. Until that has worked, the old one stays and is read at the next start. */
	begin(): Promise<void> {
		return this.#next(() => this.#rewrite());
	}

	/** Survives kill -9 at once, and a power cut when `durably`. */
	append(entry: DrainEntry, durably: boolean): Promise<void> {
		return this.#next(async () => {
			const file = await this.#writable();
			const position = this.#entries * entryBytes;
			this.#entries += 1;
			await file.write([encodeEntry(entry, this.#options.seed)], position);
			this.#isDirty = true;
			if (durably) await this.#sync(file);
		});
	}

	sync(): Promise<void> {
		return this.#next(async () => {
			if (this.#file !== undefined && this.#isDirty) await this.#sync(this.#file);
		});
	}

	close(): Promise<void> {
		return this.#next(async () => {
			const file = this.#file;
			this.#file = undefined;
			if (file === undefined) return;
			if (this.#isDirty) await this.#sync(file);
			await file.close();
		});
	}

	#next(step: () => Promise<void>): Promise<void> {
		const done = this.#last.then(step);
		this.#last = done.catch(() => undefined);
		return done;
	}

	/** A full log is replaced; when there is no room for that now, the old one grows a little longer. */
	async #writable(): Promise<SpoolFile> {
		if (this.#file === undefined) await this.#rewrite();
		else if (this.#entries >= maxEntries && this.#entries % 64 === 0) await this.#rewrite().catch(() => undefined);
		if (this.#file === undefined) throw new Error('the drain log could not be written');
		return this.#file;
	}

	/** As with segments, nothing is trusted to a file whose sync failed. */
	async #sync(file: SpoolFile): Promise<void> {
		this.#isDirty = false;
		try {
			await file.sync();
		} catch (error) {
			this.#file = undefined;
			await file.close().catch(() => undefined);
			throw error;
		}
	}

	async #rewrite(): Promise<void> {
		const { disk, folder, seed, crash, snapshot } = this.#options;
		await crash('before_compact');
		const draft = join(folder, draftName);
		await disk.remove(draft).catch(() => undefined);
		const fresh = await disk.open(draft, 'create');
		const entries = snapshot();
		try {
			const bytes = Buffer.alloc(Math.max(entries.length + 64, maxEntries) * entryBytes);
			for (const [index, entry] of entries.entries()) encodeEntry(entry, seed).copy(bytes, index * entryBytes);
			await fresh.write([bytes], 0);
			await fresh.sync();
			await disk.rename(draft, join(folder, logName));
		} catch (error) {
			await fresh.close().catch(() => undefined);
			throw error;
		}
		await this.#file?.close().catch(() => undefined);
		this.#file = fresh;
		this.#entries = entries.length;
		// Until its name is durable it counts as not synced.
		this.#isDirty = true;
		await disk.syncFolder(folder);
		this.#isDirty = false;
		await crash('after_compact');
	}
}

function encodeEntry(entry: DrainEntry, seed: number): Buffer {
	const bytes = Buffer.alloc(entryBytes);
	bytes.writeUInt16LE(entryKinds.indexOf(entry.kind), 4);
	bytes.writeUInt32LE(entry.segment, 8);
	bytes.writeUInt32LE(entry.records, 12);
	bytes.writeBigUInt64LE(BigInt(entry.first), 16);
	bytes.writeBigUInt64LE(BigInt(entry.last), 24);
	bytes.writeBigUInt64LE(BigInt(entry.spans), 32);
	bytes.writeUInt32LE(crc32(bytes.subarray(4), seed), 0);
	return bytes;
}

const blank = Buffer.alloc(entryBytes);

/** A torn last entry is neither damage nor loss: what it announces has not begun. */
function decodeEntries(bytes: Buffer, seed: number): DrainHistory {
	const history: DrainHistory = { entries: [], damaged: 0 };
	for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) {
		const entry = bytes.subarray(at, at + entryBytes);
		const kind = entryKinds[entry.readUInt16LE(4)];
		if (entry.equals(blank)) continue;
		const isWhole = entry.readUInt32LE(0) === crc32(entry.subarray(4), seed);
		if (!isWhole || kind === undefined || kind === '') {
			history.damaged += 1;
			continue;
		}
		history.entries.push({
			kind,
			segment: entry.readUInt32LE(8),
			records: entry.readUInt32LE(12),
			first: Number(entry.readBigUInt64LE(16)),
			last: Number(entry.readBigUInt64LE(24)),
			spans: Number(entry.readBigUInt64LE(32)),
		});
	}
	return history;
}
