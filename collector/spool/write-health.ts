import { join } from 'node:path';
import { messageOf } from '../problem.ts';
import type { SpoolDisk } from './disk.ts';

const probeName = 'probe';
const probeBytes = 4_096;
const usualTryEveryMs = 2_000;

/**
 * Whether the disk takes what is written. After a failure a small write of its own is tried when somebody asks: whoever sends
 * nothing to a collector that isn't ready would never show that it is again.
 */
export class WriteHealth {
	readonly #disk: SpoolDisk;
	readonly #folder: string;
	readonly #tryEveryMs: number;
	#failure: string | undefined;
	#triedMs = -Infinity;
	#trying: Promise<void> | undefined;

	constructor(disk: SpoolDisk, folder: string, tryEveryMs: number = usualTryEveryMs) {
		this.#tryEveryMs = tryEveryMs;
		this.#disk = disk;
		this.#folder = folder;
	}

	/** Why the last write failed; undefined when it did not. */
	get failure(): string | undefined {
		return this.#failure;
	}

	succeeded(): void {
		this.#failure = undefined;
	}

	failed(error: unknown): void {
		this.#failure = messageOf(error);
		this.#triedMs = performance.now();
	}

	/** The failure, if it still stands. */
	async ask(): Promise<string | undefined> {
		if (this.#failure === undefined) return undefined;
		if (this.#trying === undefined && performance.now() - this.#triedMs >= this.#tryEveryMs) {
			this.#trying = this.#try().finally(() => (this.#trying = undefined));
		}
		await this.#trying;
		return this.#failure;
	}

	async #try(): Promise<void> {
		const path = join(this.#folder, probeName);
		try {
			await this.#disk.remove(path).catch(() => undefined);
			const file = await this.#disk.open(path, 'create');
			try {
				await file.write([Buffer.alloc(probeBytes)], 0);
				await file.sync();
			} finally {
				await file.close();
			}
			await this.#disk.remove(path);
			this.succeeded();
		} catch (error) {
			this.failed(error);
		}
	}
}
