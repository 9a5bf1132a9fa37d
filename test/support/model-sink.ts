import { MemoryError, PoisonError, PressureError } from '../../collector/spool/batch-sink.ts';
import type { BatchSink, Partition, SubBatch } from '../../collector/spool/batch-sink.ts';
import { partitionMs } from '../../collector/spool/batch-sink.ts';
import { dictionaryTextAt } from '../../collector/pipeline/string-column.ts';

/**
 * What an insert does: stores and says so, says no, stores and then fails to say so, takes its time, lacks memory for more
 * than a few spans, lacks it only after it has stored them, or has too many parts.
 */
export type SinkMode = 'works' | 'refuses' | 'uncertain' | 'hangs' | 'cramped' | 'cramped-late' | 'crowded';

/** Spans with this name are refused for good, and the whole insert with them. */
export const poisonName = 'poison';

/** Spans for which there is memory when it is scarce. */
const crampedSpans = 8;

const never = new Promise<never>(() => undefined);
const keyOf = (src: string, batch: number, { project, startMs }: Partition): string =>
	`${src} ${batch} ${startMs} ${project}`;
const batchOf = (key: string): number => Number(key.split(' ')[1]);

/** A store in memory whose inserts are all or nothing, and which forgets nothing. */
export class ModelSink {
	readonly #batches = new Map<string, string[]>();
	readonly #hanging: (() => void)[] = [];
	mode: SinkMode = 'works';
	/** As a newer version might. */
	takesPoison = false;
	inserts = 0;
	/** Spans of the largest insert that was stored. */
	largest = 0;
	counts = 0;

	/** Hexadecimal ids of all spans, as often as they are stored. */
	spanIds(): string[] {
		return [...this.#batches.values()].flat();
	}

	/** Inserts that were on their way when the process died: each lands, or doesn't. */
	settleHanging(random: () => number): void {
		for (const land of this.#hanging.splice(0)) if (random() < 0.5) land();
	}

	/** For a process; `isAlive` turns false when it dies, and then nothing it still sends arrives. */
	connect(isAlive: () => boolean): BatchSink {
		return {
			insert: async (batch) => {
				await Promise.resolve();
				if (!isAlive()) await never;
				this.inserts += 1;
				await this.#insert(batch);
			},
			countStored: async (src, { first, last }, partition) => {
				await Promise.resolve();
				if (!isAlive()) await never;
				this.counts += 1;
				if (this.mode === 'refuses') throw new Error('the store is away');
				const found = [...this.#batches].filter(([key]) => {
					const batch = batchOf(key);
					return batch >= first && batch <= last && key === keyOf(src, batch, partition);
				});
				return found.reduce((total, [, stored]) => total + stored.length, 0);
			},
		};
	}

	async #insert(batch: SubBatch): Promise<void> {
		if (this.mode === 'refuses') throw new Error('the store is away');
		if (this.mode === 'crowded') throw new PressureError('too many parts');
		const ids = idsOf(batch, this.takesPoison);
		if (ids.length !== batch.spans) throw new Error(`${ids.length} spans in a batch that says ${batch.spans}`);
		const key = keyOf(batch.src, batch.batch, batch.partition);
		const store = () => this.#batches.set(key, [...(this.#batches.get(key) ?? []), ...ids]);
		if (this.mode === 'hangs') {
			this.#hanging.push(store);
			await never;
		}
		const isTooMuch = ids.length > crampedSpans;
		if (isTooMuch && this.mode === 'cramped') throw new MemoryError('memory limit exceeded');
		store();
		this.largest = Math.max(this.largest, ids.length);
		if (isTooMuch && this.mode === 'cramped-late') throw new MemoryError('memory limit exceeded, after all was stored');
		if (this.mode === 'uncertain') throw new Error('the connection was reset');
	}
}

function idsOf({ blocks, partition }: SubBatch, takesPoison: boolean): string[] {
	const ids: string[] = [];
	for (const block of blocks) {
		if (block.project !== partition.project) throw new Error(`a block of ${block.project} in ${partition.project}`);
		for (let row = 0; row < block.rows; row += 1) {
			if (Math.floor(Number(block.timeUnixMs[row]) / partitionMs) * partitionMs !== partition.startMs) continue;
			if (!takesPoison && dictionaryTextAt(block.name, row) === poisonName)
				throw new PoisonError('this span is poison');
			ids.push(Buffer.from(block.spanId.subarray(row * 8, row * 8 + 8)).toString('hex'));
		}
	}
	return ids;
}
