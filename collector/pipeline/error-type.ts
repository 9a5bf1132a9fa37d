import { factOf, slotOf } from './facts.ts';
import type { DecodedSpans } from './decoded-spans.ts';
import type { RowFacts } from './row-facts.ts';
import { isHttpError } from './span-error.ts';
import { contentStart } from './string-column.ts';

const DB_STATUS = factOf('db.response.status_code');
const EXCEPTION_TYPE = slotOf('exception.type');

/** What kind of error a failed span has that does not say so itself. */
export class ErrorTypes {
	readonly #spans: DecodedSpans;
	readonly #facts: RowFacts;
	/** Row of `exception.type` among the keys, -1 when no span has it. */
	readonly #exceptionKey: number;
	readonly #other: number;

	constructor(spans: DecodedSpans, facts: RowFacts) {
		this.#spans = spans;
		this.#facts = facts;
		this.#exceptionKey = facts.attributes.slotOfKey.indexOf(EXCEPTION_TYPE);
		this.#other = facts.texts.ofText('_OTHER');
	}

	/** Row of the type in the facts' texts: the last exception, the protocol's code, or `_OTHER`. */
	derive(row: number, httpStatus: number, rpcStatus: number): number {
		const exception = this.#lastException(row);
		if (exception !== 0) return exception;
		if (isHttpError(httpStatus, this.#facts.kind)) return this.#facts.texts.ofText(String(httpStatus));
		return rpcStatus || this.#facts.text(DB_STATUS) || this.#other;
	}

	#lastException(row: number): number {
		if (this.#exceptionKey < 0) return 0;
		const { ends, attributes } = this.#spans.events;
		const first = row === 0 ? 0 : (ends[row - 1] as number);
		for (let event = (ends[row] as number) - 1; event >= first; event--) {
			const from = event === 0 ? 0 : (attributes.ends[event - 1] as number);
			for (let entry = from; entry < (attributes.ends[event] as number); entry++) {
				if (attributes.keys[entry] === this.#exceptionKey) return this.#taggedText(entry);
			}
		}
		return 0;
	}

	/** The text behind the type's letter. */
	#taggedText(entry: number): number {
		const { values } = this.#spans.events.attributes;
		return this.#facts.texts.table.intern(values.bytes, contentStart(values, entry) + 1, values.ends[entry] as number);
	}
}
