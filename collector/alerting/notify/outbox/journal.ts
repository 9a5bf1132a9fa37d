import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { SpoolDisk, SpoolFile } from '../../../spool/disk.ts';
import type { OutboxCrashHook } from './crash-point.ts';

interface JournalOptions<Entry> {
	disk: SpoolDisk;
	folder: string;
	crash: OutboxCrashHook;
	/** All that still matters, when the journal is written anew; what was appended before is part of it. */
	snapshot: () => Iterable<Entry>;
	/** Written anew when it is longer than this, and three times as long as it need be. */
	compactBytes: number;
}

/** What was read, with damage left out and counted. */
export interface JournalHistory<Entry> {
	entries: Entry[];
	damaged: number;
}

const fileName = 'outbox.journal';
const draftName = 'outbox.journal.new';
const version = 1;
const header = Buffer.from(`spanhouse outbox ${version}\n`);

/**
 * An append-only file of JSON, one entry a line behind its checksum: a damaged line costs no other, and a torn last one was
 * never promised to anybody. Entries that come together share one write and one sync. After a failed write or sync nothing is
 * trusted to the file any more: it is replaced by a whole new one as soon as the disk takes it.
 */
export class Journal<Entry> {
	readonly #options: JournalOptions<Entry>;
	#file: SpoolFile | undefined;
	#bytes = 0;
	#snapshotBytes = 0;
	#isClosed = false;
	#pending: string[] = [];
	#flush: Promise<void> | undefined;
	/** Writes one after the other. */
	#last: Promise<void> = Promise.resolve();

	private constructor(options: JournalOptions<Entry>) {
		this.#options = options;
	}

	/** What is on the disk. Throws where a newer program wrote it. */
	static async read<Entry>({
		disk,
		folder,
	}: Pick<JournalOptions<Entry>, 'disk' | 'folder'>): Promise<JournalHistory<Entry>> {
		await disk.makeFolder(folder);
		if (!(await disk.list(folder)).includes(fileName)) return { entries: [], damaged: 0 };
		const file = await disk.open(join(folder, fileName), 'read');
		try {
			const bytes = Buffer.alloc(await file.size());
			return decode<Entry>(bytes.subarray(0, await file.read(bytes, 0)));
		} finally {
			await file.close();
		}
	}

	/** Begins with a new file in place of the one before; should that fail, the old one stays, and it is tried again. */
	static async begin<Entry>(options: JournalOptions<Entry>): Promise<Journal<Entry>> {
		const journal = new Journal(options);
		await journal.repair().catch(() => undefined);
		return journal;
	}

	/** Whether the last write or sync failed. */
	get isBroken(): boolean {
		return this.#file === undefined;
	}

	/** Resolves when it survives a power cut; rejects with Node's error when the disk did not take it. */
	append(entry: Entry): Promise<void> {
		this.#pending.push(encode(entry));
		this.#flush ??= this.#next(() => {
			const lines = this.#pending.splice(0);
			this.#flush = undefined;
			return this.#write(lines);
		});
		return this.#flush;
	}

	/** Tries to write the whole of it anew where the last write failed. */
	repair(): Promise<void> {
		return this.#next(async () => {
			if (this.#file === undefined) await this.#rewrite();
		});
	}

	/** Leaves nothing on the disk but what still matters. Rejects with Node's error where the disk doesn't take it. */
	replace(): Promise<void> {
		return this.#next(() => this.#rewrite());
	}

	/** What is appended later is refused. */
	close(): Promise<void> {
		return this.#next(async () => {
			this.#isClosed = true;
			await this.#file?.close();
			this.#file = undefined;
		});
	}

	#next(step: () => Promise<void>): Promise<void> {
		const done = this.#last.then(step);
		this.#last = done.catch(() => undefined);
		return done;
	}

	async #write(lines: readonly string[]): Promise<void> {
		const { crash, compactBytes } = this.#options;
		// What is to be appended is in the snapshot already.
		if (this.#file === undefined) return this.#rewrite();
		if (this.#bytes > compactBytes && this.#bytes > 3 * this.#snapshotBytes) {
			this.#snapshotBytes = this.#bytes;
			const isWritten = await this.#rewrite().then(
				() => true,
				() => false,
			);
			if (isWritten) return;
		}
		const bytes = Buffer.from(lines.join(''));
		await crash('before_write');
		try {
			await this.#file.write([bytes], this.#bytes);
			await crash('before_sync');
			await this.#file.sync();
		} catch (error) {
			await this.#abandon();
			throw error;
		}
		this.#bytes += bytes.byteLength;
		await crash('after_sync');
	}

	async #abandon(): Promise<void> {
		const file = this.#file;
		this.#file = undefined;
		await file?.close().catch(() => undefined);
	}

	async #rewrite(): Promise<void> {
		const { disk, folder, crash, snapshot } = this.#options;
		if (this.#isClosed) throw new Error('the outbox is closed');
		await crash('before_compact');
		const draft = join(folder, draftName);
		await disk.remove(draft).catch(() => undefined);
		const fresh = await disk.open(draft, 'create');
		const bytes = Buffer.concat([header, ...[...snapshot()].map((entry) => Buffer.from(encode(entry)))]);
		try {
			await fresh.write([bytes], 0);
			await fresh.sync();
			await disk.rename(draft, join(folder, fileName));
			await disk.syncFolder(folder);
		} catch (error) {
			await fresh.close().catch(() => undefined);
			throw error;
		}
		await this.#abandon();
		this.#file = fresh;
		this.#bytes = bytes.byteLength;
		this.#snapshotBytes = bytes.byteLength;
		await crash('after_compact');
	}
}

/** JSON holds no line break. */
function encode(entry: unknown): string {
	const json = JSON.stringify(entry);
	return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
}

function decode<Entry>(bytes: Buffer): JournalHistory<Entry> {
	const [first = '', ...lines] = bytes.toString().split('\n');
	const found = /^spanhouse outbox (\d+)$/.exec(first)?.[1];
	if (found !== undefined && Number(found) > version)
		throw new Error(`the outbox has version ${found}; this program reads ${version}: start a newer one`);
	const history: JournalHistory<Entry> = { entries: [], damaged: 0 };
	for (const [index, line] of lines.entries()) {
		const json = line.slice(9);
		const isWhole = /^[0-9a-f]{8} /.test(line) && crc32(json) === Number.parseInt(line.slice(0, 8), 16);
		const isTail = index === lines.length - 1;
		if (isWhole && !isTail) history.entries.push(JSON.parse(json) as Entry);
		else if (!isTail) history.damaged += 1;
	}
	return history;
}
