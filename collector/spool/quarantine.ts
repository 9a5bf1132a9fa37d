import { join } from 'node:path';
import type { CrashHook } from './crash-point.ts';
import type { SpoolDisk, SpoolFile } from './disk.ts';

export interface QuarantineState {
	/** Records, or damaged stretches, that were set aside, those of earlier runs included. */
	records: number;
	bytes: number;
	spans: number;
}

/**
 * Rows of a record that are not stored, all or from and up to (without) some, so that they can be stored later and nothing
 * twice. Undefined where nobody knows, or where the bytes are damaged.
 */
export type MissingRows = 'all' | [from: number, end: number][];

/** What the first line of a file in quarantine says, as JSON. */
export interface AsideLine {
	segment: number;
	id?: number;
	spans: number;
	reason: string;
	rows?: MissingRows;
}

/** A stretch of a segment, and why it can't be stored. */
export interface SetAside {
	segment: number;
	/** Id of the record; undefined when the bytes are no record. */
	id: number | undefined;
	reason: string;
	spans: number;
	/** Which of its rows are not stored: see MissingRows. */
	rows: MissingRows | undefined;
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

export const asideSuffix = '.quarantine';
const asideName = /^(\d+)-(?:at-)?\d+\.quarantine$/;
/**
 * The largest number of a segment of which something was set aside: another segment with that number would seem to be it. Files of
 * other spools that were moved here say no number of one of this.
 */
export const lastSegmentOf = (names: readonly string[]): number =>
	names.reduce((last, name) => Math.max(last, Number(asideName.exec(name)?.[1] ?? 0)), 0);

/** The head of a file, in which its line says how many spans it is about: that comes first in it. */
const headBytes = 256;

/** What can't be stored, kept as files for a person to look at: a line of JSON that says why, then the bytes. */
export class Quarantine {
	readonly #disk: SpoolDisk;
	readonly #folder: string;
	readonly #maxBytes: number;
	readonly #crash: CrashHook;
	readonly #files = new Map<string, { size: number; spans: number }>();
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
			if (!name.endsWith(asideSuffix)) continue;
			const file = await disk.open(join(folder, name), 'read');
			try {
				const head = Buffer.alloc(headBytes);
				const text = head.toString('utf8', 0, await file.read(head, 0));
				quarantine.#note(name, await file.size(), Number(/"spans":(\d+)/.exec(text)?.[1] ?? 0));
			} finally {
				await file.close();
			}
		}
		return quarantine;
	}

	state(): QuarantineState {
		const spans = [...this.#files.values()].reduce((total, file) => total + file.spans, 0);
		return { records: this.#files.size, bytes: this.#bytes, spans };
	}

	/** False when there is no room for it: then it has to stay where it is. Setting the same aside again changes nothing. */
	async put(aside: SetAside): Promise<boolean> {
		const { segment, id, spans, reason, rows, at, end } = aside;
		const name = `${segment}-${id === undefined ? `at-${at}` : id}${asideSuffix}`;
		if (this.#files.has(name)) return true;
		const said = { segment, id, spans, reason: reason.slice(0, 1_000), rows };
		const line = Buffer.from(`${JSON.stringify(said)}\n`);
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
		this.#note(name, size, spans);
		return true;
	}

	/** Removes those of which `isMeant` says so, from what was set aside behind the line of JSON; the number of spans by that line. */
	async remove(isMeant: (bytes: Buffer) => Promise<boolean | undefined>): Promise<RemovedAside> {
		const removed: RemovedAside = { records: 0, spans: 0, unreadable: 0 };
		for (const [name, { size, spans }] of this.#files) {
			const path = join(this.#folder, name);
			const bytes = await this.#read(path, size);
			const lineEnd = bytes.indexOf(0x0a);
			const meant = await isMeant(bytes.subarray(lineEnd + 1));
			if (meant === undefined) removed.unreadable += 1;
			if (meant !== true) continue;
			await this.#disk.remove(path);
			this.#files.delete(name);
			this.#bytes -= size;
			removed.records += 1;
			removed.spans += spans;
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

	#note(name: string, size: number, spans: number): void {
		this.#files.set(name, { size, spans });
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
