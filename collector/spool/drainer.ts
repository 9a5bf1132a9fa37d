import { join } from 'node:path';
import type { Log } from '../log.ts';
import { messageOf } from '../problem.ts';
import { withinTime } from '../within-time.ts';
import type { BatchSink } from './batch-sink.ts';
import type { BackOff } from './back-off.ts';
import { batchDistanceMs } from './batch-distance.ts';
import { BatchSize } from './batch-size.ts';
import { collectBatch } from './collect-batch.ts';
import type { BatchLimits, CollectedBatch } from './collect-batch.ts';
import type { CrashHook } from './crash-point.ts';
import type { SpoolDisk, SpoolFile } from './disk.ts';
import type { DrainLog } from './drain-log.ts';
import type { Flow } from './flow.ts';
import { loadRecords } from './load-records.ts';
import { missingRows } from './missing-rows.ts';
import { Persistence } from './persistence.ts';
import type { Quarantine, SetAside } from './quarantine.ts';
import type { RecentBlocks } from './recent-blocks.ts';
import type { RetryFingerprints } from './retry-fingerprints.ts';
import { recordHeadBytes } from './segment-format.ts';
import { recordEnd } from './segment-scan.ts';
import type { FoundRecord } from './segment-scan.ts';
import { isRead, pendingRecords, pendingSpans, settle } from './segments.ts';
import type { Segment, SpoolFiles } from './segments.ts';
import type { BlockCodec, SpoolBlock } from './spool-block.ts';
import { storeBatch } from './store-batch.ts';
import type { GuiltyRecord } from './store-batch.ts';

export interface DrainerOptions<Block extends SpoolBlock> {
	disk: SpoolDisk;
	files: SpoolFiles;
	drainLog: DrainLog;
	fingerprints: RetryFingerprints;
	quarantine: Quarantine;
	recent: RecentBlocks<Block>;
	flow: Pick<Flow, 'drained'>;
	codec: BlockCodec<Block>;
	sink: BatchSink<Block>;
	log: Log;
	clock: () => number;
	crash: CrashHook;
	limits: BatchLimits;
	/** Small batches don't follow each other faster than this, so that the store isn't given a part for every request. */
	lingerMs: number;
	backoffMs: BackOff;
}

export interface DrainState {
	storedSpans: number;
	/** When the last batch was stored, by the clock; -Infinity before the first. */
	storedMs: number;
	/** Of records that damage made unreadable, and of which nothing could be set aside. */
	lostSpans: number;
	/** Why the store takes nothing, since when; undefined while it does. */
	failure: { reason: string; sinceMs: number } | undefined;
	/** What should not have happened, such as a batch that is stored twice. */
	surprises: number;
	bytesPerSecond: number;
}

/** The file itself can't be read or removed, whatever else works. */
class SegmentTrouble extends Error {
	override readonly name = 'SegmentTrouble';
}

async function ofSegment<Result>(step: Promise<Result>): Promise<Result> {
	try {
		return await step;
	} catch (error) {
		throw new SegmentTrouble(messageOf(error));
	}
}

/** A backlog older than this shares the drain with what comes in, so that fresh traces are visible while it shrinks. */
const backlogMs = 10_000;
const freshShare = 3;
/** So often in a row a segment may fail, with longer and longer waits. */
const maxFailures = 8;

/** Takes records from segments to the sink, batch by batch, each exactly once; removes segments that are done with. */
export class Drainer<Block extends SpoolBlock> {
	readonly #options: DrainerOptions<Block>;
	readonly #open = new Map<number, SpoolFile>();
	readonly #persistence: Persistence;
	readonly #size: BatchSize;
	#running: Promise<void> | undefined;
	#turns = 0;
	#lastBatchMs = 0;
	#storedSpans = 0;
	#storedMs = -Infinity;
	#lostSpans = 0;
	#surprises = 0;
	#bytesPerSecond = 0;

	constructor(options: DrainerOptions<Block>) {
		this.#options = options;
		this.#persistence = new Persistence(options);
		this.#size = new BatchSize(options.limits);
	}

	start(): void {
		this.#running ??= this.#run();
	}

	/** There is something new. */
	notify(): void {
		this.#persistence.pause.wake();
	}

	state(): DrainState {
		return {
			storedSpans: this.#storedSpans,
			storedMs: this.#storedMs,
			lostSpans: this.#lostSpans,
			failure: this.#persistence.failure,
			surprises: this.#surprises,
			bytesPerSecond: this.#bytesPerSecond,
		};
	}

