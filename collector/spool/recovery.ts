import { join } from 'node:path';
import type { Log } from '../log.ts';
import { messageOf } from '../problem.ts';
import type { SpoolDisk, SpoolFile } from './disk.ts';
import type { DrainHistory } from './drain-log.ts';
import { lastSegmentOf } from './quarantine.ts';
import { rememberMs } from './retry-fingerprints.ts';
import {
	decodeRecordHead,
	decodeSegmentHead,
	recordHeadBytes,
	segmentHeadBytes,
	segmentNumber,
} from './segment-format.ts';
import { recordEnd, scanRecords } from './segment-scan.ts';
import { newSegment, pendingRecords, settle } from './segments.ts';
import type { Segment } from './segments.ts';

export interface RecoveryOptions {
	disk: SpoolDisk;
	folder: string;
	/** Where files go that can't be read as segments of this spool. */
	asideFolder: string;
	src: string;
	seed: number;
	history: DrainHistory;
	nowMs: number;
	log: Log;
}

export interface Recovered {
	segments: Segment[];
	nextId: number;
	nextSegment: number;
	/** Of records in segments that ended without a footer, and so perhaps before the fingerprints were synced. */
	fingerprints: string[];
}

/** Finds out what is on disk. It never fails for what a file contains: what can't be used is moved aside. */
export async function recover(options: RecoveryOptions): Promise<Recovered> {
	const { disk, folder, asideFolder, log } = options;
	const nextSegment = lastSegmentOf(await disk.list(asideFolder)) + 1;
	const recovered: Recovered = { segments: [], nextId: 1, nextSegment, fingerprints: [] };
	for (const name of await disk.list(folder)) {
		const number = segmentNumber(name);
		if (number === undefined) continue;
		try {
			const segment = await recoverSegment(options, name, number, recovered.fingerprints);
			if (segment === undefined) {
				await moveAside(options, name);
				continue;
			}
			recovered.segments.push(segment);
		} catch (error) {
			log.error({ error: messageOf(error), segment: name }, 'a segment of the spool could not be read');
		}
		recovered.nextSegment = Math.max(recovered.nextSegment, number + 1);
	}
	recovered.segments.sort((a, b) => a.number - b.number);
	applyHistory(recovered.segments, options.history);
	const ids = [...recovered.segments.map(({ lastId }) => lastId), ...options.history.entries.map(largestId)];
	recovered.nextId = ids.reduce((largest, id) => Math.max(largest, id), 0) + 1;
	recovered.segments = await removeSettled(options, recovered.segments);
	return recovered;
}

/** An id beyond this would be damage that no checksum found. */
const maxId = 2 ** 52;
const largestId = ({ kind, last }: DrainHistory['entries'][number]): number =>
	kind === 'end' || last > maxId ? 0 : last;

/** Undefined when the file belongs to another spool, or is a copy. */
async function recoverSegment(
	{ disk, folder, src, seed, history, nowMs, log }: RecoveryOptions,
	name: string,
	number: number,
	fingerprints: string[],
): Promise<Segment | undefined> {
	const file = await disk.open(join(folder, name), 'write');
	try {
		const head = await readHead(file, src, number, log);
		if (head === undefined) return undefined;
		const segment = newSegment(number, name, head.baseId, head.createdMs);
		segment.isSealed = true;
		segment.end = await file.size();
		const cut = history.entries.findLast((entry) => entry.kind === 'end' && entry.segment === number);
		if (cut !== undefined && cut.first < segment.end) {
			segment.end = Math.max(segmentHeadBytes, cut.first);
			segment.isCut = true;
			await file.truncate(segment.end).catch(() => undefined);
		}
		if (await readFooter(file, segment, seed)) return segment;
		const found: string[] = [];
		await scanWhole(file, segment, seed, (fingerprint, receivedMs) => {
			if (fingerprint !== '' && receivedMs > nowMs - rememberMs) found.push(fingerprint);
		});
		if (await isSynced(file, log)) for (const fingerprint of found) fingerprints.push(fingerprint);
		return segment;
	} finally {
		await file.close();
	}
}

