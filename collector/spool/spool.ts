import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PackedBlock } from '../../schema/packed-block.ts';
import type { SpanBlock } from '../../schema/span-block.ts';
import type { Log } from '../log.ts';
import { messageOf } from '../problem.ts';
import { holdMs } from './answer-hold.ts';
import type { BatchSink } from './batch-sink.ts';
import { Capacity } from './capacity.ts';
import type { CrashHook } from './crash-point.ts';
import { nodeDisk } from './disk.ts';
import type { SpoolDisk } from './disk.ts';
import { DrainLog } from './drain-log.ts';
import { drainPace } from './drain-settings.ts';
import type { DrainSettings } from './drain-settings.ts';
import { Drainer } from './drainer.ts';
import { decodeRecord, encodeRecord } from './encode-record.ts';
import { Flow } from './flow.ts';
import { GroupCommit } from './group-commit.ts';
import { readIdentity } from './identity.ts';
import { packBlock } from './pack-block.ts';
import type { PackableBlock } from './pack-block.ts';
import { Quarantine } from './quarantine.ts';
import type { RemovedAside } from './quarantine.ts';
import { RecentBlocks } from './recent-blocks.ts';
import { RecordError } from './record-error.ts';
import { recover } from './recovery.ts';
import { finishRequeue } from './requeue-step.ts';
import { RetryFingerprints } from './retry-fingerprints.ts';
import { crcSeed, decodeRecordHead, recordHeadBytes } from './segment-format.ts';
import { drainEntries, oldestPendingMs, oldestWaitingMs, pendingOf } from './segments.ts';
import type { SpoolFiles } from './segments.ts';
import type { BlockCodec, SpoolBlock } from './spool-block.ts';
import { asideFolderOf } from './set-aside.ts';
import { SpoolRefusal } from './spool-error.ts';
import type { RefusalCode } from './spool-error.ts';
import type { SpoolState } from './spool-state.ts';
import { WriteHealth } from './write-health.ts';

export interface SpoolOptions<Block extends SpoolBlock = SpanBlock> extends DrainSettings {
	/** Exclusively ours while it is open: the caller holds a lock. */
	folder: string;
	/** Of segments. Beyond it requests are refused; what was acknowledged is never dropped. */
	maxBytes: number;
	/** How blocks are read back. */
	codec: BlockCodec<Block>;
	sink: BatchSink<Block>;
	log: Log;
	/** Unix milliseconds. */
	clock?: () => number;
	disk?: SpoolDisk;
	/** Bytes that stay free on the disk. */
	minFreeBytes?: number;
	maxQuarantineBytes?: number;
	maxFingerprints?: number;
	segmentBytes?: number;
	/** Blocks kept in memory between sync and insert, so that they need not be read back. */
	recentBytes?: number;
	/** For tests: see CRASH_POINTS. */
	crash?: CrashHook;
}

const mebibyte = 1024 ** 2;
const drainPollMs = 5;
/** Beyond this share of its size the spool is not called ready. */
const readyShare = 0.8;

/**
 * Between an answer 2xx and the store: what `append` resolved for is synced here, and goes into the sink exactly once,
 * through crashes, full disks and outages of the store.
 */
export class Spool<Block extends PackableBlock = SpanBlock> {
	readonly #options: SpoolOptions<Block> & { clock: () => number };
	readonly #files: SpoolFiles;
	readonly #commit: GroupCommit;
	readonly #drainer: Drainer<Block>;
	readonly #drainLog: DrainLog;
	readonly #fingerprints: RetryFingerprints;
	readonly #quarantine: Quarantine;
	readonly #capacity: Capacity;
	readonly #flow: Flow;
	/** Requests on their way to disk, by fingerprint: a retry waits for the same sync. */
	readonly #pending = new Map<string, Promise<void>>();
	#refused = { requests: 0, spans: 0 };
	#duplicates = 0;
	#heldMs = 0;
	readonly #health: WriteHealth;
	#isClosed = false;

