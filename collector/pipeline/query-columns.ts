import type { QueryColumns } from '../../schema/span-block.ts';
import { CommandShape } from './command-shape.ts';
import type { DerivedTexts } from './derived-texts.ts';
import { factOf } from './facts.ts';
import { Uint32List } from './growable-columns.ts';
import type { RowFacts } from './row-facts.ts';
import { STRING } from './row-attributes.ts';
import { batchSummary, QuerySanitiser } from './sanitise-query.ts';
import { TextTable } from './text-table.ts';

const QUERY_TEXT = factOf('db.query.text');
const SYSTEM = factOf('db.system.name');
const BATCH_SIZE = factOf('db.operation.batch.size');

/** No row of any text. */
const NO_SYSTEM = 0xffff_ffff;
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

/**
 * What is derived from the queries of a block. Each distinct text of the block is looked at once, and what came in an
 * earlier block is often still known.
 */
export class QueryColumnsBuilder {
	readonly #sanitiser = new QuerySanitiser();
	readonly #shape = new CommandShape();
	/** Queries, or shapes in their place. */
	#queries = new TextTable();
	/** For each of the queries the system that it was read for; sanitised text and summary are texts of the block. */
	readonly #systems = new Uint32List();
	readonly #sanitised = new Uint32List();
	readonly #summaries = new Uint32List();
	readonly #low = new Uint32List();
	readonly #high = new Uint32List();
	#text = new Uint32Array();
	#fingerprint = new Uint32Array();

	/** Forgets the queries of the block before. */
	open(rows: number): void {
		if (this.#queries.byteLength > MAX_KEPT_BYTES) this.#queries = new TextTable();
		else this.#queries.clear();
		for (const list of [this.#systems, this.#sanitised, this.#summaries, this.#low, this.#high]) list.length = 0;
		this.#keepNone();
		this.#text = new Uint32Array(rows);
		this.#fingerprint = new Uint32Array(rows * 2);
	}

	/**
	 * Takes the query of the row at hand, if it has one. Gives its summary as a row of the facts' texts; 0 when it has no
	 * query, or one that names nothing.
	 */
	fill(row: number, facts: RowFacts, bytes: Uint8Array): number {
		const source = facts.find(QUERY_TEXT);
		if (source < 0 || facts.typeOf(source) !== STRING) return 0;
		const { start, end } = facts.range;
		const system = facts.text(SYSTEM);
		const shape = this.#shape.write(facts.texts.text(system), bytes, start, end);
		const query =
			shape > 0 ? this.#queries.intern(this.#shape.bytes, 0, shape) : this.#queries.intern(bytes, start, end);
		if (query >= this.#systems.length || this.#systems.values[query] !== system) {
			this.#read(query, system, facts.texts);
		}
		this.#text[row] = this.#sanitised.values[query] as number;
		this.#fingerprint[row * 2] = this.#low.values[query] as number;
		this.#fingerprint[row * 2 + 1] = this.#high.values[query] as number;
		const batchSize = facts.has(BATCH_SIZE) ? Number(facts.texts.text(facts.text(BATCH_SIZE))) : 0;
		if (batchSize > 1) return this.#summariseBatch(query, system, batchSize, facts.texts);
		return this.#summaries.values[query] as number;
	}

	finish(texts: DerivedTexts): QueryColumns {
		return {
			text: texts.toDictionary(this.#text),
			fingerprint: new BigUint64Array(this.#fingerprint.buffer),
		};
	}

	#read(query: number, system: number, texts: DerivedTexts): void {
		while (this.#systems.length <= query) this.#keepNone();
		const sanitised = this.#sanitiser.sanitise(texts.text(system), this.#queries.text(query));
		this.#systems.values[query] = system;
		this.#sanitised.values[query] = texts.ofText(sanitised.text);
		this.#summaries.values[query] = texts.ofText(sanitised.summary);
		this.#high.values[query] = Number.parseInt(sanitised.fingerprint.slice(0, 8), 16);
		this.#low.values[query] = Number.parseInt(sanitised.fingerprint.slice(8), 16);
	}

	#summariseBatch(query: number, system: number, batchSize: number, texts: DerivedTexts): number {
		const sanitised = this.#sanitiser.sanitise(texts.text(system), this.#queries.text(query));
		return texts.ofText(batchSummary(sanitised, batchSize));
	}

	#keepNone(): void {
		this.#systems.push(NO_SYSTEM);
		for (const list of [this.#sanitised, this.#summaries, this.#low, this.#high]) list.push(0);
	}
}
