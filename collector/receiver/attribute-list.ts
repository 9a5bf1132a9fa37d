import type { TaggedValue } from '../../schema/span-block.ts';
import type { TextTable } from '../pipeline/text-table.ts';
import type { AttributeSink, RowMarks } from './attribute-columns.ts';
import { doubleText, int64Text } from './value-text.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The attributes of a resource or scope: few, so plain pairs, sorted by key so that equal sets look equal. */
export class AttributeList implements AttributeSink {
	readonly #keys: TextTable;
	readonly #marks: RowMarks;
	readonly #pairs: [key: string, value: TaggedValue][] = [];

	constructor(keys: TextTable, marks: RowMarks) {
		this.#keys = keys;
		this.#marks = marks;
	}

	string(key: number, source: Uint8Array, start: number, end: number): void {
		this.#push(key, `s${decoder.decode(source.subarray(start, this.#marks.cut(source, start, end)))}`);
	}

	int64(key: number, low: number, high: number): void {
		this.#push(key, `i${int64Text(low, high)}`);
	}

	double(key: number, value: number): void {
		this.#push(key, `d${doubleText(value)}`);
	}

	bool(key: number, value: number): void {
		this.#push(key, value === 0 ? 'bfalse' : 'btrue');
	}

	other(key: number, json: string): void {
		this.#push(key, `j${json}`);
	}

	sorted(): [key: string, value: TaggedValue][] {
		return this.#pairs.sort(([a], [b]) => (a < b ? -1 : 1));
	}

	#push(key: number, value: TaggedValue): void {
		this.#pairs.push([this.#keys.text(key), value]);
	}
}
