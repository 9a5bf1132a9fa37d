import { join } from 'node:path';
import type { PackedBlock } from '../../schema/packed-block.ts';
import type { Log } from '../log.ts';
import { messageOf } from '../problem.ts';
import { releaseMemory } from '../release-memory.ts';
import type { CrashHook } from './crash-point.ts';
import type { SpoolDisk, SpoolFile } from './disk.ts';
import type { DrainLog } from './drain-log.ts';
import type { EncodedRecord } from './encode-record.ts';
import type { RetryFingerprints } from './retry-fingerprints.ts';
import { encodeRecordHead, encodeSegmentHead, recordHeadBytes, segmentName } from './segment-format.ts';
import { newSegment, waitingRecords } from './segments.ts';
import type { Segment, SpoolFiles } from './segments.ts';

export interface GroupCommitOptions {
	disk: SpoolDisk;
	files: SpoolFiles;
	drainLog: DrainLog;
	fingerprints: RetryFingerprints;
	segmentBytes: number;
	log: Log;
	clock: () => number;
	crash: CrashHook;
	/** Called for each record once it is synced, before its sender learns of it. */
	onSynced: (id: number, appended: Appended) => void;
	/** A segment has ended, and goes once it is drained. */
	onSealed: () => void;
}

export interface Appended {
	packed: PackedBlock;
	record: EncodedRecord;
	/** '' when there is none. */
	fingerprint: string;
}

interface Waiting extends Appended {
	done: PromiseWithResolvers<void>;
}

const maxGroupBytes = 4 * 1024 ** 2;
const maxGroupRecords = 512;

/**
 * The only writer of segments. While one group is written and synced, the next gathers, so many requests share one sync.
 * A record's sender hears of success after its sync, of failure when nothing of it will be kept.
 */
export class GroupCommit {
	readonly #options: GroupCommitOptions;
	#queue: Waiting[] = [];
	#queuedBytes = 0;
	#running: Promise<void> | undefined;
	/** A segment was abandoned, and the drain log does not know yet where it ends. */
	#isEndMissing = false;
	#isSealDue = false;
	#active: { segment: Segment; file: SpoolFile } | undefined;

	constructor(options: GroupCommitOptions) {
		this.#options = options;
	}

	/** Bytes that wait for a sync, those that are being written included. */
	get queuedBytes(): number {
		return this.#queuedBytes;
	}

	/** Takes over the packed block. Resolves when the record is synced. Rejects with Node's error when it could not be, and then it is not kept. */
	append(appended: Appended): Promise<void> {
		const waiting: Waiting = { ...appended, done: Promise.withResolvers() };
		this.#queue.push(waiting);
		this.#queuedBytes += sizeOf(waiting);
		this.#running ??= this.#run();
		return waiting.done.promise;
	}

	/** Ends the segment after what waits, so that it goes as soon as it is drained. */
	async seal(): Promise<void> {
		this.#isSealDue = true;
		this.#running ??= this.#run();
		await this.#running;
	}

	/** Syncs what waits and ends the segment. */
	async close(): Promise<void> {
		await this.#running;
		await this.#seal();
	}

	async #run(): Promise<void> {
		// What is appended in the same turn shares the first sync.
		await Promise.resolve();
		while (this.#queue.length > 0 || this.#isSealDue) {
			if (this.#isSealDue) await this.#seal();
			this.#isSealDue = false;
			if (this.#queue.length === 0) break;
			const group = this.#takeGroup();
			try {
				await this.#commit(group);
			} catch (error) {
				for (const waiting of group) waiting.done.reject(error);
			}
			this.#queuedBytes -= group.reduce((total, waiting) => total + sizeOf(waiting), 0);
			for (const { packed } of group) if (packed.zstd !== undefined) releaseMemory(packed.zstd);
		}
		this.#running = undefined;
	}

	#takeGroup(): Waiting[] {
		let bytes = 0;
		let count = 0;
		for (const waiting of this.#queue) {
			const size = sizeOf(waiting);
			if (count > 0 && (bytes + size > maxGroupBytes || count >= maxGroupRecords)) break;
			bytes += size;
			count += 1;
		}
		return this.#queue.splice(0, count);
	}

