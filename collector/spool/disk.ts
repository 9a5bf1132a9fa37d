import { open, readdir, mkdir, rename, statfs, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';

/** An open file. Whatever fails throws Node's error with its `code`. */
export interface SpoolFile {
	readonly name: string;
	/** All of the bytes, or it throws; then any part of them may have been written. */
	write(chunks: readonly Uint8Array[], position: number): Promise<void>;
	/** How many bytes there were, up to the length of `into`. */
	read(into: Uint8Array, position: number): Promise<number>;
	/** What has been written survives a power cut once this resolves (fdatasync). */
	sync(): Promise<void>;
	truncate(length: number): Promise<void>;
	size(): Promise<number>;
	close(): Promise<void>;
}

/** What the spool needs of a file system: an interface, so that tests can lose what was not synced. */
export interface SpoolDisk {
	/** `create` refuses a file that exists, `write` keeps what is in it. */
	open(path: string, mode: 'create' | 'read' | 'write'): Promise<SpoolFile>;
	/** Names in the folder, sorted. */
	list(folder: string): Promise<string[]>;
	makeFolder(folder: string): Promise<void>;
	rename(from: string, to: string): Promise<void>;
	remove(path: string): Promise<void>;
	/** Makes creations, renames and removals in it survive a power cut. */
	syncFolder(folder: string): Promise<void>;
	freeBytes(folder: string): Promise<number>;
}

const flags = { create: 'wx+', read: 'r', write: 'r+' } as const;
/** Linux takes at most 1,024 buffers in one writev. */
const maxChunks = 1_024;

export const nodeDisk: SpoolDisk = {
	open: async (path, mode) => new NodeFile(basename(path), await open(path, flags[mode], 0o600)),
	list: async (folder) => (await readdir(folder)).sort(),
	makeFolder: async (folder) => void (await mkdir(folder, { recursive: true, mode: 0o700 })),
	rename,
	remove: unlink,
	syncFolder: async (folder) => {
		const handle = await open(folder, 'r');
		try {
			await handle.sync();
		} finally {
			await handle.close();
		}
	},
	freeBytes: async (folder) => {
		const { bavail, bsize } = await statfs(folder);
		return bavail * bsize;
	},
};

class NodeFile implements SpoolFile {
	readonly name: string;
	readonly #handle: FileHandle;

	constructor(name: string, handle: FileHandle) {
		this.name = name;
		this.#handle = handle;
	}

	async write(chunks: readonly Uint8Array[], position: number): Promise<void> {
		let at = position;
		for (let from = 0; from < chunks.length; from += maxChunks) {
			const some = chunks.slice(from, from + maxChunks);
			const bytes = some.reduce((total, chunk) => total + chunk.byteLength, 0);
			const { bytesWritten } = await this.#handle.writev(some, at);
			if (bytesWritten < bytes) await this.#writeRest(Buffer.concat(some).subarray(bytesWritten), at + bytesWritten);
			at += bytes;
		}
	}

	/** A short write says nothing of its cause; the next one succeeds or names it (no space, a quota, a size limit). */
	async #writeRest(rest: Uint8Array, position: number): Promise<void> {
		for (let done = 0; done < rest.byteLength;) {
			const { bytesWritten } = await this.#handle.write(rest, done, rest.byteLength - done, position + done);
			if (bytesWritten === 0) throw Object.assign(new Error('nothing more could be written'), { code: 'EIO' });
			done += bytesWritten;
		}
	}

	async read(into: Uint8Array, position: number): Promise<number> {
		let done = 0;
		while (done < into.byteLength) {
			const { bytesRead } = await this.#handle.read(into, done, into.byteLength - done, position + done);
			if (bytesRead === 0) break;
			done += bytesRead;
		}
		return done;
	}

	sync = (): Promise<void> => this.#handle.datasync();
	truncate = (length: number): Promise<void> => this.#handle.truncate(length);
	size = async (): Promise<number> => (await this.#handle.stat()).size;
	close = (): Promise<void> => this.#handle.close();
}
