import { join } from 'node:path';
import { messageOf } from '../problem.ts';
import { withinTime } from '../within-time.ts';
import { batchDistanceMs } from './batch-distance.ts';
import { BatchSettler } from './batch-settler.ts';
import type { Settled, SettlerOptions } from './batch-settler.ts';
import { collectBatch } from './collect-batch.ts';
import type { SpoolDisk, SpoolFile } from './disk.ts';
import type { DrainPace } from './drain-settings.ts';
import { PartPressure } from './part-pressure.ts';
import type { PressureState } from './part-pressure.ts';
import { Persistence } from './persistence.ts';
import { forget, postponedState, Postponements } from './postponed.ts';
import type { PostponedState } from './postponed.ts';
import type { RetryFingerprints } from './retry-fingerprints.ts';
import { ofSegment, SegmentTrouble } from './segment-trouble.ts';
import { isRead, pendingRecords, pendingSpans, waitingSpans } from './segments.ts';
import type { PostponedBatch, Segment } from './segments.ts';
import type { SpoolBlock } from './spool-block.ts';

export interface DrainerOptions<Block extends SpoolBlock> extends SettlerOptions<Block>, DrainPace {
	disk: SpoolDisk;
	fingerprints: RetryFingerprints;
}

export interface DrainState extends Settled {
	/** Of records that damage made unreadable, and of which nothing could be set aside. */
	lostSpans: number;
	/** Why the store takes nothing, since when; undefined while it does. */
	failure: { reason: string; sinceMs: number } | undefined;
	postponed: PostponedState;
	pressure: PressureState;
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
	readonly #settler: BatchSettler<Block>;
	readonly #postponements: Postponements;
	readonly #pressure: PartPressure;
	#running: Promise<void> | undefined;
	#turns = 0;
	#lastBatchMs = 0;
	#lostSpans = 0;
	/** The turn before went to a batch that was postponed. */
	#wasPostponed = false;

	constructor(options: DrainerOptions<Block>) {
		this.#options = options;
		this.#persistence = new Persistence(options);
		const { sink, parts, patience } = options;
		const clock = () => performance.now();
		this.#postponements = new Postponements(patience, clock);
		this.#settler = new BatchSettler(options, this.#persistence, this.#postponements);
		this.#pressure = new PartPressure({ sink, limits: parts, askEveryMs: parts.askEveryMs, clock });
	}

	start(): void {
		this.#running ??= this.#run();
	}

	/** There is something new. */
	notify(): void {
		this.#persistence.pause.wake();
	}

	state(): DrainState {
		const { files, lingerMs } = this.#options;
		return {
			...this.#settler.settled(),
			lostSpans: this.#lostSpans,
			failure: this.#persistence.failure,
			postponed: postponedState(files.segments),
			pressure: this.#pressure.state(lingerMs),
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
			const { segment, postponed } = this.#next();
			try {
				await this.#turn(segment, postponed);
				failures = 0;
			} catch (error) {
				if (this.#persistence.isStopping) return;
				this.#options.log.error({ error: messageOf(error), segment: segment?.name }, 'the spool could not be drained');
				await this.#persistence.backOff(error, failures);
				failures += 1;
				if (failures % maxFailures === 0 && error instanceof SegmentTrouble && segment) this.#giveUp(segment);
			}
		}
	}

	/** In turns with what else there is, so that however much is postponed it holds up nothing. */
	#next(): { segment: Segment | undefined; postponed?: PostponedBatch } {
		const segment = this.#pick();
		const isItsTurn = !this.#wasPostponed || segment === undefined;
		const due = isItsTurn ? this.#postponements.due(this.#options.files.segments) : undefined;
		this.#wasPostponed = due !== undefined;
		return due ?? { segment };
	}

	async #turn(segment: Segment | undefined, postponed: PostponedBatch | undefined): Promise<void> {
		const { segments } = this.#options.files;
		if (segment === undefined) return this.#persistence.pause.sleep(this.#postponements.waitMs(segments));
		await (postponed === undefined ? this.#step(segment) : this.#tryAgain(segment, postponed));
	}

	/** The oldest segment with something to do; every third time the newest, when the oldest has waited long. */
	#pick(): Segment | undefined {
		const waiting = this.#options.files.segments.filter(
			(segment) => !isRead(segment) || (segment.isSealed && !segment.isStuck && segment.postponed.length === 0),
		);
		const [oldest] = waiting;
		this.#turns += 1;
		const hasBacklog = oldest !== undefined && this.#options.clock() - oldest.oldestMs > backlogMs;
		return hasBacklog && this.#turns % freshShare === 0 ? waiting.at(-1) : oldest;
	}

	/** Its file can't be read, or removed: others need not wait for it. The next start tries again. */
	#giveUp(segment: Segment): void {
		segment.isStuck = true;
		segment.postponed = [];
		if (segment.isSealed) segment.position = segment.end;
	}

	async #step(segment: Segment): Promise<void> {
		if (isRead(segment)) return this.#remove(segment);
		await this.#linger();
		const { files } = this.#options;
		const file = await ofSegment(this.#fileOf(segment));
		const batch = await ofSegment(collectBatch(file, segment, files.seed, this.#settler.limits()));
		if (batch === undefined) segment.position = segment.end;
		else await this.#settler.settle(segment, file, batch);
	}

	/** Once more a batch of which some records found no memory. */
	async #tryAgain(segment: Segment, postponed: PostponedBatch): Promise<void> {
		await this.#linger();
		try {
			const { files } = this.#options;
			const file = await ofSegment(this.#fileOf(segment));
			const from = { ...segment, position: postponed.position };
			const batch = await ofSegment(collectBatch(file, from, files.seed, this.#settler.limits()));
			if (batch !== undefined) await this.#settler.settle(segment, file, batch);
			// Its records can't be read any more.
			if (batch?.first !== postponed.first) forget(segment, postponed.first);
		} catch (error) {
			if (segment.postponed.includes(postponed)) this.#postponements.postpone(segment, postponed, postponed);
			throw error;
		}
	}

	async #linger(): Promise<void> {
		const { parts, lingerMs } = this.#options;
		await this.#pressure.ask();
		for (;;) {
			const { isPaused } = this.#pressure;
			const leftMs = this.#lastBatchMs + this.#distanceMs() - performance.now();
			if (this.#persistence.isStopping || (leftMs <= 0 && !isPaused)) break;
			await this.#persistence.pause.sleepAtLeast(isPaused ? parts.askEveryMs : Math.min(leftMs, lingerMs));
			if (isPaused) await this.#pressure.ask();
		}
		this.#lastBatchMs = performance.now();
	}

	#distanceMs(): number {
		const { files, limits, lingerMs } = this.#options;
		const waiting = files.segments.reduce((spans, segment) => spans + waitingSpans(segment), 0);
		const spans = { waiting, perBatch: this.#settler.limits().maxSpans, most: limits.maxSpans };
		return this.#pressure.distanceMs(batchDistanceMs(spans, lingerMs), lingerMs);
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
}