/** The records say themselves whether they belong here, so a damaged head costs nothing but two figures. */
async function readHead(
	file: SpoolFile,
	src: string,
	number: number,
	log: Log,
): Promise<{ baseId: number; createdMs: number } | undefined> {
	const bytes = Buffer.alloc(segmentHeadBytes);
	const length = await file.read(bytes, 0);
	try {
		const head = decodeSegmentHead(bytes.subarray(0, length));
		return head.src === src && head.segment === number ? head : undefined;
	} catch (error) {
		log.warn({ error: messageOf(error), segment: file.name }, 'a segment of the spool has a damaged head');
		return { baseId: 1, createdMs: 0 };
	}
}

/** A sealed segment is not read at start: its records are checked when they are drained. */
async function readFooter(file: SpoolFile, segment: Segment, seed: number): Promise<boolean> {
	const at = segment.end - recordHeadBytes;
	if (at < segmentHeadBytes) return false;
	const bytes = Buffer.alloc(recordHeadBytes);
	await file.read(bytes, at);
	const footer = decodeRecordHead(bytes, 0, seed);
	if (footer?.kind !== 'footer') return false;
	segment.records = footer.rawBytes;
	segment.spans = footer.spans;
	segment.lastId = footer.id - 1;
	return true;
}

/** Counts what is there, and cuts off a last record that was torn by the crash: its sender got no answer. */
async function scanWhole(
	file: SpoolFile,
	segment: Segment,
	seed: number,
	onRecord: (fingerprint: string, receivedMs: number) => void,
): Promise<void> {
	let wholeEnd = segmentHeadBytes;
	for await (const found of scanRecords({
		file,
		seed,
		from: segmentHeadBytes,
		end: segment.end,
		checkPayloads: true,
	})) {
		const { head } = found;
		if (head === undefined) continue;
		segment.lastId = Math.max(segment.lastId, head.id);
		if (head.kind === 'footer') continue;
		segment.records += 1;
		segment.spans += head.spans;
		if (found.kind === 'record') {
			wholeEnd = recordEnd(found);
			onRecord(head.fingerprint, head.receivedMs);
		} else wholeEnd = found.end;
	}
	if (wholeEnd >= segment.end) return;
	segment.end = wholeEnd;
	segment.isCut = true;
	await file.truncate(wholeEnd).catch(() => undefined);
}

/** What a killed process wrote may be in the page cache alone: nobody is told of it before it is synced. */
async function isSynced(file: SpoolFile, log: Log): Promise<boolean> {
	try {
		await file.sync();
		return true;
	} catch (error) {
		log.error({ error: messageOf(error), segment: file.name }, 'a segment could not be synced');
		return false;
	}
}

function applyHistory(segments: readonly Segment[], { entries }: DrainHistory): void {
	const byNumber = new Map(segments.map((segment) => [segment.number, segment]));
	for (const { kind, segment: number, first, last, records, spans } of entries) {
		const segment = byNumber.get(number);
		if (segment === undefined || first > last) continue;
		if (kind === 'intent') segment.intents.push({ first, last });
		if (kind === 'wait') segment.waitsSinceMs.set(first, spans);
		if (kind === 'commit') settle(segment, { first, last }, records, spans);
	}
	for (const segment of segments) {
		segment.intents = segment.intents.filter(
			({ first }, index, all) =>
				!segment.settled.has(first) && all.findIndex((other) => other.first === first) === index,
		);
		segment.intents.sort((a, b) => a.first - b.first);
		for (const first of segment.waitsSinceMs.keys()) if (segment.settled.has(first)) segment.waitsSinceMs.delete(first);
	}
}

/** What was settled before the restart but not yet removed. */
async function removeSettled({ disk, folder }: RecoveryOptions, segments: readonly Segment[]): Promise<Segment[]> {
	const left: Segment[] = [];
	for (const segment of segments) {
		const isSettled = pendingRecords(segment) === 0 && segment.end <= segmentHeadBytes + recordHeadBytes;
		const isGone = isSettled && (await disk.remove(join(folder, segment.name)).then(() => true, () => false)); // prettier-ignore
		if (!isGone) left.push(segment);
	}
	return left;
}

async function moveAside({ disk, folder, asideFolder, nowMs, log }: RecoveryOptions, name: string): Promise<void> {
	const target = join(asideFolder, `${nowMs}-${name}.foreign`);
	log.error({ segment: name, target }, 'a segment belongs to another spool, or is a copy: moved aside');
	await disk.rename(join(folder, name), target);
	await disk.syncFolder(folder);
}
