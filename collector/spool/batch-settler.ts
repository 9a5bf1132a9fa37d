import type { Log } from '../log.ts';
import { messageOf } from '../problem.ts';
import { MemoryError } from './batch-sink.ts';
import type { BatchSink } from './batch-sink.ts';
import { BatchSize } from './batch-size.ts';
import type { BatchLimits, CollectedBatch } from './collect-batch.ts';
import type { CrashHook } from './crash-point.ts';
import type { SpoolFile } from './disk.ts';
import type { DrainLog } from './drain-log.ts';
import type { DrainPace } from './drain-settings.ts';
import type { Flow } from './flow.ts';
import { loadRecords } from './load-records.ts';
import type { Persistence } from './persistence.ts';
import { forget } from './postponed.ts';
import type { Outcome, Postponements } from './postponed.ts';
import type { Quarantine, SetAside } from './quarantine.ts';
import type { RecentBlocks } from './recent-blocks.ts';
import { damagedAsides, outcomeOf, refusedAsides, spansOf } from './refused-records.ts';
import { recordHeadBytes } from './segment-format.ts';
import type { FoundRecord } from './segment-scan.ts';
import { ofSegment } from './segment-trouble.ts';
import { settle } from './segments.ts';
import type { Segment, SpoolFiles } from './segments.ts';
import type { BlockCodec, SpoolBlock } from './spool-block.ts';
import { storeBatch } from './store-batch.ts';
import type { GuiltyRecord } from './store-batch.ts';

export interface SettlerOptions<Block extends SpoolBlock> extends Pick<DrainPace, 'limits' | 'patience'> {
	files: SpoolFiles;
	drainLog: DrainLog;
	quarantine: Quarantine;
	recent: RecentBlocks<Block>;
	flow: Pick<Flow, 'drained'>;
	codec: BlockCodec<Block>;
	sink: BatchSink<Block>;
	log: Log;
	clock: () => number;
	crash: CrashHook;
}

/** What became of batches since the start. */
export interface Settled {
	storedSpans: number;
	/** When the last batch was stored, by the clock; -Infinity before the first. */
	storedMs: number;
	/** What should not have happened, such as a batch that is stored twice. */
	surprises: number;
	bytesPerSecond: number;
}

/**
 * Takes a batch to the sink, exactly once, and sees to what becomes of its records: they are committed, set aside, or
 * postponed with the batch that they are in.
 */
export class BatchSettler<Block extends SpoolBlock> {
	readonly #options: SettlerOptions<Block>;
	readonly #persistence: Persistence;
	readonly #postponements: Postponements;
	readonly #size: BatchSize;
	#storedSpans = 0;
	#storedMs = -Infinity;
	#surprises = 0;
	#bytesPerSecond = 0;

	constructor(options: SettlerOptions<Block>, persistence: Persistence, postponements: Postponements) {
		this.#options = options;
		this.#persistence = persistence;
		this.#postponements = postponements;
		this.#size = new BatchSize(options.limits);
	}

	/** Of the next batch. */
	limits(): BatchLimits {
		return this.#size.limits();
	}

	settled(): Settled {
		return {
			storedSpans: this.#storedSpans,
			storedMs: this.#storedMs,
			surprises: this.#surprises,
			bytesPerSecond: this.#bytesPerSecond,
		};
	}

	async settle(segment: Segment, file: SpoolFile, batch: CollectedBatch): Promise<void> {
		const { first, records } = batch;
		const damaged = damagedAsides(segment.number, file, batch.damages);
		const { asides, lacking } =
			records.length === 0 ? { asides: [], lacking: undefined } : await this.#send(segment, file, batch);
		const isLater = lacking !== undefined && !this.#isGivenUp(segment, first);
		const isSetAside = !isLater && (await this.#setAside([...damaged, ...asides]));
		if (batch.position > segment.position) {
			segment.position = batch.position;
			segment.oldestMs = records.at(-1)?.head.receivedMs ?? segment.oldestMs;
		}
		for (const { head } of records) this.#options.recent.drop(head.id);
		if (isSetAside) await this.#commit(segment, batch);
		else if (lacking !== undefined) await this.#postpone(segment, batch, lacking);
		else {
			segment.isStuck = true;
			forget(segment, first);
		}
	}

	/** Since when it waits is on disk, so that a restart doesn't make it wait from the start. */
	async #postpone(segment: Segment, batch: CollectedBatch, lacking: Outcome): Promise<void> {
		const { clock, drainLog } = this.#options;
		const { first, last } = batch;
		const nowMs = Math.floor(clock());
		const sinceMs = segment.waitsSinceMs.get(first);
		const waitedMs = Math.max(0, nowMs - (sinceMs ?? nowMs));
		this.#postponements.postpone(segment, { ...batch, position: batch.from }, lacking, waitedMs);
		if (sinceMs !== undefined) return;
		segment.waitsSinceMs.set(first, nowMs);
		await drainLog.append({ kind: 'wait', segment: segment.number, first, last, records: 0, spans: nowMs }, false);
	}