	/** Lets the running insert finish, for no longer than `deadlineMs`: one that is cut off is asked about at the next start. */
	async stop(deadlineMs: number): Promise<void> {
		this.#persistence.stop();
		if (this.#running !== undefined) await withinTime(this.#running, deadlineMs);
		for (const file of this.#open.values()) await file.close().catch(() => undefined);
	}

	async #run(): Promise<void> {
		for (let failures = 0; !this.#persistence.isStopping;) {
			const segment = this.#pick();
			if (segment === undefined) {
				await this.#persistence.pause.sleep();
				continue;
			}
			try {
				await this.#step(segment);
				failures = 0;
			} catch (error) {
				if (this.#persistence.isStopping) return;
				this.#options.log.error({ error: messageOf(error), segment: segment.name }, 'the spool could not be drained');
				await this.#persistence.backOff(error, failures);
				failures += 1;
				if (failures % maxFailures === 0 && error instanceof SegmentTrouble) this.#giveUp(segment);
			}
		}
	}

	/** The oldest segment with something to do; every third time the newest, when the oldest has waited long. */
	#pick(): Segment | undefined {
		const waiting = this.#options.files.segments.filter(
			(segment) => !isRead(segment) || (segment.isSealed && !segment.isStuck),
		);
		const [oldest] = waiting;
		this.#turns += 1;
		const hasBacklog = oldest !== undefined && this.#options.clock() - oldest.oldestMs > backlogMs;
		return hasBacklog && this.#turns % freshShare === 0 ? waiting.at(-1) : oldest;
	}

