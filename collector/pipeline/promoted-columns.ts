import { PROMOTED_ATTRIBUTES } from '../../schema/promoted-attributes.ts';
import type { CanonicalAttribute } from '../../schema/semantic-conventions.ts';
import type { SpanBlock } from '../../schema/span-block.ts';
import { factOf, isCanonical } from './facts.ts';
import type { DecodedSpans } from './decoded-spans.ts';
import type { StringColumnBuilder } from './growable-columns.ts';
import { INT64, STRING } from './row-attributes.ts';
import type { RowFacts } from './row-facts.ts';

interface Plan {
	attribute: string;
	storage: 'dictionary' | 'string' | 'int64';
	/** Type of a value that may leave its map. */
	ownType: number;
}

const PLANS: readonly Plan[] = PROMOTED_ATTRIBUTES.map(({ attribute, storage }) => ({
	attribute,
	storage,
	ownType: storage === 'int64' ? INT64 : STRING,
}));

/** A column's number is that of its fact. */
const indexOf = (attribute: CanonicalAttribute): number => factOf(attribute);
const HTTP_STATUS = indexOf('http.response.status_code');
export const RPC_METHOD = indexOf('rpc.method');
export const RPC_STATUS = indexOf('rpc.response.status_code');
export const QUERY_SUMMARY = indexOf('db.query.summary');
export const ERROR_TYPE = indexOf('error.type');
const ALL = 2 ** PLANS.length - 1;
/** Bits of the columns that need an entry for every row. */
const STRINGS = PLANS.reduce((bits, { storage }, i) => (storage === 'string' ? bits | (1 << i) : bits), 0);

/** The columns of PROMOTED_ATTRIBUTES while they are filled, row by row. */
export class PromotedColumns {
	/** Of dictionary columns: rows of the facts' texts. */
	readonly texts: Uint32Array[];
	readonly #strings: readonly StringColumnBuilder[];
	readonly #int64: BigInt64Array[];
	/** The HTTP status in words: no BigInt is made for the many rows that have none. */
	readonly #statusWords: Int32Array;
	readonly own: Uint32Array;
	readonly #facts: RowFacts;
	readonly #spans: DecodedSpans;

	/** `strings` is memory for a column each. */
	constructor(spans: DecodedSpans, facts: RowFacts, strings: readonly StringColumnBuilder[]) {
		this.#spans = spans;
		this.#facts = facts;
		this.own = new Uint32Array(spans.rows);
		this.texts = PLANS.map(({ storage }) => new Uint32Array(storage === 'dictionary' ? spans.rows : 0));
		this.#strings = strings;
		this.#int64 = PLANS.map(({ storage }) => new BigInt64Array(storage === 'int64' ? spans.rows : 0));
		this.#statusWords = new Int32Array((this.#int64[HTTP_STATUS] as BigInt64Array).buffer);
	}

	fill(row: number): void {
		let own = 0;
		let empty = STRINGS;
		for (let rest = this.#facts.attributes.factsLow & ALL; rest !== 0; rest &= rest - 1) {
			const column = lowestBit(rest);
			const source = this.#facts.find(column);
			if (source < 0) continue;
			const plan = PLANS[column] as Plan;
			if (isCanonical(source) && this.#facts.typeOf(source) === plan.ownType) own |= 1 << column;
			empty &= ~(1 << column);
			this.#put(plan, column, row, source);
		}
		for (; empty !== 0; empty &= empty - 1) (this.#strings[lowestBit(empty)] as StringColumnBuilder).appendEmpty();
		this.own[row] = own;
	}

	/** Puts a derived text in place of what `fill` found. The attribute itself stays in its map. */
	replace(column: number, row: number, text: number): void {
		this.#facts.note(column, text);
		(this.texts[column] as Uint32Array)[row] = text;
		this.own[row] = (this.own[row] as number) & ~(1 << column);
	}

	/** The HTTP status of the row, 0 when it has none. */
	httpStatus(row: number): number {
		return (this.#statusWords[row * 2 + 1] as number) * 2 ** 32 + ((this.#statusWords[row * 2] as number) >>> 0);
	}

	finish(): SpanBlock['promoted'] {
		return PLANS.map(({ storage }, i) => {
			if (storage === 'int64') return this.#int64[i] as BigInt64Array;
			if (storage === 'string') return (this.#strings[i] as StringColumnBuilder).lend();
			return this.#facts.texts.toDictionary(this.texts[i] as Uint32Array);
		});
	}

	#put({ storage }: Plan, column: number, row: number, source: number): void {
		if (storage === 'dictionary') {
			const text = this.#facts.textOf(source);
			this.#facts.note(column, text);
			(this.texts[column] as Uint32Array)[row] = text;
		} else if (storage === 'int64') (this.#int64[column] as BigInt64Array)[row] = this.#integer(source);
		else this.#appendText(this.#strings[column] as StringColumnBuilder, source);
	}

	#appendText(column: StringColumnBuilder, source: number): void {
		const { start, end } = this.#facts.range;
		if (this.#facts.typeOf(source) !== STRING) column.appendEmpty();
		else column.append(this.#spans.attributes.string.values.bytes, start, end);
	}

	/** A whole number, or a text that spells one of at most 15 digits; 0 otherwise. */
	#integer(source: number): bigint {
		const type = this.#facts.typeOf(source);
		if (type === INT64) return this.#spans.attributes.int64.values[this.#facts.entryOf(source)] as bigint;
		if (type !== STRING) return 0n;
		const text = this.#facts.texts.text(this.#facts.textOf(source));
		return /^[0-9]{1,15}$/.test(text) ? BigInt(text) : 0n;
	}
}

const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);