	#isGivenUp(segment: Segment, first: number): boolean {
		const batch = segment.postponed.find((postponed) => postponed.first === first);
		return batch !== undefined && this.#postponements.isGivenUp(batch);
	}

	async #commit(segment: Segment, { first, last, records }: CollectedBatch): Promise<void> {
		if (records.length === 0) return;
		const { crash, drainLog } = this.#options;
		await crash('before_commit');
		const counts = { records: records.length, spans: spansOf(records) };
		forget(segment, first);
		settle(segment, { first, last }, counts.records, counts.spans);
		segment.intents = segment.intents.filter((intent) => intent.first !== first);
		segment.waitsSinceMs.delete(first);
		await drainLog.append({ kind: 'commit', segment: segment.number, first, last, ...counts }, false);
		await crash('after_commit');
	}

	/** From here on until the commit, the next start asks the sink before it sends these records. */
	async #announce(segment: Segment, { first, last, records, isRepeated }: CollectedBatch): Promise<void> {
		const { crash, drainLog } = this.#options;
		if (isRepeated) return;
		const counts = { records: records.length, spans: spansOf(records) };
		await drainLog.append({ kind: 'intent', segment: segment.number, first, last, ...counts }, true);
		segment.intents.push({ first, last });
		await crash('after_intent');
	}

	/** Which records could not be stored; `lacking` when memory was lacking for some of them. */
	async #send(
		segment: Segment,
		file: SpoolFile,
		batch: CollectedBatch,
	): Promise<{ asides: SetAside[]; lacking: Outcome | undefined }> {
		const { files, sink, recent, codec, crash, clock, log } = this.#options;
		const before = segment.postponed.find(({ first }) => first === batch.first);
		await this.#announce(segment, batch);
		const { loaded, guilty } = await ofSegment(loadRecords(file, batch.records, recent, codec, files.seed));
		const startedMs = clock();
		let halvings = 0;
		const refused = await storeBatch(loaded, {
			sink,
			src: files.src,
			first: batch.first,
			last: batch.last,
			isRepeated: batch.isRepeated,
			aloneTries: before === undefined ? this.#options.patience.tries : 1,
			persist: (step) => this.#persistence.persist(step),
			onSurprise: (what) => {
				this.#surprises += 1;
				log.error({ segment: segment.name }, what);
			},
			onHalved: (records, times) => {
				if (before !== undefined) return;
				halvings = Math.max(halvings, times);
				log.warn({ records }, 'the store lacks memory for a batch; its halves are tried');
			},
		});
		await crash('after_insert');
		const causes = new Map<number, GuiltyRecord>([...guilty, ...refused].map((cause) => [cause.id, cause]));
		const outcome = outcomeOf(batch.records, causes);
		const lacking = refused.some(({ lacksMemory }) => lacksMemory) ? outcome : undefined;
		if (before === undefined) {
			this.#fit(halvings, lacking);
			this.#measure(batch.records, clock() - startedMs);
			if (outcome.storedSpans > 0) this.#postponements.stored();
		}
		const storedSpans = outcome.storedSpans - (before?.storedSpans ?? 0);
		this.#storedSpans += storedSpans;
		if (before === undefined || storedSpans > 0) this.#storedMs = clock();
		return { asides: refusedAsides(segment.number, file, batch.records, { causes, loaded, sink }), lacking };
	}

	/** What comes next is as small as what there was memory for. */
	#fit(halvings: number, lacking: Outcome | undefined): void {
		if (halvings > 0 || lacking === undefined) this.#size.stored(halvings);
		if (lacking !== undefined) this.#makeRoom(lacking);
	}

	/** Throws where too many wait for memory already: then there is none for anything, and what comes next had better wait. */
	#makeRoom({ records, spans, reason }: Outcome): void {
		const { files, log, clock } = this.#options;
		if (this.#postponements.hasRoom(files.segments)) {
			log.warn({ records, spans, reason }, 'the store lacks memory for a request; what follows goes first');
			return;
		}
		this.#persistence.failure ??= { reason, sinceMs: clock() };
		throw new MemoryError(reason);
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

	#measure(records: readonly FoundRecord[], tookMs: number): void {
		const bytes = records.reduce((total, { head }) => total + recordHeadBytes + head.payloadBytes, 0);
		this.#options.flow.drained(bytes);
		const measured = (bytes * 1_000) / Math.max(1, tookMs);
		this.#bytesPerSecond = this.#bytesPerSecond === 0 ? measured : 0.8 * this.#bytesPerSecond + 0.2 * measured;
	}
}
