import { partitionMs, PoisonError } from './batch-sink.ts';
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
}

export interface StoreBatchOptions<Block extends SpoolBlock> {
	sink: BatchSink<Block>;
	src: string;
	/** Id of the batch: that of its first record, even when that one can't be read any more. */
	batch: number;
	/** The batch was begun before: something of it may be stored. */
	isRepeated: boolean;
	/** Repeats `step` until it resolves, waiting longer each time. Rejects with PoisonError, or when the spool closes. */
	persist<Result>(step: (attempt: number) => Promise<Result>): Promise<Result>;
	onSurprise(what: string): void;
}

/** Rows of a record that lie in one partition. */
interface Share<Block extends SpoolBlock> {
	record: LoadedRecord<Block>;
	spans: number;
}

/** Rows that go together, under one id. */
interface Portion<Block extends SpoolBlock> {
	batch: number;
	partition: Partition;
	shares: readonly Share<Block>[];
	isRepeated: boolean;
}

/**
 * Stores each partition's rows exactly once, and says which records could not be stored. Before rows are sent a second
 * time, whatever the reason, the sink is asked how many of them it has.
 *
 * When the sink refuses a portion for good, its halves are portions of their own: the first keeps the id, the second takes
 * that of its first record. So after a restart the same questions lead to the same halves, without any memory of them.
 */
export async function storeBatch<Block extends SpoolBlock>(
	records: readonly LoadedRecord<Block>[],
	options: StoreBatchOptions<Block>,
): Promise<GuiltyRecord[]> {
	const { batch, isRepeated } = options;
	const guilty = new Map<number, GuiltyRecord>();
	for (const { partition, shares } of sharesByPartition(records)) {
		for (const record of await storePortion({ batch, partition, shares, isRepeated }, options)) {
			guilty.set(record.id, record);
		}
	}
	return [...guilty.values()];
}

async function storePortion<Block extends SpoolBlock>(
	portion: Portion<Block>,
	options: StoreBatchOptions<Block>,
): Promise<GuiltyRecord[]> {
	const { batch, partition, shares } = portion;
	try {
		const stored = await options.persist((attempt) => insertOnce(portion, attempt, options));
		const missing = spansOf(shares) - stored;
		if (missing < 0) options.onSurprise(`${-missing} spans too many of batch ${batch} are stored`);
		if (missing <= 0) return [];
		const rest = behindPrefix(shares, stored);
		const [first] = rest;
		if (first !== undefined) {
			return await storePortion({ batch: first.record.id, partition, shares: rest, isRepeated: true }, options);
		}
		const reason = `${stored} of ${spansOf(shares)} spans are stored, which is not a number of whole records`;
		options.onSurprise(`of batch ${batch} ${reason}`);
		return shares.map(({ record }) => ({ id: record.id, reason }));
	} catch (error) {
		if (!(error instanceof PoisonError)) throw error;
		if (shares.length === 1) return shares.map(({ record }) => ({ id: record.id, reason: error.message }));
		return storeHalves(portion, options);
	}
}

/** How many rows of the portion are stored after this. */
async function insertOnce<Block extends SpoolBlock>(
	{ batch, partition, shares, isRepeated }: Portion<Block>,
	attempt: number,
	{ sink, src }: StoreBatchOptions<Block>,
): Promise<number> {
	if (isRepeated || attempt > 0) {
		const stored = await sink.countStored(src, batch, partition);
		if (stored > 0) return stored;
	}
	const spans = spansOf(shares);
	await sink.insert({ src, batch, partition, spans, blocks: shares.map(({ record }) => record.block) });
	return spans;
}

async function storeHalves<Block extends SpoolBlock>(
	{ batch, partition, shares }: Portion<Block>,
	options: StoreBatchOptions<Block>,
): Promise<GuiltyRecord[]> {
	const middle = Math.ceil(shares.length / 2);
	const [left, right] = [shares.slice(0, middle), shares.slice(middle)];
	const rightBatch = right[0]?.record.id ?? batch;
	return [
		...(await storePortion({ batch, partition, shares: left, isRepeated: true }, options)),
		...(await storePortion({ batch: rightBatch, partition, shares: right, isRepeated: true }, options)),
	];
}

/** What follows the first records that together have so many spans; nothing when no such records exist. */
function behindPrefix<Block extends SpoolBlock>(shares: readonly Share<Block>[], spans: number): Share<Block>[] {
	let total = 0;
	for (const [index, share] of shares.entries()) {
		total += share.spans;
		if (total === spans) return shares.slice(index + 1);
	}
	return [];
}

function sharesByPartition<Block extends SpoolBlock>(
	records: readonly LoadedRecord<Block>[],
): { partition: Partition; shares: Share<Block>[] }[] {
	const partitions = new Map<string, { partition: Partition; shares: Share<Block>[] }>();
	for (const record of records) {
		const { project } = record.block;
		for (const [interval, spans] of spansByInterval(record.block)) {
			const key = `${interval} ${project}`;
			const found = partitions.get(key) ?? { partition: { project, startMs: interval * partitionMs }, shares: [] };
			found.shares.push({ record, spans });
			partitions.set(key, found);
		}
	}
	return [...partitions.values()];
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
