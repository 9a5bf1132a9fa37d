import { parseNativeType } from './native-type.ts';
import type { NativeType, NumberKind } from './native-type.ts';

/**
 * Reads ClickHouse's Native format: blocks of columns, each a run of values in memory order, so that a column of numbers
 * becomes a typed array by a copy. Source: ClickHouse documentation, "Native" format; for arrays and maps (cumulative UInt64
 * offsets, then the elements) and LowCardinality (a dictionary and indexes), its serializations of these names.
 */

const numberArrays = {
	uint8: Uint8Array,
	uint16: Uint16Array,
	uint32: Uint32Array,
	uint64: BigUint64Array,
	int16: Int16Array,
	int32: Int32Array,
	int64: BigInt64Array,
	float64: Float64Array,
} as const;
type NumberArrays = { [Kind in NumberKind]: InstanceType<(typeof numberArrays)[Kind]> };

/** Texts of a dictionary, and for each row which. A text may stand in it more than once. */
export interface DictionaryTexts {
	ids: Uint32Array;
	dictionary: string[];
}

type NativeColumn =
	| { kind: 'number'; of: NumberKind; values: NumberArrays[NumberKind] }
	| { kind: 'fixed'; size: number; values: Uint8Array<ArrayBuffer> }
	| { kind: 'string'; values: string[] }
	| ({ kind: 'dictionary' } & DictionaryTexts)
	| { kind: 'array'; ends: number[]; items: NativeColumn }
	| { kind: 'map'; ends: number[]; keys: NativeColumn; items: NativeColumn };

/** Rows as columns, all blocks joined. */
export class NativeTable {
	readonly rows: number;
	readonly #columns: ReadonlyMap<string, NativeColumn>;

	constructor(rows: number, columns: ReadonlyMap<string, NativeColumn>) {
		this.rows = rows;
		this.#columns = columns;
	}

	numbers<Kind extends NumberKind>(name: string, of: Kind): NumberArrays[Kind] {
		const column = this.#columns.get(name);
		if (column === undefined) return new numberArrays[of](0) as NumberArrays[Kind];
		if (column.kind !== 'number' || column.of !== of) throw new Error(`column ${name} is not ${of}`);
		return column.values as NumberArrays[Kind];
	}

	/** All rows' bytes, one after the other. */
	fixed(name: string): Uint8Array {
		const column = this.#get(name, 'fixed');
		return column?.values ?? new Uint8Array(0);
	}

	strings(name: string): string[] {
		return this.#get(name, 'string')?.values ?? [];
	}

	dictionary(name: string): DictionaryTexts {
		return this.#get(name, 'dictionary') ?? { ids: new Uint32Array(0), dictionary: [] };
	}

	/** The elements of all rows as a table with the column `items` (maps: `keys` too), and where each row's elements end. */
	nested(name: string): { ends: number[]; table: NativeTable } {
		const column = this.#columns.get(name);
		if (column === undefined) return { ends: [], table: new NativeTable(0, new Map()) };
		if (column.kind !== 'array' && column.kind !== 'map') throw new Error(`column ${name} is not an array or a map`);
		const columns = new Map([['items', column.items]]);
		if (column.kind === 'map') columns.set('keys', column.keys);
		return { ends: column.ends, table: new NativeTable(column.ends.at(-1) ?? 0, columns) };
	}

	#get<Kind extends NativeColumn['kind']>(name: string, kind: Kind): Extract<NativeColumn, { kind: Kind }> | undefined {
		const column = this.#columns.get(name);
		if (column !== undefined && column.kind !== kind)
			throw new Error(`column ${name} is a ${column.kind}, not a ${kind}`);
		return column as Extract<NativeColumn, { kind: Kind }> | undefined;
	}
}

/** An answer without blocks (no rows) becomes a table without columns, whose accessors answer empty. */
export function readNative(bytes: Buffer): NativeTable {
	const reader = new BlockReader(bytes);
	const pieces = new Map<string, NativeColumn[]>();
	let rows = 0;
	while (!reader.atEnd) {
		const block = reader.block();
		rows += block.rows;
		for (const [name, column] of block.columns) {
			const list = pieces.get(name);
			if (list === undefined) pieces.set(name, [column]);
			else list.push(column);
		}
	}
	return new NativeTable(rows, new Map([...pieces].map(([name, list]) => [name, joinColumns(list)])));
}

class BlockReader {
	readonly #bytes: Buffer;
	#at = 0;

	constructor(bytes: Buffer) {
		this.#bytes = bytes;
	}

	get atEnd(): boolean {
		return this.#at >= this.#bytes.length;
	}

