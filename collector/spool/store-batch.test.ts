import { expect, test } from 'vitest';
import type { SpanBlock } from '../../schema/span-block.ts';
import { ModelSink } from '../../test/support/model-sink.ts';
import type { SinkMode } from '../../test/support/model-sink.ts';
import { spanBlock } from '../../test/support/span-block.ts';
import { PoisonError } from './batch-sink.ts';
import type { BatchSink } from './batch-sink.ts';
import { storeBatch } from './store-batch.ts';
import type { LoadedRecord } from './store-batch.ts';

const hourMs = 3_600_000;
let spanIds = 0;

/** A record with so many spans, each so many hours ago. */
const record = (id: number, hours: readonly number[]): LoadedRecord<SpanBlock> => {
	const spans = hours.map((hour) => ({
		traceId: '0af7651916cd43dd8448eb211c80319c',
		spanId: (++spanIds).toString(16).padStart(16, '0'),
		startUnixNano: 0n,
		endUnixNano: BigInt(Date.UTC(2026, 0, 1) - hour * hourMs) * 1_000_000n,
	}));
	return { id, block: spanBlock(spans) };
};

class Death extends Error {}

/** Stores the batch with a process that dies instead of making its call to the sink after so many, before or after it takes effect. */
async function store(
	records: readonly LoadedRecord<SpanBlock>[],
	sink: ModelSink,
	death: { calls: number; when: 'before' | 'after' },
	isRepeated: boolean,
): Promise<{ isDead: boolean; surprises: string[] }> {
	let calls = 0;
	const to = sink.connect(() => true);
	const dying = async <Result>(call: () => Promise<Result>): Promise<Result> => {
		const isLast = calls++ === death.calls;
		if (isLast && death.when === 'before') throw new Death();
		const result = await call();
		if (isLast) throw new Death();
		return result;
	};
	const mortal: BatchSink = {
		insert: (batch) => dying(() => to.insert(batch)),
		countStored: (...asked) => dying(() => to.countStored(...asked)),
	};
	const surprises: string[] = [];
	const persist = async <Result>(step: (attempt: number) => Promise<Result>): Promise<Result> => {
		for (let attempt = 0; ; attempt += 1)
			try {
				return await step(attempt);
			} catch (error) {
				if (error instanceof PoisonError || error instanceof Death) throw error;
			}
	};
	const onSurprise = (what: string) => void surprises.push(what);
	const [first = 0, last = 0] = [records[0]?.id, records.at(-1)?.id];
	try {
		const guilty = await storeBatch(records, {
			sink: mortal,
			src: 'here',
			first,
			last,
			isRepeated,
			persist,
			onSurprise,
		});
		expect(guilty).toEqual([]);
		return { isDead: false, surprises };
	} catch (error) {
		if (!(error instanceof Death)) throw error;
		return { isDead: true, surprises };
	}
}

/** The first half of the ids has nothing in the second partition, whose rows are too many for a store that lacks memory. */
const records = [record(2, [0]), record(3, [0]), record(4, [5, 5, 5, 5, 5, 0]), record(5, [5, 5, 5, 5, 5, 5])];
const ids = records.flatMap(({ block }) =>
	Array.from({ length: block.rows }, (_, row) =>
		Buffer.from(block.spanId.subarray(row * 8, row * 8 + 8)).toString('hex'),
	),
);

test.each<SinkMode>(['works', 'cramped'])(
	'wherever it dies while memory is scarce, with a store that then %s every span is stored once',
	async (later) => {
		let deaths = 0;
		for (let calls = 0; ; calls += 1) {
			const lives = await Promise.all(
				(['before', 'after'] as const).map(async (when) => {
					const sink = new ModelSink();
					sink.mode = 'cramped';
					const { isDead } = await store(records, sink, { calls, when }, false);
					sink.mode = later;
					const { surprises } = await store(records, sink, { calls: Infinity, when: 'before' }, true);
					expect({ calls, when, stored: sink.spanIds().sort() }).toEqual({ calls, when, stored: ids.toSorted() });
					expect(surprises).toEqual([]);
					return isDead;
				}),
			);
			if (!lives.includes(true)) break;
			deaths += 1;
		}
		expect(deaths).toBeGreaterThan(8);
	},
);
