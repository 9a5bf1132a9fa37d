import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { SpoolDisk, SpoolFile } from './disk.ts';

/** How long a retry of a request is recognised: senders give up long before. */
export const rememberMs = 600_000;
/** Fingerprints of so long share a file and are forgotten together. */
const generationMs = 60_000;
const entryBytes = 24;
const suffix = '.retries';

export interface RetryFingerprintsOptions {
	disk: SpoolDisk;
	folder: string;
	seed: number;
	/** Beyond this many the oldest are forgotten early, and counted. */
	maxEntries: number;
}

interface Generation {
	startMs: number;
	seen: Set<string>;
	file: SpoolFile | undefined;
	length: number;
	/** In memory alone: the disk did not take them. No more than the bound on all entries. */
	unwritten: string[];
	isDirty: boolean;
}

const newGeneration = (startMs: number): Generation => ({
	startMs,
	seen: new Set(),
	file: undefined,
	length: 0,
	unwritten: [],
	isDirty: false,
});

/**
 * Fingerprints of acknowledged requests, in files of their own, because a segment may be drained and gone while its
 * senders still retry. Written after the records they belong to are synced: an entry must never outlive its record in a
 * crash, or a retry would be answered "stored" for spans that aren't. Until the files are synced, the heads of the
 * records hold the same.
 */
export class RetryFingerprints {
	readonly #options: RetryFingerprintsOptions;
	/** Oldest first. */
	#generations: Generation[] = [];
	#entries = 0;
	#last: Promise<void> = Promise.resolve();
	#forgottenEarly = 0;
	#isFolderSynced = false;

	constructor(options: RetryFingerprintsOptions) {
		this.#options = options;
	}

	/** Reads what was remembered. Damaged entries are left out; files that can't be read are as if they weren't there. */
	async open(nowMs: number): Promise<void> {
		const { disk, folder } = this.#options;
		await disk.makeFolder(folder);
		for (const name of await disk.list(folder)) {
			const [, digits] = /^(\d{1,15})\.retries$/.exec(name) ?? [];
			if (digits === undefined) continue;
			const startMs = Number(digits);
			const generation = newGeneration(startMs);
			await this.#read(generation, join(folder, name));
			this.#generations.push(generation);
		}
		this.#generations.sort((a, b) => a.startMs - b.startMs);
		await this.#forgetOld(nowMs);
	}

	get size(): number {
		return this.#entries;
	}

	get forgottenEarly(): number {
		return this.#forgottenEarly;
	}

	has(fingerprint: string): boolean {
		return this.#generations.some((generation) => generation.seen.has(fingerprint));
	}

	/** Remembers at once; the file follows in the page cache, and is durable after `sync`. */
	async add(fingerprints: readonly string[], nowMs: number): Promise<void> {
		const fresh = fingerprints.filter((fingerprint) => !this.has(fingerprint));
		if (fresh.length === 0) return;
		const generation = this.#current(nowMs);
		for (const fingerprint of fresh) this.#remember(generation, fingerprint);
		generation.unwritten.push(...fresh);
		await this.#next(async () => {
			const isFirst = generation.length === 0;
			await this.#write(generation);
			if (isFirst) await this.#forgetOld(nowMs);
		});
	}

	/** What could not be written before is written now. */
	sync(): Promise<void> {
		return this.#next(async () => {
			if (!this.#isFolderSynced) await this.#options.disk.syncFolder(this.#options.folder);
			this.#isFolderSynced = true;
			for (const generation of this.#generations) {
				await this.#write(generation);
				if (!generation.isDirty) continue;
				generation.file ??= await this.#create(generation);
				await generation.file.sync();
				generation.isDirty = false;
			}
		});
	}

	/** Writer and drain both come here: one after the other. */
	#next(step: () => Promise<void>): Promise<void> {
		const done = this.#last.then(step);
		this.#last = done.catch(() => undefined);
		return done;
	}

	async #write(generation: Generation): Promise<void> {
		const { unwritten } = generation;
		if (unwritten.length === 0) return;
		generation.file ??= await this.#create(generation);
		const entries = unwritten.map((fingerprint) => this.#encode(fingerprint));
		await generation.file.write(entries, generation.length);
		generation.isDirty = true;
		generation.length += entries.length * entryBytes;
		generation.unwritten.splice(0, entries.length);
	}

	/** Drops generations whose last entry is too old, and the oldest ones while there are too many entries. */
	async #forgetOld(nowMs: number): Promise<void> {
		for (;;) {
			const [oldest] = this.#generations;
			if (oldest === undefined) return;
			const isOld = oldest.startMs + generationMs + rememberMs < nowMs;
			const isTooMuch = this.#entries > this.#options.maxEntries && this.#generations.length > 1;
			if (!isOld && !isTooMuch) return;
			if (!isOld) this.#forgottenEarly += oldest.seen.size;
			this.#generations.shift();
			this.#entries -= oldest.seen.size;
			await oldest.file?.close();
			await this.#options.disk.remove(this.#path(oldest)).catch(() => undefined);
		}
	}

	async close(): Promise<void> {
		await this.sync();
		for (const generation of this.#generations) await generation.file?.close();
		this.#generations = [];
	}

	#path = (generation: Generation): string => join(this.#options.folder, `${generation.startMs}${suffix}`);

	#remember(generation: Generation, fingerprint: string): void {
		if (generation.seen.has(fingerprint)) return;
		generation.seen.add(fingerprint);
		this.#entries += 1;
	}

	/** A clock that jumps back goes on in the newest generation: order of the list stays order of age. */
	#current(nowMs: number): Generation {
		const newest = this.#generations.at(-1);
		if (newest !== undefined && nowMs < newest.startMs + generationMs) {
			return newest;
		}
		const generation = newGeneration(nowMs);
		this.#generations.push(generation);
		return generation;
	}

	/** A generation that was read at start is continued in its file. */
	async #create(generation: Generation): Promise<SpoolFile> {
		const { disk, folder } = this.#options;
		if (generation.length > 0) return disk.open(this.#path(generation), 'write');
		await disk.remove(this.#path(generation)).catch(() => undefined);
		const file = await disk.open(this.#path(generation), 'create');
		await disk.syncFolder(folder);
		return file;
	}

	#encode(fingerprint: string): Buffer {
		const entry = Buffer.alloc(entryBytes);
		entry.write(fingerprint, 0, 16, 'latin1');
		entry.writeUInt32LE(crc32(entry.subarray(0, 20), this.#options.seed), 20);
		return entry;
	}

	async #read(generation: Generation, path: string): Promise<void> {
		try {
			const file = await this.#options.disk.open(path, 'read');
			const length = Math.min(await file.size(), this.#options.maxEntries * entryBytes);
			const bytes = Buffer.alloc(length - (length % entryBytes));
			await file.read(bytes, 0);
			await file.close();
			generation.length = bytes.length;
			// A killed process may have left it in the page cache alone.
			generation.isDirty = bytes.length > 0;
			for (let at = 0; at < bytes.length; at += entryBytes) {
				const isWhole = bytes.readUInt32LE(at + 20) === crc32(bytes.subarray(at, at + 20), this.#options.seed);
				if (isWhole) this.#remember(generation, bytes.toString('latin1', at, at + 16));
			}
		} catch {
			generation.length = 0;
			generation.isDirty = false;
		}
	}
}
