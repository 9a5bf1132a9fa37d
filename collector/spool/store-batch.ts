import { messageOf } from '../problem.ts';
import { MemoryError, partitionMs, PoisonError } from './batch-sink.ts';
import type { BatchSink, Partition } from './batch-sink.ts';
import { intervalOf } from './interval.ts';
import type { SpoolBlock } from './spool-block.ts';

/** A record that waits to be stored, with its block. */
export interface LoadedRecord<Block extends SpoolBlock> {
	id: number;
	block: Block;
}

/** A record that can't be stored, and why. */
export interface GuiltyRecord {
	id: number;
	reason: string;
	/** Where none of its rows are stored, while all others are; undefined when that is not known. */
	partitions?: readonly Partition[];
	/** In some partition it was memory for it that was lacking: it may be stored yet. */
	lacksMemory?: true;
}

export interface StoreBatchOptions<Block extends SpoolBlock> {
	sink: BatchSink<Block>;
	src: string;
	/** The batch: ids from its first record to its last, even when those can't be read any more. */
	first: number;
	last: number;
	/** The batch was begun before: something of it may be stored. */
	isRepeated: boolean;
	/** Repeats `step` until it resolves, waiting longer each time. Rejects with PoisonError, or when the spool closes. */
	persist<Result>(step: (attempt: number) => Promise<Result>): Promise<Result>;
	onSurprise(what: string): void;
	/** The sink had too little memory for so many records at once; their halves come of so many halvings of the batch. */
	onHalved?(records: number, halvings: number): void;
	/** So often in a row a record by itself is tried when the sink lacks memory for it; without end unless said. */
	aloneTries?: number;
}

/** Rows of a record that lie in one partition. */
interface Share<Block extends SpoolBlock> {
	record: LoadedRecord<Block>;
	spans: number;
}

/** So often in a row the sink may lack memory for a portion before its halves are tried: other queries may have had it. */
const memoryTries = 2;

/** Rows of records with ids from `first` to `last` in one partition. They go together, under the id `first`. */
interface Portion<Block extends SpoolBlock> {
	first: number;
	last: number;
	partition: Partition;
	shares: readonly Share<Block>[];
	isRepeated: boolean;
	/** So often was the batch halved until it was this. */
	halvings: number;
	/** After how many halvings there may be memory, by what was refused of the same partition; for all of its portions. */
	known: { halvings: number };
}

/**
 * Stores each partition's rows exactly once, and says which records could not be stored. Before rows are sent a second
 * time, whatever the reason, the sink is asked how many of them it has.
 *
 * When the sink refuses a portion for good, or has too little memory for it again and again, its halves are portions of
 * their own: the first keeps the id, the second has one of its own. Where they part follows from the ids alone, a portion is
 * asked about with all ids that its parts may have, and one of which a part is stored is halved as well: so after a restart
 * the same questions are asked about the same rows, without any memory of them.
 */
export async function storeBatch<Block extends SpoolBlock>(
	records: readonly LoadedRecord<Block>[],
	options: StoreBatchOptions<Block>,
): Promise<GuiltyRecord[]> {
	const { first, last, isRepeated } = options;
	const guilty = new Map<number, GuiltyRecord>();
	for (const { partition, shares } of sharesByPartition(records, options.sink)) {
		for (const record of await storePortion(
			{ first, last, partition, shares, isRepeated, halvings: 0, known: { halvings: 0 } },
			options,
		)) {
			guilty.set(record.id, together(guilty.get(record.id), record));
		}
	}
	return [...guilty.values()];
}

/** What is wrong with a record in one partition and in others. */
function together(before: GuiltyRecord | undefined, record: GuiltyRecord): GuiltyRecord {
	if (before === undefined) return record;
	const { id, reason } = record;
	const known = before.partitions && record.partitions && [...before.partitions, ...record.partitions];
	const lacksMemory = before.lacksMemory ?? record.lacksMemory;
	return { id, reason, ...(known && { partitions: known }), ...(lacksMemory && { lacksMemory }) };
}

async function storePortion<Block extends SpoolBlock>(
	portion: Portion<Block>,
	options: StoreBatchOptions<Block>,
): Promise<GuiltyRecord[]> {
	const { first, shares, halvings, known } = portion;
	// What lies beside parts that were too large is not even tried: it is asked about, as after a refusal, and halved.
	const tries = halvings < known.halvings ? 0 : memoryTries;
	const mostRefusals = shares.length > 1 ? tries : (options.aloneTries ?? Infinity);
	let refusals = 0;
	let reason = '';
	try {
		const stored = await options.persist(async (attempt) => {
			try {
				return await insertOnce(portion, attempt, refusals >= mostRefusals, options);
			} catch (error) {
				refusals = error instanceof MemoryError ? refusals + 1 : 0;
				reason = messageOf(error);
				throw error;
			}
		});
		if (stored === 'too-much') return await withoutMemory(portion, reason, options);
		const missing = spansOf(shares) - stored;
		if (missing < 0) options.onSurprise(`${-missing} spans too many of batch ${first} are stored`);
		if (missing <= 0) return [];
		if (shares.length > 1) return await storeHalves(portion, options);
		const found = `${stored} of its ${spansOf(shares)} spans are stored`;
		options.onSurprise(`of batch ${first} ${found}`);
		return shares.map(({ record }) => ({ id: record.id, reason: found }));
	} catch (error) {
		if (!(error instanceof PoisonError)) throw error;
		const partitions = [portion.partition];
		if (shares.length === 1) return shares.map(({ record }) => ({ id: record.id, reason: error.message, partitions }));
		return storeHalves(portion, options);
	}
}

