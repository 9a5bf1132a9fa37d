import type { Log } from '../log.ts';
import type { SpoolDisk, SpoolFile } from './disk.ts';
import { DrainLog } from './drain-log.ts';
import { decodeRecord, encodeRecord } from './encode-record.ts';
import type { EncodedRecord } from './encode-record.ts';
import { readIdentity } from './identity.ts';
import { packBlock } from './pack-block.ts';
import type { PackableBlock } from './pack-block.ts';
import type { MissingRows } from './quarantine.ts';
import { RecordError } from './record-error.ts';
import { recover } from './recovery.ts';
import { beginRequeue, commitRequeue, finishRequeue } from './requeue-step.ts';
import {
	crcSeed,
	decodeRecordHead,
	encodeRecordHead,
	encodeSegmentHead,
	recordHeadBytes,
	segmentHeadBytes,
	segmentName,
} from './segment-format.ts';
import { drainEntries } from './segments.ts';
import type { SpoolFiles } from './segments.ts';
import { asideFolderOf, asideNames, readAside } from './set-aside.ts';
import type { AsideFile } from './set-aside.ts';
import type { BlockCodec } from './spool-block.ts';

export interface RequeueOptions<Block extends PackableBlock> {
	disk: SpoolDisk;
	/** Of a spool that is not open: the caller holds a lock. */
	folder: string;
	codec: BlockCodec<Block>;
	/** Some rows of a block, as a block. */
	selectRows: (block: Block, rows: Uint32Array) => Block;
	log: Log;
	/** Unix milliseconds. */
	clock: () => number;
	segmentBytes?: number;
}

export interface Requeued {
	records: number;
	spans: number;
	/** Records and stretches that stay where they are: they are damaged, or some of their rows are stored and nobody knows which. */
	left: number;
}

const usualSegmentBytes = 64 * 1024 ** 2;

/**
 * Puts what was set aside into the spool again, as new records at its end: of each the rows that are not stored. A step makes
 * one segment and removes the files that are in it now; whatever it is interrupted by, it has happened or it has not.
 */
export async function requeue<Block extends PackableBlock>(options: RequeueOptions<Block>): Promise<Requeued> {
	const { disk, folder, clock } = options;
	await disk.makeFolder(folder);
	await finishRequeue(disk, folder);
	const names = await asideNames(disk, folder);
	const result: Requeued = { records: 0, spans: 0, left: 0 };
	if (names.length === 0) return result;
	const files = await openFiles(options);
	while (names.length > 0) {
		const segment = await beginRequeue(disk, folder);
		const written: string[] = [];
		try {
			const head = { src: files.src, segment: files.nextSegment, baseId: files.nextId, createdMs: clock() };
			await segment.write([encodeSegmentHead(head)], 0);
			await fill(segment, names, written, files, options, result);
			await segment.sync();
		} finally {
			await segment.close();
		}
		if (written.length > 0) await commitRequeue(disk, folder, segmentName(files.nextSegment), written);
		files.nextSegment += 1;
	}
	await finishRequeue(disk, folder);
	return result;
}

/** What the spool is, with its drain log begun anew: an old one may tell of segments with numbers that are given again. */
async function openFiles<Block extends PackableBlock>({
	disk,
	folder,
	log,
	clock,
}: RequeueOptions<Block>): Promise<SpoolFiles> {
	const src = await readIdentity(disk, folder, log);
	const seed = crcSeed(src);
	const crash = async (): Promise<void> => {};
	const history = await DrainLog.read({ disk, folder, seed, crash });
	const asideFolder = asideFolderOf(folder);
	const recovered = await recover({ disk, folder, asideFolder, src, seed, history, nowMs: clock(), log });
	const files: SpoolFiles = { src, seed, folder, ...recovered };
	const drainLog = new DrainLog({ disk, folder, seed, crash, snapshot: () => drainEntries(files) });
	await drainLog.begin();
	await drainLog.close();
	return files;
}

/** Takes names from the front until the segment is full, and notes those whose rows are in it. */
async function fill<Block extends PackableBlock>(
	segment: SpoolFile,
	names: string[],
	written: string[],
	files: SpoolFiles,
	options: RequeueOptions<Block>,
	result: Requeued,
): Promise<void> {
	const { disk, folder, clock, segmentBytes = usualSegmentBytes } = options;
	for (let end = segmentHeadBytes; names.length > 0 && (written.length === 0 || end < segmentBytes);) {
		const name = names.shift() ?? '';
		const aside = await readAside(disk, folder, name);
		const record = aside && (await recordOf(aside, files.seed, options));
		if (record === undefined) {
			result.left += 1;
			continue;
		}
		// Now: it is no older backlog than what else comes in, and its sender no longer retries.
		const head = { kind: 'spans', id: files.nextId, receivedMs: clock(), fingerprint: '', ...record } as const;
		await segment.write([encodeRecordHead(head, files.seed), ...record.payload], end);
		end += recordHeadBytes + record.payloadBytes;
		files.nextId += 1;
		written.push(name);
		result.records += 1;
		result.spans += record.spans;
	}
}

/** The rows that are not stored, as a record; undefined when they can't be told from those that are, or read. */
async function recordOf<Block extends PackableBlock>(
	{ rows, bytes }: AsideFile,
	seed: number,
	{ codec, selectRows }: RequeueOptions<Block>,
): Promise<EncodedRecord | undefined> {
	const head = decodeRecordHead(bytes, 0, seed);
	if (rows === undefined || head?.kind !== 'spans') return undefined;
	try {
		const payload = bytes.subarray(recordHeadBytes, recordHeadBytes + head.payloadBytes);
		const block = await decodeRecord(head, payload, codec, seed);
		return encodeRecord(packBlock(rows === 'all' ? block : selectRows(block, rowsIn(rows))), seed);
	} catch (error) {
		if (error instanceof RecordError) return undefined;
		throw error;
	}
}

const rowsIn = (ranges: Exclude<MissingRows, 'all'>): Uint32Array =>
	Uint32Array.from(ranges.flatMap(([from, end]) => Array.from({ length: end - from }, (_, index) => from + index)));
