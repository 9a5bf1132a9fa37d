import { PROMOTED_ATTRIBUTES } from '../../schema/promoted-attributes.ts';
import type { CanonicalAttribute } from '../../schema/semantic-conventions.ts';
import type { DictionaryColumn, SpanBlock } from '../../schema/span-block.ts';
import { sourcesOf, type SlottedSource } from './attribute-slots.ts';
import type { DecodedSpans } from './decoded-spans.ts';
import { StringColumnBuilder } from './growable-columns.ts';
import { INT64, STRING } from './row-attributes.ts';
import type { RowFacts } from './row-facts.ts';
import type { TextTable } from './text-table.ts';

interface Plan {
	attribute: string;
	storage: 'dictionary' | 'string' | 'int64';
	sources: readonly SlottedSource[];
	/** Type of a value that may leave its map. */
	ownType: number;
}

const PLANS: readonly Plan[] = PROMOTED_ATTRIBUTES.map(({ attribute, storage }) => ({
	attribute,
	storage,
	sources: sourcesOf(attribute as CanonicalAttribute),
	ownType: storage === 'int64' ? INT64 : STRING,
}));

const indexOf = (attribute: CanonicalAttribute): number => PLANS.findIndex((plan) => plan.attribute === attribute);
export const HTTP_STATUS = indexOf('http.response.status_code');
export const RPC_METHOD = indexOf('rpc.method');
export const RPC_STATUS = indexOf('rpc.response.status_code');
export const ERROR_TYPE = indexOf('error.type');

/** The columns of PROMOTED_ATTRIBUTES while they are filled, row by row. */
export class PromotedColumns {
	/** Of dictionary columns: rows of the facts' texts. */
	readonly texts: Uint32Array[];
	readonly #strings: StringColumnBuilder[];
	readonly #int64: BigInt64Array[];
	readonly own: Uint32Array;
	readonly #facts: RowFacts;
	readonly #spans: DecodedSpans;

	constructor(spans: DecodedSpans, facts: RowFacts) {
		this.#spans = spans;
		this.#facts = facts;
		this.own = new Uint32Array(spans.rows);
		this.texts = PLANS.map(({ storage }) => new Uint32Array(storage === 'dictionary' ? spans.rows : 0));
		this.#strings = PLANS.map(() => new StringColumnBuilder());
		this.#int64 = PLANS.map(({ storage }) => new BigInt64Array(storage === 'int64' ? spans.rows : 0));
	}

	/** Fills the row and returns the bits of those values that live in their column alone. */
	fill(row: number): number {
		let own = 0;
		for (let i = 0; i < PLANS.length; i++) {
			const plan = PLANS[i] as Plan;
			const source = this.#facts.find(plan.sources);
			if (source !== undefined && this.#isOwn(plan, source)) own |= 1 << i;
			if (plan.storage === 'dictionary') {
				if (source !== undefined) (this.texts[i] as Uint32Array)[row] = this.#facts.textOf(source);
			} else if (plan.storage === 'string') this.#fillString(i, source);
			else if (source !== undefined) (this.#int64[i] as BigInt64Array)[row] = this.#integer(source);
		}
		this.own[row] = own;
		return own;
	}

	/** Puts a derived text in place of what `fill` found. The attribute itself stays in its map. */
	replace(column: number, row: number, text: number): void {
		(this.texts[column] as Uint32Array)[row] = text;
		this.own[row] = (this.own[row] as number) & ~(1 << column);
	}

	integer(column: number, row: number): number {
		return Number((this.#int64[column] as BigInt64Array)[row]);
	}

	finish(): SpanBlock['promoted'] {
		return PLANS.map(({ storage }, i) => {
			if (storage === 'int64') return this.#int64[i] as BigInt64Array;
			if (storage === 'string') return (this.#strings[i] as StringColumnBuilder).finish();
			return toDictionary(this.texts[i] as Uint32Array, this.#facts.texts);
		});
	}

	#isOwn(plan: Plan, source: SlottedSource): boolean {
		return source.attribute === plan.attribute && this.#facts.attributes.types[source.slot] === plan.ownType;
	}

	#fillString(column: number, source: SlottedSource | undefined): void {
		const strings = this.#strings[column] as StringColumnBuilder;
		if (source === undefined || this.#facts.attributes.types[source.slot] !== STRING) strings.appendEmpty();
		else strings.append(this.#spans.attributes.string.values.bytes, this.#facts.range.start, this.#facts.range.end);
	}

	/** A whole number, or a text that spells one of at most 15 digits; 0 otherwise. */
	#integer(source: SlottedSource): bigint {
		const { types, entries } = this.#facts.attributes;
		if (types[source.slot] === INT64) {
			return this.#spans.attributes.int64.values[entries[source.slot] as number] as bigint;
		}
		if (types[source.slot] !== STRING) return 0n;
		const text = this.#facts.texts.text(this.#facts.textOf(source));
		return /^[0-9]{1,15}$/.test(text) ? BigInt(text) : 0n;
	}
}

/** A column of rows of `texts` with a dictionary of its own. */
export function toDictionary(rows: Uint32Array, texts: TextTable): DictionaryColumn {
	const ids = new Uint32Array(rows.length);
	const dictionary = new StringColumnBuilder();
	dictionary.appendEmpty();
	const idOf = new Uint32Array(texts.length);
	for (let row = 0; row < rows.length; row++) {
		const text = rows[row] as number;
		if (text === 0) continue;
		if (idOf[text] === 0) {
			idOf[text] = dictionary.ends.length;
			dictionary.append(texts.bytes, texts.start(text), texts.end(text));
		}
		ids[row] = idOf[text] as number;
	}
	return { ids, dictionary: dictionary.finish() };
}