	/** Reads what an earlier run left, moves aside what can't be used, and begins to drain. */
	static async open<Block extends PackableBlock>(options: SpoolOptions<Block>): Promise<Spool<Block>> {
		const { folder, log, disk = nodeDisk, clock = Date.now, crash = noCrash } = options;
		await disk.makeFolder(folder);
		const src = await readIdentity(disk, folder, log);
		const seed = crcSeed(src);
		await finishRequeue(disk, folder);
		const asideFolder = asideFolderOf(folder);
		const quarantine = await Quarantine.open(disk, asideFolder, options.maxQuarantineBytes ?? 1024 * mebibyte, crash);
		const history = await DrainLog.read({ disk, folder, seed, crash });
		if (history.damaged > 0) log.error({ entries: history.damaged }, 'the drain log is damaged');
		const recovered = await recover({ disk, folder, asideFolder, src, seed, history, nowMs: clock(), log });
		const { segments, nextId, nextSegment } = recovered;
		const files: SpoolFiles = { src, seed, folder, segments, nextId, nextSegment };
		const fingerprints = new RetryFingerprints({
			disk,
			folder: join(folder, 'retries'),
			seed,
			maxEntries: options.maxFingerprints ?? 500_000,
		});
		await fingerprints.open(clock());
		await syncFolders(disk, folder, log);
		await fingerprints.add(recovered.fingerprints, clock()).catch((error: unknown) => {
			log.warn({ error: messageOf(error) }, 'fingerprints of requests were not written');
		});
		const drainLog = new DrainLog({ disk, folder, seed, crash, snapshot: () => drainEntries(files) });
		await drainLog.begin().catch((error: unknown) => {
			log.error({ error: messageOf(error) }, 'the drain log could not be written; the drain waits until it can');
		});
		const spool = new Spool<Block>({ ...options, disk, clock, crash }, { files, fingerprints, drainLog, quarantine });
		if (segments.length > 0) log.info({ ...pendingOf(segments), folder }, 'spool recovered');
		spool.#drainer.start();
		return spool;
	}

