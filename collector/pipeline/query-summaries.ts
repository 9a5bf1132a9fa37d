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
 * Summaries of queries whose instrumentation sent none. Each distinct text of a block is looked at once, and what came
 * in an earlier block is often still known.
 */
export class QuerySummaries {
	readonly #sanitiser = new QuerySanitiser();
	#queries = new TextTable();
	/** For each of the queries the system that it was read for, and its summary among the texts of the block. */
	readonly #systems = new Uint32List();
	readonly #summaries = new Uint32List();

	/** Forgets the queries of the block before. */
	open(): void {
		if (this.#queries.byteLength > MAX_KEPT_BYTES) this.#queries = new TextTable();
		else this.#queries.clear();
		this.#systems.length = this.#summaries.length = 0;
		this.#systems.push(0);
		this.#summaries.push(0);
	}

	/** The summary of the row's query, as a row of the facts' texts; 0 when it has no query, or one that names nothing. */
	summary(facts: RowFacts, bytes: Uint8Array): number {
		const source = facts.find(QUERY_TEXT);
		if (source < 0 || facts.typeOf(source) !== STRING) return 0;
		const { start, end } = facts.range;
		const query = this.#queries.intern(bytes, start, end);
		const system = facts.text(SYSTEM);
		const batchSize = facts.has(BATCH_SIZE) ? Number(facts.texts.text(facts.text(BATCH_SIZE))) : 0;
		if (batchSize > 1) return this.#summarise(query, system, batchSize, facts.texts);
		if (query < this.#summaries.length && this.#systems.values[query] === system)
			return this.#summaries.values[query] as number;
		const summary = this.#summarise(query, system, 0, facts.texts);
		this.#keep(query, system, summary);
		return summary;
	}

	#summarise(query: number, system: number, batchSize: number, texts: DerivedTexts): number {
		const sanitised = this.#sanitiser.sanitise(texts.text(system), this.#queries.text(query));
		return texts.ofText(batchSummary(sanitised, batchSize));
	}

	/** Queries that came in batches alone have no entry yet, so there may be a gap. */
	#keep(query: number, system: number, summary: number): void {
		while (this.#summaries.length <= query) {
			this.#systems.push(NO_SYSTEM);
			this.#summaries.push(0);
		}
		this.#systems.values[query] = system;
		this.#summaries.values[query] = summary;
	}
}