	block(): { rows: number; columns: [string, NativeColumn][] } {
		const count = this.#varint();
		const rows = this.#varint();
		const columns: [string, NativeColumn][] = [];
		for (let index = 0; index < count; index += 1) {
			const name = this.#text();
			const type = parseNativeType(this.#text());
			if (rows > 0) this.#prefix(type);
			columns.push([name, this.#column(type, rows)]);
		}
		return { rows, columns };
	}

	/** Dictionaries announce their version before all data of the column. */
	#prefix(type: NativeType): void {
		if (type.kind === 'dictionary') this.#at += 8;
		if (type.kind === 'map') this.#prefix(type.keys);
		if (type.kind === 'map' || type.kind === 'array') this.#prefix(type.items);
	}

	#column(type: NativeType, rows: number): NativeColumn {
		switch (type.kind) {
			case 'number':
				return { kind: 'number', of: type.of, values: this.#numbers(type.of, rows) };
			case 'fixed':
				return { kind: 'fixed', size: type.size, values: this.#numbers('uint8', rows * type.size) };
			case 'string':
				return { kind: 'string', values: this.#texts(rows) };
			case 'dictionary':
				return { kind: 'dictionary', ...this.#dictionary(rows) };
			case 'array': {
				const ends = this.#ends(rows);
				return { kind: 'array', ends, items: this.#column(type.items, ends.at(-1) ?? 0) };
			}
			default: {
				const ends = this.#ends(rows);
				const keys = this.#column(type.keys, ends.at(-1) ?? 0);
				return { kind: 'map', ends, keys, items: this.#column(type.items, ends.at(-1) ?? 0) };
			}
		}
	}

	#numbers<Kind extends NumberKind>(of: Kind, count: number): NumberArrays[Kind] {
		const values = new numberArrays[of](count);
		const target = new Uint8Array(values.buffer);
		if (this.#at + target.length > this.#bytes.length) throw new Error('the Native answer ends within a column');
		target.set(this.#bytes.subarray(this.#at, this.#at + target.length));
		this.#at += target.length;
		return values as NumberArrays[Kind];
	}

	#ends(rows: number): number[] {
		return Array.from(this.#numbers('uint64', rows), Number);
	}

	#texts(count: number): string[] {
		const texts: string[] = [];
		for (let index = 0; index < count; index += 1) texts.push(this.#text());
		return texts;
	}

	#dictionary(rows: number): DictionaryTexts {
		if (rows === 0) return { ids: new Uint32Array(0), dictionary: [] };
		const flags = Number(this.#numbers('uint64', 1)[0]);
		const dictionary = this.#texts(Number(this.#numbers('uint64', 1)[0]));
		const count = Number(this.#numbers('uint64', 1)[0]);
		const widths = ['uint8', 'uint16', 'uint32'] as const;
		const width = widths[flags & 0xff];
		if (width === undefined || count !== rows) throw new Error(`a dictionary with flags ${flags} for ${rows} rows`);
		return { ids: Uint32Array.from(this.#numbers(width, rows)), dictionary };
	}

	#text(): string {
		const length = this.#varint();
		const end = this.#at + length;
		if (end > this.#bytes.length) throw new Error('the Native answer ends within a text');
		const text = this.#bytes.toString('utf8', this.#at, end);
		this.#at = end;
		return text;
	}

	#varint(): number {
		let value = 0;
		for (let factor = 1; ; factor *= 128) {
			const byte = this.#bytes[this.#at];
			if (byte === undefined) throw new Error('the Native answer ends within a number');
			this.#at += 1;
			value += (byte & 127) * factor;
			if (byte < 128) return value;
		}
	}
}

function joinColumns(columns: NativeColumn[]): NativeColumn {
	const [first, ...others] = columns;
	if (first === undefined) throw new Error('a column without a block');
	return others.reduce(joinTwo, first);
}

function joinTwo(a: NativeColumn, b: NativeColumn): NativeColumn {
	if (a.kind === 'number' && b.kind === 'number') return { ...a, values: joinNumbers(a.of, a.values, b.values) };
	if (a.kind === 'fixed' && b.kind === 'fixed') return { ...a, values: joinNumbers('uint8', a.values, b.values) };
	if (a.kind === 'string' && b.kind === 'string') return { ...a, values: a.values.concat(b.values) };
	if (a.kind === 'dictionary' && b.kind === 'dictionary') return { kind: 'dictionary', ...joinDictionaries(a, b) };
	return joinNested(a, b);
}

function joinNested(a: NativeColumn, b: NativeColumn): NativeColumn {
	if (a.kind === 'array' && b.kind === 'array') {
		return { ...a, ends: joinEnds(a.ends, b.ends), items: joinTwo(a.items, b.items) };
	}
	if (a.kind === 'map' && b.kind === 'map') {
		return { ...a, ends: joinEnds(a.ends, b.ends), keys: joinTwo(a.keys, b.keys), items: joinTwo(a.items, b.items) };
	}
	throw new Error(`a column changes from ${a.kind} to ${b.kind} between blocks`);
}

function joinDictionaries(a: DictionaryTexts, b: DictionaryTexts): DictionaryTexts {
	const shifted = b.ids.map((id) => id + a.dictionary.length);
	return { ids: joinNumbers('uint32', a.ids, shifted), dictionary: a.dictionary.concat(b.dictionary) };
}

function joinNumbers<Kind extends NumberKind>(of: Kind, a: ArrayBufferView, b: ArrayBufferView): NumberArrays[Kind] {
	const joined = new numberArrays[of]((a.byteLength + b.byteLength) / numberArrays[of].BYTES_PER_ELEMENT);
	const bytes = new Uint8Array(joined.buffer);
	bytes.set(new Uint8Array(a.buffer, a.byteOffset, a.byteLength), 0);
	bytes.set(new Uint8Array(b.buffer, b.byteOffset, b.byteLength), a.byteLength);
	return joined as NumberArrays[Kind];
}

function joinEnds(a: number[], b: number[]): number[] {
	const base = a.at(-1) ?? 0;
	return a.concat(b.map((end) => end + base));
}
