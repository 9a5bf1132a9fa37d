import { join } from 'node:path';
import type { CrashHook } from './crash-point.ts';
import type { SpoolDisk, SpoolFile } from './disk.ts';

export interface QuarantineState {
	/** Records, or damaged stretches, that were set aside, those of earlier runs included. */
	records: number;
	bytes: number;
}

/** A stretch of a segment, and why it can't be stored. */
export interface SetAside {
	segment: number;
	/** Id of the record; undefined when the bytes are no record. */
	id: number | undefined;
	reason: string;
	spans: number;
	file: SpoolFile;
	at: number;
	end: number;
}

/** `unreadable`: what is no whole record, so that nobody can say whose it is. */
export interface RemovedAside {
	records: number;
	spans: number;
	unreadable: number;
}

const suffix = '.quarantine';

/** What can't be stored, kept as files for a person to look at: a line of JSON that says why, then the bytes. */
export class Quarantine {
	readonly #disk: SpoolDisk;
	readonly #folder: string;
	readonly #maxBytes: number;
	readonly #crash: CrashHook;
	readonly #sizes = new Map<string, number>();
	#bytes = 0;

	private constructor(disk: SpoolDisk, folder: string, maxBytes: number, crash: CrashHook) {
		this.#disk = disk;
		this.#folder = folder;
		this.#maxBytes = maxBytes;
		this.#crash = crash;
	}

	static async open(disk: SpoolDisk, folder: string, maxBytes: number, crash: CrashHook): Promise<Quarantine> {
		const quarantine = new Quarantine(disk, folder, maxBytes, crash);
		await disk.makeFolder(folder);
		for (const name of await disk.list(folder)) {
			if (!name.endsWith(suffix)) continue;
			const file = await disk.open(join(folder, name), 'read');
			quarantine.#note(name, await file.size());
			await file.close();
		}
		return quarantine;
	}

	state(): QuarantineState {
		return { records: this.#sizes.size, bytes: this.#bytes };
	}

	/** False when there is no room for it: then it has to stay where it is. Setting the same aside again changes nothing. */
	async put(aside: SetAside): Promise<boolean> {
		const { segment, id, spans, reason, at, end } = aside;
		const name = `${segment}-${id === undefined ? `at-${at}` : id}${suffix}`;
		if (this.#sizes.has(name)) return true;
		const line = Buffer.from(`${JSON.stringify({ segment, id, spans, reason: reason.slice(0, 1_000) })}\n`);
		const size = line.byteLength + end - at;
		if (this.#bytes + size > this.#maxBytes) return false;
		await this.#crash('before_quarantine');
		const draft = join(this.#folder, `${name}.new`);
		await this.#disk.remove(draft).catch(() => undefined);
		const file = await this.#disk.open(draft, 'create');
		try {
			await file.write([line], 0);
			await copyBytes(aside, file, line.byteLength);
			await file.sync();
		} finally {
			await file.close();
		}
		await this.#disk.rename(draft, join(this.#folder, name));
		await this.#disk.syncFolder(this.#folder);
		await this.#crash('after_quarantine');
		this.#note(name, size);
		return true;
	}

	/** Removes those of which `isMeant` says so, from what was set aside behind the line of JSON; the number of spans by that line. */
	async remove(isMeant: (bytes: Buffer) => Promise<boolean | undefined>): Promise<RemovedAside> {
		const removed: RemovedAside = { records: 0, spans: 0, unreadable: 0 };
		for (const [name, size] of this.#sizes) {
			const path = join(this.#folder, name);
			const bytes = await this.#read(path, size);
			const lineEnd = bytes.indexOf(0x0a);
			const meant = await isMeant(bytes.subarray(lineEnd + 1));
			if (meant === undefined) removed.unreadable += 1;
			if (meant !== true) continue;
			await this.#disk.remove(path);
			this.#sizes.delete(name);
			this.#bytes -= size;
			removed.records += 1;
			removed.spans += (JSON.parse(bytes.toString('utf8', 0, lineEnd)) as SetAside).spans;
		}
		if (removed.records > 0) await this.#disk.syncFolder(this.#folder);
		return removed;
	}

	async #read(path: string, size: number): Promise<Buffer> {
		const file = await this.#disk.open(path, 'read');
		try {
			const bytes = Buffer.allocUnsafe(size);
			return bytes.subarray(0, await file.read(bytes, 0));
		} finally {
			await file.close();
		}
	}

	#note(name: string, size: number): void {
		this.#sizes.set(name, size);
		this.#bytes += size;
	}
}

async function copyBytes({ file, at, end }: SetAside, target: SpoolFile, position: number): Promise<void> {
	const chunk = Buffer.allocUnsafe(Math.min(end - at, 1024 ** 2));
	for (let done = 0; done < end - at;) {
		const wanted = chunk.subarray(0, Math.min(chunk.length, end - at - done));
		const length = await file.read(wanted, at + done);
		if (length === 0) return;
		await target.write([wanted.subarray(0, length)], position + done);
		done += length;
	}
}
