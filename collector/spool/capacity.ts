import type { SpoolDisk } from './disk.ts';

export interface CapacityOptions {
	folder: string;
	maxBytes: number;
	minFreeBytes?: number;
}

export interface Shortage {
	detail: string;
	retryAfterMs: number;
}

/** Memory that requests may hold while they wait for a sync. */
const maxQueuedBytes = 64 * 1024 ** 2;
/** How long an answer of the file system is believed. */
const freeForMs = 1_000;
/** Sender should come back when the spool is emptier than this, not just below the brim. */
const relaxedShare = 0.8;

/** Says whether there is room, and if not, when there might be. */
export class Capacity {
	readonly #options: CapacityOptions;
	readonly #disk: SpoolDisk;
	#freeBytes = Infinity;
	#askedMs = -Infinity;

	constructor(options: CapacityOptions, disk: SpoolDisk) {
		this.#options = options;
		this.#disk = disk;
	}

	/** `used` is what would be used with the request in question. */
	shortage(used: number, queuedBytes: number, drainBytesPerSecond: number): Shortage | undefined {
		const { maxBytes, minFreeBytes = 0 } = this.#options;
		if (queuedBytes > maxQueuedBytes) {
			return { detail: `${queuedBytes} bytes wait for the disk`, retryAfterMs: jitter(1_000) };
		}
		const isFull = used > maxBytes;
		if (!isFull && this.#freeBytes >= minFreeBytes) return undefined;
		const excessMs = ((used - relaxedShare * maxBytes) * 1_000) / Math.max(1, drainBytesPerSecond);
		const detail = isFull
			? `the spool is full: ${used} of ${maxBytes} bytes would wait for the store`
			: `the disk is full: less than ${minFreeBytes} bytes are free`;
		return { detail, retryAfterMs: jitter(Math.min(Math.max(excessMs, 1_000), 30_000)) };
	}

	/** Bytes until requests are refused, when `used` are. */
	room(used: number): number {
		const { maxBytes, minFreeBytes = 0 } = this.#options;
		return Math.max(0, Math.min(maxBytes - used, this.#freeBytes - minFreeBytes));
	}

	/** Brings the figure up to date when it is old. A file system that can't say is no reason to refuse: writing will show. */
	async askFreeBytes(): Promise<void> {
		const nowMs = performance.now();
		if (this.#options.minFreeBytes === undefined || nowMs - this.#askedMs < freeForMs) return;
		this.#askedMs = nowMs;
		this.#freeBytes = await this.#disk.freeBytes(this.#options.folder).catch(() => Infinity);
	}
}

/** So that refused senders don't all come back at once. */
const jitter = (ms: number): number => Math.round(ms * (0.75 + Math.random() / 2));
