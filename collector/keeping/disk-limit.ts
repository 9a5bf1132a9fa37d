import { freeFloorBytes } from '../disk.ts';
import type { Log } from '../log.ts';
import { messageOf, ProblemError } from '../problem.ts';
import type { Partitions, Stretch } from '../store/keeping/partitions.ts';

interface DiskLimitParts {
	partitions: Pick<Partitions, 'bytesOnDisk' | 'stretches' | 'drop'>;
	/** Bytes that lie beside ClickHouse: spools, and what they set aside. */
	beside: () => { spool: number; quarantine: number };
	/** Of the disk that everything lies on; null where the system doesn't say. */
	disk: () => { freeBytes: number; totalBytes: number } | null;
	/** Undefined: 20 GiB, or 80 % of the room where that is less. */
	maxBytes: number | undefined;
	log: Log;
	/** Unix milliseconds. */
	clock: () => number;
}

export interface DiskState {
	maxBytes: number;
	usedBytes: { store: number; pinned: number; spool: number; quarantine: number };
	/** Since the start. */
	dropped: { stretches: number; rows: number; bytes: number; lastMs: number | null; upToMs: number | null };
	/** Why requests are refused now; null while they aren't. */
	refusal: string | null;
}

const gibibyte = 1024 ** 3;
const usualBytes = 20 * gibibyte;
/** Of what is free and what is used already. */
const roomShare = 0.8;
/** What is counted from spans goes later than they do, unless it takes more than this share of the limit. */
const derivedShare = 0.25;
/** Data that ended later than this is never dropped. */
const youngMs = 3_600_000;
const retryAfterMs = 30_000;
/** Dropped in one step, so that it stays short. */
const maxPerStep = 100;

/**
 * Keeps everything on this disk within a limit: the oldest spans and logs go first. When only young data is left, or the
 * disk is full by others' doing, senders are told to come back.
 */
export class DiskLimit {
	readonly #parts: DiskLimitParts;
	#used: DiskState['usedBytes'] = { store: 0, pinned: 0, spool: 0, quarantine: 0 };
	#maxBytes: number;
	#dropped: DiskState['dropped'] = { stretches: 0, rows: 0, bytes: 0, lastMs: null, upToMs: null };
	#refusal: string | undefined;

	constructor(parts: DiskLimitParts) {
		this.#parts = parts;
		this.#maxBytes = parts.maxBytes ?? usualBytes;
	}

	state(): DiskState {
		return {
			maxBytes: this.#maxBytes,
			usedBytes: { ...this.#used },
			dropped: { ...this.#dropped },
			refusal: this.#refusal ?? null,
		};
	}

	/** Throws 503 while there is no room. */
	checkRoom(): void {
		if (this.#refusal !== undefined) throw new ProblemError(503, 'DISK_LIMIT', this.#refusal, { retryAfterMs });
	}

	/** Measures, drops what has to go, and decides whether more is taken. True when more has to go. */
	async step(): Promise<boolean> {
		const { partitions, beside, disk, maxBytes } = this.#parts;
		this.#used = { ...(await partitions.bytesOnDisk()), ...beside() };
		const room = disk();
		const own = total(this.#used);
		this.#maxBytes =
			maxBytes ?? (room === null ? usualBytes : Math.min(usualBytes, roomShare * (room.freeBytes + own)));
		let excess = own - this.#maxBytes;
		let droppedNow = 0;
		if (excess > 0) {
			for (const stretch of this.#victims(await partitions.stretches(), excess)) {
				await this.#drop(stretch);
				excess -= stretch.bytes;
				droppedNow += 1;
			}
		}
		this.#refusal = refusalOf(excess, this.#maxBytes, room);
		return droppedNow >= maxPerStep;
	}

	#victims(stretches: readonly Stretch[], excess: number): Stretch[] {
		const beforeMs = this.#parts.clock() - youngMs;
		const old = stretches.filter(({ toMs }) => toMs <= beforeMs);
		const of = (kind: Stretch['kind']) => old.filter((stretch) => stretch.kind === kind);
		let derivedBytes = stretches.reduce((sum, { kind, bytes }) => sum + (kind === 'derived' ? bytes : 0), 0);
		const [raw, derived] = [of('raw'), of('derived')];
		const victims: Stretch[] = [];
		for (let left = excess; left > 0 && victims.length < maxPerStep;) {
			const isDerivedDue = derivedBytes > derivedShare * this.#maxBytes || raw.length === 0;
			const next = (isDerivedDue ? derived.shift() : undefined) ?? raw.shift();
			if (next === undefined) break;
			if (next.kind === 'derived') derivedBytes -= next.bytes;
			left -= next.bytes;
			victims.push(next);
		}
		return victims;
	}

	async #drop(stretch: Stretch): Promise<void> {
		const { partitions, log, clock } = this.#parts;
		const { kind, rows, bytes, fromMs, toMs } = stretch;
		const what = { kind, rows, bytes, from: new Date(fromMs).toISOString() };
		try {
			await partitions.drop(stretch);
		} catch (error) {
			log.error({ ...what, error: messageOf(error) }, 'what is over the disk limit could not be dropped');
			throw error;
		}
		log.warn(what, 'the disk limit was reached: the oldest data was dropped');
		const { stretches, rows: rowsBefore, bytes: bytesBefore, upToMs } = this.#dropped;
		this.#dropped = {
			stretches: stretches + 1,
			rows: rowsBefore + rows,
			bytes: bytesBefore + bytes,
			lastMs: clock(),
			upToMs: kind === 'raw' ? Math.max(upToMs ?? 0, toMs) : upToMs,
		};
	}
}

/** The copies of pinned traces are part of the store. */
const total = ({ store, spool, quarantine }: DiskState['usedBytes']): number => store + spool + quarantine;

function refusalOf(excess: number, maxBytes: number, room: ReturnType<DiskLimitParts['disk']>): string | undefined {
	if (excess > 0) {
		return `everything that is stored is younger than an hour or pinned, and ${Math.round(excess)} bytes over the limit of ${Math.round(maxBytes)} (--max-disk)`;
	}
	if (room === null) return undefined;
	const floor = freeFloorBytes(room.totalBytes);
	return room.freeBytes < floor
		? `the disk is full: ${room.freeBytes} bytes are free, ${floor} have to stay`
		: undefined;
}