	private constructor(
		options: SpoolOptions<Block> & { disk: SpoolDisk; clock: () => number; crash: CrashHook },
		parts: { files: SpoolFiles; fingerprints: RetryFingerprints; drainLog: DrainLog; quarantine: Quarantine },
	) {
		const { maxBytes } = options;
		this.#options = options;
		this.#files = parts.files;
		this.#fingerprints = parts.fingerprints;
		this.#drainLog = parts.drainLog;
		this.#quarantine = parts.quarantine;
		this.#capacity = new Capacity(options, options.disk);
		this.#health = new WriteHealth(options.disk, options.folder);
		this.#flow = new Flow(options.clock);
		const recent = new RecentBlocks<Block>(options.recentBytes ?? 64 * mebibyte, options.codec);
		this.#drainer = new Drainer<Block>({
			...options,
			...parts,
			recent,
			flow: this.#flow,
			...drainPace(options),
		});
		this.#commit = new GroupCommit({
			...options,
			...parts,
			// Drained segments go only whole, so a small spool needs small ones.
			segmentBytes: options.segmentBytes ?? Math.min(64 * mebibyte, Math.ceil(maxBytes / 8)),
			onSynced: (id, { packed, record }) => {
				recent.put(id, packed.frame);
				this.#flow.filled(recordHeadBytes + record.payloadBytes);
				this.#drainer.notify();
			},
			onSealed: () => this.#drainer.notify(),
		});
	}

	/**
	 * Resolves when the block is synced, or was already under the same fingerprint (16 bytes), and a little later while the
	 * store is behind: see holdMs. Rejects with SpoolRefusal (503) when it could not be: then nothing of it is kept. A block
	 * is packed before this returns; one that is packed is taken over, with its memory.
	 */
	async append(block: Block | PackedBlock, fingerprint?: Uint8Array): Promise<'stored' | 'duplicate'> {
		if (block.rows === 0) return 'stored';
		const packed = 'frame' in block ? block : packBlock(block);
		const key = fingerprint === undefined ? '' : Buffer.from(fingerprint).toString('latin1', 0, 16);
		if (key !== '') {
			const first = this.#pending.get(key);
			if (first !== undefined || this.#fingerprints.has(key)) {
				await first;
				this.#duplicates += 1;
				return 'duplicate';
			}
		}
		const written = this.#write(packed, key);
		if (key === '') await written;
		else {
			this.#pending.set(key, written);
			try {
				await written;
			} finally {
				this.#pending.delete(key);
			}
		}
		await this.#hold();
		return 'stored';
	}

	async #hold(): Promise<void> {
		const ms = this.#holdMs();
		if (ms === 0) return;
		this.#heldMs += ms;
		await sleep(ms);
	}

	#holdMs(): number {
		const [{ failure, storedMs }, nowMs] = [this.#drainer.state(), this.#options.clock()];
		return this.#isClosed || failure !== undefined
			? 0
			: holdMs(nowMs - oldestWaitingMs(this.#files.segments), nowMs - storedMs);
	}

	async #write(packed: PackedBlock, fingerprint: string): Promise<void> {
		await this.#capacity.askFreeBytes();
		const record = encodeRecord(packed, this.#files.seed);
		this.#checkRoom(packed, recordHeadBytes + record.payloadBytes);
		try {
			await this.#commit.append({ packed, record, fingerprint });
			this.#health.succeeded();
		} catch (error) {
			this.#health.failed(error);
			throw this.#refuse(packed, 'SPOOL_UNAVAILABLE', `the spool could not be written: ${messageOf(error)}`, 2_000);
		}
	}

	/** Throws when `more` bytes would be too many, or come too late. */
	#checkRoom(packed: PackedBlock, more: number): void {
		if (this.#isClosed) throw this.#refuse(packed, 'SPOOL_UNAVAILABLE', 'the spool is closing', 1_000);
		const { queuedBytes } = this.#commit;
		const used = this.#bytes() + queuedBytes + more;
		const shortage = this.#capacity.shortage(used, queuedBytes, this.#drainer.state().bytesPerSecond);
		if (shortage !== undefined) throw this.#refuse(packed, 'SPOOL_FULL', shortage.detail, shortage.retryAfterMs);
	}

	#refuse({ rows }: PackedBlock, code: RefusalCode, detail: string, retryAfterMs: number): SpoolRefusal {
		this.#refused.requests += 1;
		this.#refused.spans += rows;
		return new SpoolRefusal(code, detail, retryAfterMs);
	}

	/**
	 * Throws a SpoolRefusal when a request would be refused now, or when the spool is so full that a load balancer should look
	 * elsewhere. It finds out by itself when that has passed: nobody need send anything for it.
	 */
	async checkReady(): Promise<void> {
		if (this.#isClosed) throw new SpoolRefusal('SPOOL_UNAVAILABLE', 'the spool is closing', 1_000);
		const failure = await this.#health.ask();
		if (failure !== undefined) throw new SpoolRefusal('SPOOL_UNAVAILABLE', failure, 2_000);
		await this.#capacity.askFreeBytes();
		const { queuedBytes } = this.#commit;
		const [bytes, { maxBytes }] = [this.#bytes(), this.#options];
		const shortage = this.#capacity.shortage(bytes + queuedBytes, queuedBytes, this.#drainer.state().bytesPerSecond);
		if (shortage !== undefined) throw new SpoolRefusal('SPOOL_FULL', shortage.detail, shortage.retryAfterMs);
		if (bytes > readyShare * maxBytes)
			throw new SpoolRefusal('SPOOL_FULL', `the spool holds ${bytes} of ${maxBytes} bytes`, 1_000);
	}

	state(): SpoolState {
		const drain = this.#drainer.state();
		const aside = this.#quarantine.state();
		const nowMs = this.#options.clock();
		const { segments } = this.#files;
		const oldestMs = oldestWaitingMs(segments);
		const room = this.#capacity.room(this.#bytes());
		return {
			src: this.#files.src,
			bytes: this.#bytes(),
			maxBytes: this.#options.maxBytes,
			...pendingOf(segments),
			oldestAgeMs: oldestMs === Infinity ? undefined : Math.max(0, nowMs - oldestMs),
			watermarkMs: Math.min(nowMs, oldestMs),
			storedUpToMs: Math.min(nowMs, oldestPendingMs(segments)),
			storedSpans: drain.storedSpans,
			quarantine: { ...aside, spans: aside.spans + drain.lostSpans },
			refused: { ...this.#refused },
			duplicates: this.#duplicates,
			fingerprints: { remembered: this.#fingerprints.size, forgottenEarly: this.#fingerprints.forgottenEarly },
			holdMs: this.#holdMs(),
			heldMs: this.#heldMs,
			storeFailure: drain.failure,
			writeFailure: this.#health.failure,
			surprises: drain.surprises,
			postponed: drain.postponed,
			pressure: drain.pressure,
			...this.#flow.outlook(room, drain.failure !== undefined, Math.max(0, nowMs - oldestMs)),
		};
	}

	/** It takes no more, and what is left is not stored any more. */
	get isClosed(): boolean {
		return this.#isClosed;
	}

	/** Waits until everything acknowledged is stored or set aside; false when that took longer than `deadlineMs`, or at once when it is closed. */
	async drain(deadlineMs: number): Promise<boolean> {
		const endMs = performance.now() + deadlineMs;
		while (pendingOf(this.#files.segments).records > 0) {
			if (performance.now() >= endMs || this.#isClosed) return false;
			await new Promise((resolve) => setTimeout(resolve, drainPollMs));
		}
		return true;
	}

	/** Ends the open segment, so that what is stored leaves the disk; resolves when it has, or after `deadlineMs`. */
	async release(deadlineMs: number): Promise<void> {
		const before = this.#files.nextSegment;
		await this.#commit.seal();
		const endMs = performance.now() + deadlineMs;
		const isThere = () => this.#files.segments.some(({ number }) => number < before);
		while (isThere() && performance.now() < endMs && !this.#isClosed)
			await new Promise((resolve) => setTimeout(resolve, drainPollMs));
	}

	/** Removes records that were set aside and hold a block of which `isMeant` says so. */
	removeSetAside(isMeant: (block: Block) => boolean): Promise<RemovedAside> {
		const { codec } = this.#options;
		return this.#quarantine.remove(async (bytes) => {
			const head = decodeRecordHead(bytes, 0, this.#files.seed);
			if (head === undefined) return undefined;
			try {
				const payload = bytes.subarray(recordHeadBytes, recordHeadBytes + head.payloadBytes);
				return isMeant(await decodeRecord(head, payload, codec, this.#files.seed));
			} catch (error) {
				if (error instanceof RecordError) return undefined;
				throw error;
			}
		});
	}

	/** Takes no more, syncs what waits, and gives the running insert until `deadlineMs`. What is left is there at the next start. */
	async close(deadlineMs = 10_000): Promise<void> {
		if (this.#isClosed) return;
		this.#isClosed = true;
		await this.#commit.close();
		await this.#drainer.stop(deadlineMs);
		await this.#drainLog.close();
		await this.#fingerprints.close();
	}

	#bytes = (): number => this.#files.segments.reduce((total, segment) => total + segment.end, 0);
}

/** A folder is safe when the one that it stands in is synced. */
async function syncFolders(disk: SpoolDisk, folder: string, log: Log): Promise<void> {
	try {
		await disk.syncFolder(folder);
		await disk.syncFolder(dirname(folder));
	} catch (error) {
		log.error({ error: messageOf(error) }, 'the folder of the spool could not be synced');
	}
}

const noCrash: CrashHook = async () => {};