/** Nothing of the portion is stored, and it was refused again and again for lack of memory. */
function withoutMemory<Block extends SpoolBlock>(
	portion: Portion<Block>,
	reason: string,
	options: StoreBatchOptions<Block>,
): Promise<GuiltyRecord[]> {
	const { shares, partition, halvings, known } = portion;
	if (shares.length === 1)
		return Promise.resolve(
			shares.map(({ record }) => ({ id: record.id, reason, partitions: [partition], lacksMemory: true })),
		);
	known.halvings = Math.max(known.halvings, halvings + 1);
	options.onHalved?.(shares.length, halvings + 1);
	return storeHalves(portion, options);
}

/** How many rows of the portion are stored after this; `too-much` when none are and it shall not be tried again as a whole. */
async function insertOnce<Block extends SpoolBlock>(
	{ first, last, partition, shares, isRepeated }: Portion<Block>,
	attempt: number,
	isTooMuch: boolean,
	{ sink, src }: StoreBatchOptions<Block>,
): Promise<number | 'too-much'> {
	if (isRepeated || attempt > 0) {
		const stored = await sink.countStored(src, { first, last }, partition);
		if (stored > 0) return stored;
		if (isTooMuch) return 'too-much';
	}
	const spans = spansOf(shares);
	await sink.insert({ src, batch: first, partition, spans, blocks: shares.map(({ record }) => record.block) });
	return spans;
}

async function storeHalves<Block extends SpoolBlock>(
	{ first, last, partition, shares, halvings, known }: Portion<Block>,
	options: StoreBatchOptions<Block>,
): Promise<GuiltyRecord[]> {
	const middle = first + Math.floor((last - first) / 2);
	const left = { first, last: middle, shares: shares.filter(({ record }) => record.id <= middle) };
	const right = { first: middle + 1, last, shares: shares.filter(({ record }) => record.id > middle) };
	const guilty: GuiltyRecord[] = [];
	for (const half of [left, right]) {
		if (half.shares.length === 0) continue;
		guilty.push(
			...(await storePortion({ ...half, partition, isRepeated: true, halvings: halvings + 1, known }, options)),
		);
	}
	return guilty;
}

function sharesByPartition<Block extends SpoolBlock>(
	records: readonly LoadedRecord<Block>[],
	sink: BatchSink<Block>,
): { partition: Partition; shares: Share<Block>[] }[] {
	const partitions = new Map<string, { partition: Partition; shares: Share<Block>[] }>();
	for (const record of records) {
		const { project } = record.block;
		for (const { interval, shard, spans } of countRows(record.block, sink.placesOf?.(record.block))) {
			const key = `${interval} ${shard ?? ''} ${project}`;
			const partition = { project, startMs: interval * partitionMs, ...(shard === undefined ? {} : { shard }) };
			const found = partitions.get(key) ?? { partition, shares: [] };
			found.shares.push({ record, spans });
			partitions.set(key, found);
		}
	}
	return [...partitions.values()];
}

/** In how many partitions rows of the record lie. */
export const partitionsOf = <Block extends SpoolBlock>(record: LoadedRecord<Block>, sink: BatchSink<Block>): number =>
	sharesByPartition([record], sink).length;

/** More than there are of them, so that one number says interval and shard. */
const shardsAtMost = 2 ** 16;

interface CountedRows {
	interval: number;
	shard: number | undefined;
	spans: number;
}

function countRows(block: SpoolBlock, shards: Uint16Array | undefined): CountedRows[] {
	if (shards === undefined)
		return [...spansByInterval(block)].map(([interval, spans]) => ({ interval, shard: undefined, spans }));
	const counts = new Map<number, number>();
	for (const [row, shard] of shards.entries()) {
		const place = Math.floor(Number(block.timeUnixMs[row]) / partitionMs) * shardsAtMost + shard;
		counts.set(place, (counts.get(place) ?? 0) + 1);
	}
	return [...counts].map(([place, spans]) => ({
		interval: Math.floor(place / shardsAtMost),
		shard: place % shardsAtMost,
		spans,
	}));
}

function spansByInterval({ timeUnixMs }: SpoolBlock): Map<number, number> {
	const only = timeUnixMs instanceof BigInt64Array ? intervalOf(timeUnixMs) : undefined;
	if (only !== undefined) return new Map([[only, timeUnixMs.length]]);
	const spans = new Map<number, number>();
	for (const time of timeUnixMs) {
		const interval = Math.floor(Number(time) / partitionMs);
		spans.set(interval, (spans.get(interval) ?? 0) + 1);
	}
	return spans;
}

const spansOf = (shares: readonly Share<SpoolBlock>[]): number =>
	shares.reduce((total, share) => total + share.spans, 0);
