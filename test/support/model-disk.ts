import { dirname, basename } from 'node:path';
import type { SpoolDisk, SpoolFile } from '../../collector/spool/disk.ts';

/** A file's bytes: what would survive a power cut, and what was written since. */
class Inode {
	bytes: Buffer = Buffer.alloc(0);
	durable: Buffer = Buffer.alloc(0);
	unsynced: ((bytes: Buffer) => Buffer)[] = [];

	apply(change: (bytes: Buffer) => Buffer): void {
		this.bytes = change(this.bytes);
		this.unsynced.push(change);
	}

	sync(): void {
		this.durable = this.bytes;
		this.unsynced = [];
	}
}

const writeAt =
	(chunk: Uint8Array, position: number) =>
	(bytes: Buffer): Buffer => {
		const longer = Buffer.alloc(Math.max(bytes.length, position + chunk.length));
		bytes.copy(longer);
		longer.set(chunk, position);
		return longer;
	};

const truncateTo =
	(length: number) =>
	(bytes: Buffer): Buffer => {
		const cut = Buffer.alloc(length);
		bytes.copy(cut);
		return cut;
	};

type Names = Map<string, Inode>;
export type Random = () => number;

/** What the next operation of a kind does instead of succeeding. */
export interface DiskFaults {
	/** So many writes fail with ENOSPC after a part of their bytes. */
	writes: number;
	/**
	 * So many syncs of segments fail with EIO; what they should have synced is not. Of segments alone: a disk that refuses
	 * every sync and then loses power leaves nobody who could remember that a request was refused.
	 */
	syncs: number;
	creates: number;
}

const failure = (code: string): Error => Object.assign(new Error(`${code}: the model disk was told to fail`), { code });
const never = new Promise<never>(() => undefined);

/**
 * A file system in memory that knows what is synced. After a power cut a file holds its synced bytes and a part of what was
 * written since, in order, the last piece torn; names of files follow when their folder is synced. Whoever used it before
 * a crash never hears from it again, as a killed process wouldn't.
 */
export class ModelDisk {
	#names: Names = new Map();
	#durableNames: Names = new Map();
	#unsyncedNames: ((names: Names) => void)[] = [];
	#life = 0;
	readonly #random: Random;
	readonly faults: DiskFaults = { writes: 0, syncs: 0, creates: 0 };

	constructor(random: Random) {
		this.#random = random;
	}

	get life(): number {
		return this.#life;
	}

	/** The process dies: all that it wrote is there. */
	kill(): void {
		this.#life += 1;
		Object.assign(this.faults, { writes: 0, syncs: 0, creates: 0 });
	}

	/** The machine dies: of what was not synced, only some is there. */
	cutPower(): void {
		this.kill();
		for (const change of this.#some(this.#unsyncedNames)) change(this.#durableNames);
		this.#names = new Map(this.#durableNames);
		this.#unsyncedNames = [];
		for (const inode of this.#names.values()) {
			inode.bytes = this.#some(inode.unsynced).reduce((bytes, change) => change(bytes), inode.durable);
			const torn = inode.bytes.length - inode.durable.length;
			if (torn > 0 && this.#random() < 0.5) {
				inode.bytes = inode.bytes.subarray(0, inode.durable.length + Math.floor(this.#random() * torn));
			}
			inode.sync();
		}
	}

	#some<Entry>(entries: readonly Entry[]): Entry[] {
		return entries.slice(0, Math.floor(this.#random() * (entries.length + 1)));
	}

	/** For tests that damage files. */
	read(path: string): Buffer | undefined {
		return this.#names.get(path)?.bytes;
	}

	write(path: string, bytes: Buffer): void {
		const inode = new Inode();
		inode.bytes = bytes;
		inode.sync();
		this.#names.set(path, inode);
		this.#durableNames.set(path, inode);
	}

	remove(path: string): void {
		this.#names.delete(path);
		this.#durableNames.delete(path);
	}

	paths(): string[] {
		return [...this.#names.keys()].sort();
	}

	/** What a process that starts now sees. */
	mount(): SpoolDisk {
		const life = this.#life;
		const alive = async (): Promise<void> => {
			await Promise.resolve();
			if (this.#life !== life) await never;
		};
		const change = (step: (names: Names) => void): void => {
			step(this.#names);
			this.#unsyncedNames.push(step);
		};
		return {
			open: async (path, mode) => {
				await alive();
				const found = this.#names.get(path);
				if (mode === 'create') {
					if (found !== undefined) throw failure('EEXIST');
					if (this.faults.creates > 0) {
						this.faults.creates -= 1;
						throw failure('ENOSPC');
					}
					const inode = new Inode();
					change((names) => names.set(path, inode));
					return this.#handle(path, inode, alive);
				}
				if (found === undefined) throw failure('ENOENT');
				return this.#handle(path, found, alive);
			},
			list: async (folder) => {
				await alive();
				return [...this.#names.keys()]
					.filter((path) => dirname(path) === folder)
					.map((path) => basename(path))
					.sort();
			},
			makeFolder: alive,
			rename: async (from, to) => {
				await alive();
				const inode = this.#names.get(from);
				if (inode === undefined) throw failure('ENOENT');
				change((names) => {
					names.delete(from);
					names.set(to, inode);
				});
			},
			remove: async (path) => {
				await alive();
				if (!this.#names.has(path)) throw failure('ENOENT');
				change((names) => names.delete(path));
			},
			syncFolder: async () => {
				await alive();
				this.#durableNames = new Map(this.#names);
				this.#unsyncedNames = [];
			},
			freeBytes: async () => {
				await alive();
				return Infinity;
			},
		};
	}

	#handle(path: string, inode: Inode, alive: () => Promise<void>): SpoolFile {
		return {
			name: basename(path),
			write: async (chunks, position) => {
				await alive();
				const bytes = Buffer.concat(chunks);
				if (this.faults.writes > 0) {
					this.faults.writes -= 1;
					inode.apply(writeAt(bytes.subarray(0, Math.floor(this.#random() * bytes.length)), position));
					throw failure('ENOSPC');
				}
				inode.apply(writeAt(bytes, position));
			},
			read: async (into, position) => {
				await alive();
				return Math.max(0, inode.bytes.copy(into, 0, position));
			},
			sync: async () => {
				await alive();
				if (this.faults.syncs > 0 && path.endsWith('.seg')) {
					this.faults.syncs -= 1;
					throw failure('EIO');
				}
				inode.sync();
			},
			truncate: async (length) => {
				await alive();
				inode.apply(truncateTo(length));
			},
			size: async () => {
				await alive();
				return inode.bytes.length;
			},
			close: alive,
		};
	}
}