	async #commit(group: readonly Waiting[]): Promise<void> {
		const { files, crash, clock } = this.#options;
		const { segment, file } = (this.#active ??= await this.#create());
		const firstId = files.nextId;
		files.nextId += group.length;
		const nowMs = clock();
		const chunks = group.flatMap(({ record, fingerprint }, index) => {
			const head = { kind: 'spans', id: firstId + index, receivedMs: nowMs, fingerprint, ...record } as const;
			return [encodeRecordHead(head, files.seed), ...record.payload];
		});
		const bytes = chunks.reduce((total, chunk) => total + chunk.byteLength, 0);
		await crash('before_write');
		await this.#write(segment, file, chunks);
		await crash('before_sync');
		await this.#sync(segment, file);
		await crash('after_sync');
		if (waitingRecords(segment) === 0) segment.oldestMs = nowMs;
		segment.end += bytes;
		segment.records += group.length;
		segment.spans += group.reduce((total, { record }) => total + record.spans, 0);
		segment.lastId = files.nextId - 1;
		await this.#acknowledge(group, firstId, nowMs);
		if (segment.end >= this.#options.segmentBytes) await this.#seal();
	}

	async #acknowledge(group: readonly Waiting[], firstId: number, nowMs: number): Promise<void> {
		const { fingerprints, log, onSynced } = this.#options;
		const remembered = fingerprints
			.add(
				group.map(({ fingerprint }) => fingerprint).filter((fingerprint) => fingerprint !== ''),
				nowMs,
			) // prettier-ignore
			.catch((error: unknown) => log.warn({ error: messageOf(error) }, 'fingerprints of requests were not written'));
		for (const [index, waiting] of group.entries()) {
			onSynced(firstId + index, waiting);
			waiting.done.resolve();
		}
		await remembered;
	}

	/** What a failed write left behind the end is cut off; if that fails too, the segment ends here for good. */
	async #write(segment: Segment, file: SpoolFile, chunks: Uint8Array[]): Promise<void> {
		try {
			await file.write(chunks, segment.end);
		} catch (error) {
			this.#options.log.error({ error: messageOf(error), segment: segment.name }, 'spool write failed');
			// Durably, or a power cut could bring back what its sender was told is not kept.
			await file
				.truncate(segment.end)
				.then(() => file.sync())
				.catch(() => this.#abandon(segment, file));
			throw error;
		}
	}

	/** After a failed sync nobody knows what of the file is on disk, and a second one would lie: it is never tried. */
	async #sync(segment: Segment, file: SpoolFile): Promise<void> {
		try {
			await file.sync();
		} catch (error) {
			this.#options.log.error({ error: messageOf(error), segment: segment.name }, 'spool sync failed');
			await this.#abandon(segment, file);
			throw error;
		}
	}

	async #abandon(segment: Segment, file: SpoolFile): Promise<void> {
		const { drainLog, log } = this.#options;
		this.#active = undefined;
		segment.isSealed = true;
		segment.isCut = true;
		await file.truncate(segment.end).catch(() => undefined);
		await file.close().catch(() => undefined);
		try {
			const { number, end } = segment;
			await drainLog.append({ kind: 'end', segment: number, first: end, last: 0, records: 0, spans: 0 }, true);
		} catch (error) {
			this.#isEndMissing = true;
			log.error({ error: messageOf(error), segment: segment.name }, 'the end of a failed segment was not recorded');
		}
	}

	async #create(): Promise<{ segment: Segment; file: SpoolFile }> {
		const { disk, files, drainLog, clock, crash } = this.#options;
		if (this.#isEndMissing) await drainLog.begin();
		this.#isEndMissing = false;
		const number = files.nextSegment;
		files.nextSegment += 1;
		const segment = newSegment(number, segmentName(number), files.nextId, clock());
		const path = join(files.folder, segment.name);
		const file = await disk.open(path, 'create');
		try {
			const head = { src: files.src, segment: number, baseId: files.nextId, createdMs: segment.createdMs };
			await file.write([encodeSegmentHead(head)], 0);
			await file.sync();
			await disk.syncFolder(files.folder);
		} catch (error) {
			await file.close().catch(() => undefined);
			await disk.remove(path).catch(() => undefined);
			throw error;
		}
		await crash('after_create_segment');
		files.segments.push(segment);
		return { segment, file };
	}

	/** Ends the segment with a footer, so that the next start need not read it. Without one it is read: nothing is lost. */
	async #seal(): Promise<void> {
		const { fingerprints, files, crash, log } = this.#options;
		const active = this.#active;
		if (active === undefined) return;
		this.#active = undefined;
		const { segment, file } = active;
		await crash('before_seal');
		try {
			await fingerprints.sync();
			await file.write([encodeRecordHead(footerOf(segment), files.seed)], segment.end);
			await file.sync();
			segment.end += recordHeadBytes;
		} catch (error) {
			log.warn({ error: messageOf(error), segment: segment.name }, 'a segment ends without footer');
			await file.truncate(segment.end).catch(() => undefined);
		}
		segment.isSealed = true;
		this.#options.onSealed();
		await file.close().catch(() => undefined);
	}
}

const sizeOf = ({ record }: Appended): number => recordHeadBytes + record.payloadBytes;

const footerOf = (segment: Segment) =>
	({
		kind: 'footer',
		id: segment.lastId + 1,
		receivedMs: segment.createdMs,
		fingerprint: '',
		spans: segment.spans,
		rawBytes: segment.records,
		payloadBytes: 0,
		payloadCrc: 0,
		projectBytes: 0,
		codec: 'raw',
	}) as const;
