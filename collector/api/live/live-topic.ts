import type { LiveTraces } from '../../../schema/api-live.ts';
import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import type { LiveReader } from '../../store/search/live-reader.ts';

/** What is followed: everybody who asks the same shares the reads. */
export interface LiveAsk {
	project: string;
	environment?: string;
	/** As it was written: with project and environment it says whether two ask the same. */
	q: string;
	query: CompiledQuery;
}

/** How long after its end a span may come in and still be told: what senders and gateways hold back, and more. */
export const LOOK_BACK_MS = 60_000;
/** Traces within that time that are told apart; of those beyond, the ones that ended first are not told. */
const mostTraces = 5_000;
/** Told at once; more rows than that nobody reads. */
const mostTold = 50;

/** Finds what is new to a query from one look to the next. */
export class LiveTopic {
	readonly ask: LiveAsk;
	readonly #reader: LiveReader;
	readonly #cancel = new AbortController();
	/** Of each trace of the last look, the extent that was told. */
	#told: ReadonlyMap<string, string> | undefined;

	constructor(reader: LiveReader, ask: LiveAsk) {
		this.#reader = reader;
		this.ask = ask;
	}

	/** The first look tells nothing: what there is by then, one reads elsewhere. */
	async look(nowMs: number): Promise<LiveTraces> {
		const { project, environment, query } = this.ask;
		const scope = { project, signal: this.#cancel.signal };
		const window = { fromMs: nowMs - LOOK_BACK_MS, toMs: nowMs + 1 };
		const windowScope = { ...scope, window, ...(environment === undefined ? {} : { environment }) };
		const recent = await this.#reader.recent(windowScope, query, mostTraces);
		const told = this.#told;
		const extents = new Map(recent.map(({ id, firstMs, lastMs }) => [id, `${firstMs} ${lastMs}`]));
		const fresh = told === undefined ? [] : recent.filter(({ id }) => told.get(id) !== extents.get(id));
		const traces = await this.#reader.summaries(scope, fresh.slice(0, mostTold));
		// Only now: what could not be read is new at the next look, too.
		this.#told = extents;
		return { traces, more: Math.max(0, fresh.length - mostTold) };
	}

	get hasLooked(): boolean {
		return this.#told !== undefined;
	}

	/** Gives up a look that is under way, in ClickHouse too. */
	end(): void {
		this.#cancel.abort();
	}
}