	/** Its file can't be read, or removed: others need not wait for it. The next start tries again. */
	#giveUp(segment: Segment): void {
		segment.isStuck = true;
		if (segment.isSealed) segment.position = segment.end;
	}

	async #step(segment: Segment): Promise<void> {
		if (isRead(segment)) return this.#remove(segment);
		await this.#linger();
		const { files } = this.#options;
		const file = await ofSegment(this.#fileOf(segment));
		const batch = await ofSegment(collectBatch(file, segment, files.seed, this.#size.limits()));
		if (batch === undefined) segment.position = segment.end;
		else await this.#settleBatch(segment, file, batch);
	}

	async #linger(): Promise<void> {
		for (;;) {
			const leftMs = this.#lastBatchMs + this.#distanceMs() - performance.now();
			if (leftMs <= 0) break;
			await this.#persistence.pause.sleepAtLeast(Math.min(leftMs, this.#options.lingerMs));
		}
		this.#lastBatchMs = performance.now();
	}

	#distanceMs(): number {
		const { files, limits, lingerMs } = this.#options;
		const waiting = files.segments.reduce((spans, segment) => spans + pendingSpans(segment), 0);
		return this.#persistence.isStopping ? 0 : batchDistanceMs(waiting, limits.maxSpans, lingerMs);
	}

	async #settleBatch(segment: Segment, file: SpoolFile, batch: CollectedBatch): Promise<void> {
		const { crash, drainLog, recent } = this.#options;
		const asides: SetAside[] = batch.damages.map(({ at, end, head }) => {
			const reason = 'the bytes are not a whole record';
			return { segment: segment.number, id: head?.id, spans: head?.spans ?? 0, reason, rows: undefined, file, at, end };
		});
		const { first, last, records } = batch;
		const spans = records.reduce((total, { head }) => total + head.spans, 0);
		if (records.length > 0) {
			await this.#announce(segment, batch, spans);
			asides.push(...(await this.#store(segment, file, batch)));
		}
		const isSetAside = await this.#setAside(asides);
		segment.position = batch.position;
		segment.oldestMs = records.at(-1)?.head.receivedMs ?? segment.oldestMs;
		for (const { head } of records) recent.drop(head.id);
		if (!isSetAside) {
			segment.isStuck = true;
			return;
		}
		if (records.length === 0) return;
		await crash('before_commit');
		settle(segment, { first, last }, records.length, spans);
		segment.intents = segment.intents.filter((intent) => intent.first !== first);
		const counts = { records: records.length, spans };
		await drainLog.append({ kind: 'commit', segment: segment.number, first, last, ...counts }, false);
		await crash('after_commit');
	}

	/** From here on until the commit, the next start asks the sink before it sends these records. */
	async #announce(
		segment: Segment,
		{ first, last, records, isRepeated }: CollectedBatch,
		spans: number,
	): Promise<void> {
		const { crash, drainLog } = this.#options;
		if (isRepeated) return;
		const counts = { records: records.length, spans };
		await drainLog.append({ kind: 'intent', segment: segment.number, first, last, ...counts }, true);
		segment.intents.push({ first, last });
		await crash('after_intent');
	}

	/** Which records could not be stored. */
	async #store(segment: Segment, file: SpoolFile, batch: CollectedBatch): Promise<SetAside[]> {
		const { files, sink, recent, codec, crash, clock, log } = this.#options;
		const { loaded, guilty } = await ofSegment(loadRecords(file, batch.records, recent, codec, files.seed));
		const startedMs = clock();
		const refused = await storeBatch(loaded, {
			sink,
			src: files.src,
			first: batch.first,
			last: batch.last,
			isRepeated: batch.isRepeated,
			persist: (step) => this.#persistence.persist(step),
			onSurprise: (what) => {
				this.#surprises += 1;
				log.error({ segment: segment.name }, what);
			},
			onHalved: (records) => {
				this.#size.halve();
				log.warn({ records, ...this.#size.limits() }, 'the store lacks memory for a batch; its halves are tried');
			},
		});
		this.#size.stored();
		await crash('after_insert');
		this.#measure(batch.records, clock() - startedMs);
		const causes = new Map<number, GuiltyRecord>([...guilty, ...refused].map((cause) => [cause.id, cause]));
		const blocks = new Map(loaded.map(({ id, block }) => [id, block]));
		const asides = batch.records.flatMap((record): SetAside[] => {
			const { id, spans } = record.head;
			const cause = causes.get(id);
			if (cause === undefined) return [];
			const rows = missingRows(blocks.get(id), cause.partitions, (block) => sink.placesOf?.(block));
			const { reason } = cause;
			return [{ segment: segment.number, id, spans, reason, rows, file, at: record.at, end: recordEnd(record) }];
		});
		const spans = batch.records.reduce((total, { head }) => total + head.spans, 0);
		this.#storedMs = clock();
		this.#storedSpans += spans - asides.reduce((total, aside) => total + aside.spans, 0);
		return asides;
	}

	/** False when something found no room: then its segment stays, and nothing is lost. */
	async #setAside(asides: readonly SetAside[]): Promise<boolean> {
		const { quarantine, log } = this.#options;
		let areAllSetAside = true;
		for (const aside of asides) {
			const { segment, id, spans, reason } = aside;
			const isDone = await quarantine.put(aside).catch((error: unknown) => {
				log.error({ error: messageOf(error) }, 'the quarantine could not be written');
				return false;
			});
			log.error({ segment, id, spans, reason }, isDone ? 'a record was set aside' : 'the quarantine is full');
			if (!isDone) areAllSetAside = false;
		}
		return areAllSetAside;
	}

	/** The commits are durable before the records go, and a file that is gone is simply not there at the next start. */
	async #remove(segment: Segment): Promise<void> {
		const { disk, files, drainLog, crash } = this.#options;
		await drainLog.sync();
		await this.#syncFingerprints();
		await crash('before_remove');
		await this.#open.get(segment.number)?.close();
		this.#open.delete(segment.number);
		await ofSegment(disk.remove(join(files.folder, segment.name)));
		this.#lostSpans += pendingRecords(segment) > 0 ? pendingSpans(segment) : 0;
		files.segments = files.segments.filter((other) => other !== segment);
		await disk.syncFolder(files.folder);
		await crash('after_remove');
	}

	/**
	 * Once the segment is gone, the heads of its records no longer say which requests came. But a full disk must not keep
	 * the segment: removing it is what makes room.
	 */
	async #syncFingerprints(): Promise<void> {
		const { fingerprints, log } = this.#options;
		try {
			await fingerprints.sync();
		} catch (error) {
			await this.#persistence.backOff(error, 0);
			await fingerprints.sync().catch((error: unknown) => {
				log.warn({ error: messageOf(error) }, 'fingerprints of requests are in memory alone');
			});
		}
	}

	async #fileOf(segment: Segment): Promise<SpoolFile> {
		const { disk, files } = this.#options;
		const file = this.#open.get(segment.number) ?? (await disk.open(join(files.folder, segment.name), 'read'));
		this.#open.set(segment.number, file);
		return file;
	}

	#measure(records: readonly FoundRecord[], tookMs: number): void {
		const bytes = records.reduce((total, { head }) => total + recordHeadBytes + head.payloadBytes, 0);
		this.#options.flow.drained(bytes);
		const measured = (bytes * 1_000) / Math.max(1, tookMs);
		this.#bytesPerSecond = this.#bytesPerSecond === 0 ? measured : 0.8 * this.#bytesPerSecond + 0.2 * measured;
	}
}
