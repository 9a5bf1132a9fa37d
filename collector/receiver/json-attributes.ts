import { SPAN_MARKS } from '../../schema/span-block.ts';
import type { TextTable } from '../pipeline/text-table.ts';
import type { AttributeSink, RowMarks } from './attribute-columns.ts';
import { DECODE_LIMITS } from './decode-limits.ts';
import { emitJsonValue } from './json-any-value.ts';
import { listOf, member, objectOf, textOf } from './json-fields.ts';
import type { TextScratch } from './text-scratch.ts';

/** Reads lists of KeyValues; each key counts once, with its last value. */
export class JsonAttributes {
	readonly #keys: TextTable;
	readonly #marks: RowMarks;
	readonly #scratch: TextScratch;
	/** Row of each key met so far; 0 for one that is too long. */
	readonly #rows = new Map<string, number>();
	/** Of the list that is being read, by row of their key. */
	readonly #values = new Map<number, unknown>();

	constructor(keys: TextTable, marks: RowMarks, scratch: TextScratch) {
		this.#keys = keys;
		this.#marks = marks;
		this.#scratch = scratch;
	}

	/** Gives the attributes to the sink and returns how many were dropped. */
	emit(json: unknown, sink: AttributeSink, field: string): number {
		const values = this.#values;
		values.clear();
		const keyField = `${field}.key`;
		let unnamed = 0;
		let cut = 0;
		for (const each of listOf(json, field)) {
			const pair = objectOf(each, field);
			const key = textOf(member(pair, 'key'), keyField);
			const row = this.#row(key);
			if (key === '') unnamed++;
			else if (row === 0 || (values.size === DECODE_LIMITS.attributes && !values.has(row))) cut++;
			else values.set(row, member(pair, 'value'));
		}
		for (const [row, value] of values) emitJsonValue(value, row, sink, this.#marks, this.#scratch, field);
		if (cut > 0) this.#marks.set(SPAN_MARKS.cut);
		return unnamed + cut;
	}

	#row(key: string): number {
		let row = this.#rows.get(key);
		if (row === undefined) {
			this.#scratch.text(key.slice(0, DECODE_LIMITS.keyBytes + 1));
			const { bytes, start, end } = this.#scratch;
			row = end - start > DECODE_LIMITS.keyBytes ? 0 : this.#keys.intern(bytes, start, end);
			this.#rows.set(key, row);
		}
		return row;
	}
}
