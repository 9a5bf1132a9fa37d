import { NativeBytes } from './native-bytes.ts';
import { columnOf, noNumbers } from './native-columns.ts';
import type { ColumnInBlocks, DictionaryTexts, NativeColumn, NumberArrays } from './native-columns.ts';
import { parseNativeType } from './native-type.ts';
import type { NativeType, NumberKind } from './native-type.ts';

/**
 * Reads ClickHouse's Native format: blocks of columns, each a run of values in memory order, so that a column of numbers
 * becomes a typed array by a copy. Source: ClickHouse documentation, "Native" format; for arrays and maps (cumulative UInt64
 * offsets, then the elements) and LowCardinality (a dictionary and indexes), its serializations of these names.
 */

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
		if (column === undefined) return noNumbers(of);
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

/**
 * An answer without blocks (no rows) becomes a table without columns, whose accessors answer empty. Nothing of the table lies in
 * `bytes`, which may be used for something else afterwards.
 */
export function readNative(bytes: Buffer): NativeTable {
	const answer = new NativeBytes(bytes);
	const columns = new Map<string, { type: string; column: ColumnInBlocks }>();
	let rows = 0;
	while (!answer.atEnd) rows += readBlock(answer, columns);
	return new NativeTable(rows, new Map([...columns].map(([name, { column }]) => [name, column.join()])));
}

/** How many rows it has. */
function readBlock(answer: NativeBytes, columns: Map<string, { type: string; column: ColumnInBlocks }>): number {
	const count = answer.varint();
	const rows = answer.varint();
	for (let index = 0; index < count; index += 1) {
		const name = answer.text();
		const typeName = answer.text();
		const type = parseNativeType(typeName);
		const known = columns.get(name) ?? { type: typeName, column: columnOf(type) };
		if (known.type !== typeName)
			throw new Error(`column ${name} changes from ${known.type} to ${typeName} between blocks`);
		columns.set(name, known);
		if (rows > 0) skipPrefix(answer, type);
		known.column.readRows(answer, rows);
	}
	return rows;
}

/** Dictionaries announce their version before all data of the column. */
function skipPrefix(answer: NativeBytes, type: NativeType): void {
	if (type.kind === 'dictionary') answer.take(8);
	if (type.kind === 'map') skipPrefix(answer, type.keys);
	if (type.kind === 'map' || type.kind === 'array') skipPrefix(answer, type.items);
}
