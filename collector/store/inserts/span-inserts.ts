import type { ClickHouseSettings } from '@clickhouse/client';
import type { SpanBlock } from '../../../schema/span-block.ts';
import { messageOf } from '../../problem.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { insertId } from '../derived/commit-log.ts';
import { uint64Column, uuidColumn } from './mark-columns.ts';
import { PieceMemory } from '../native/piece-memory.ts';
import { columnsOf, encodeSpans, namesOf } from './span-native.ts';
import type { SpanColumn } from './span-native.ts';

/** Rows of one partition at one shard. */
export interface SpanInsert {
	/** Each with rows. */
	blocks: readonly SpanBlock[];
	shard: number;
	/** Number of the insert: see `CommitLog`. */
	commit: number;
	/** Beside those of the blocks. */
	marks?: readonly SpanColumn[];
	settings?: ClickHouseSettings;
}

/** The rows can't be written as a block; ClickHouse stores nothing of one that isn't whole. */
export class EncodingError extends Error {}

/** More than one partition would make more than one part, which isn't atomic: rather fail than that. */
const onePart = { max_partitions_per_insert_block: '1', throw_on_max_partitions_per_insert_block: 1 } as const;

/** Inserts into `spans`, encoded while they are sent. */
export class SpanInserts {
	readonly #clickhouse: ClickHouse;
	readonly #writer: string;
	readonly #memory = new PieceMemory();

	constructor(clickhouse: ClickHouse, writer: string) {
		this.#clickhouse = clickhouse;
		this.#writer = writer;
	}

	/** Resolves when the rows are committed. Throws `EncodingError`, or what ClickHouse said: then they may be stored or not. */
	async insert({ blocks, shard, commit, marks = [], settings = {} }: SpanInsert): Promise<void> {
		const own = [uuidColumn('_writer', this.#writer), uint64Column('_commit', commit)];
		const columns = [...filledColumns(blocks), ...marks, ...own];
		const encoding = new Encoding(blocks, columns, this.#memory);
		const into = `spans (${namesOf(columns)})`;
		const server = this.#clickhouse.shard(shard);
		const queryId = insertId(this.#writer, commit);
		try {
			await server.insert(into, 'Native', encoding.pieces(), { ...onePart, ...settings }, queryId);
		} catch (error) {
			throw encoding.failure ?? error;
		}
		this.#memory.giveBack(encoding.sent);
	}
}

function filledColumns(blocks: readonly SpanBlock[]): SpanColumn[] {
	try {
		return columnsOf(blocks);
	} catch (error) {
		throw new EncodingError(messageOf(error), { cause: error });
	}
}

/** Rows on their way into an insert; what fails while it runs cuts it off. */
class Encoding {
	failure: EncodingError | undefined;
	readonly sent: Buffer[] = [];
	readonly #blocks: readonly SpanBlock[];
	readonly #columns: readonly SpanColumn[];
	readonly #memory: PieceMemory;

	constructor(blocks: readonly SpanBlock[], columns: readonly SpanColumn[], memory: PieceMemory) {
		this.#blocks = blocks;
		this.#columns = columns;
		this.#memory = memory;
	}

	*pieces(): Generator<Buffer, void, undefined> {
		try {
			for (const piece of encodeSpans(this.#blocks, this.#columns, this.#memory)) {
				this.sent.push(piece);
				yield piece;
			}
		} catch (error) {
			this.failure = new EncodingError(messageOf(error), { cause: error });
			throw this.failure;
		}
	}
}
