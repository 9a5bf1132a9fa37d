import { PROMOTED_ATTRIBUTES } from '../../schema/promoted-attributes.ts';
import type { CanonicalAttribute } from '../../schema/semantic-conventions.ts';
import type { SpanBlock } from '../../schema/span-block.ts';
import { factOf, isCanonical } from './facts.ts';
import type { DecodedSpans } from './decoded-spans.ts';
import { StringColumnBuilder } from './growable-columns.ts';
import { INT64, STRING } from './row-attributes.ts';
import type { RowFacts } from './row-facts.ts';

interface Plan {
	attribute: string;
	storage: 'dictionary' | 'string' | 'int64';
	fact: number;
	/** Type of a value that may leave its map. */
	ownType: number;
}

const PLANS: readonly Plan[] = PROMOTED_ATTRIBUTES.map(({ attribute, storage }) => ({
	attribute,
	storage,
	fact: factOf(attribute as CanonicalAttribute),
	ownType: storage === 'int64' ? INT64 : STRING,
}));

const indexOf = (attribute: CanonicalAttribute): number => PLANS.findIndex((plan) => plan.attribute === attribute);
export const HTTP_STATUS = indexOf('http.response.status_code');
export const RPC_METHOD = indexOf('rpc.method');
export const RPC_STATUS = indexOf('rpc.response.status_code');
export const QUERY_SUMMARY = indexOf('db.query.summary');
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

	fill(row: number): void {
		let own = 0;
		for (let i = 0; i < PLANS.length; i++) {
			const plan = PLANS[i] as Plan;
			const source = this.#facts.find(plan.fact);
			if (source >= 0) {
				if (isCanonical(source) && this.#facts.typeOf(source) === plan.ownType) own |= 1 << i;
				this.#put(plan, i, row, source);
			} else if (plan.storage === 'string') (this.#strings[i] as StringColumnBuilder).appendEmpty();
		}
		this.own[row] = own;
	}

	/** Puts a derived text in place of what `fill` found. The attribute itself stays in its map. */
	replace(column: number, row: number, text: number): void {
		this.#facts.note((PLANS[column] as Plan).fact, text);
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
			return this.#facts.texts.toDictionary(this.texts[i] as Uint32Array);
		});
	}

	#put({ storage, fact }: Plan, column: number, row: number, source: number): void {
		if (storage === 'dictionary') {
			const text = this.#facts.textOf(source);
			this.#facts.note(fact, text);
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
		const text = this.#facts.texts.table.text(this.#facts.textOf(source));
		return /^[0-9]{1,15}$/.test(text) ? BigInt(text) : 0n;
	}
}
