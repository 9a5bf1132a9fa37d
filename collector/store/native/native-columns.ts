import type { NativeBytes } from './native-bytes.ts';
import type { NativeType, NumberKind } from './native-type.ts';

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
export type NumberArrays = { [Kind in NumberKind]: InstanceType<(typeof numberArrays)[Kind]> };

/** Texts of a dictionary, and for each row which. A text may stand in it more than once. */
export interface DictionaryTexts {
	ids: Uint32Array;
	dictionary: string[];
}

export type NativeColumn =
	| { kind: 'number'; of: NumberKind; values: NumberArrays[NumberKind] }
	| { kind: 'fixed'; size: number; values: Uint8Array<ArrayBuffer> }
	| { kind: 'string'; values: string[] }
	| ({ kind: 'dictionary' } & DictionaryTexts)
	| { kind: 'array'; ends: number[]; items: NativeColumn }
	| { kind: 'map'; ends: number[]; keys: NativeColumn; items: NativeColumn };

/**
 * A column of which blocks come one after the other. Numbers are only noted where they lie in the answer, and copied once, when
 * their number is known: joined block by block, a day of services took ten times its own size in memory, and V8 ran a whole
 * collection for every other answer (docs/adr/0063-answers-copied-once.md).
 */
export interface ColumnInBlocks {
	readRows(bytes: NativeBytes, rows: number): void;
	/** All rows; the answer may go after this. */
	join(): NativeColumn;
}

export function columnOf(type: NativeType): ColumnInBlocks {
	switch (type.kind) {
		case 'number':
			return numbersOf(type.of);
		case 'fixed':
			return fixedOf(type.size);
		case 'string':
			return strings();
		case 'dictionary':
			return dictionary();
		case 'array': {
			const items = columnOf(type.items);
			const { ends, readEnds } = endsOfRows();
			return {
				readRows: (bytes, rows) => items.readRows(bytes, readEnds(bytes, rows)),
				join: () => ({ kind: 'array', ends, items: items.join() }),
			};
		}
		default:
			return mapOf(columnOf(type.keys), columnOf(type.items));
	}
}

function mapOf(keys: ColumnInBlocks, items: ColumnInBlocks): ColumnInBlocks {
	const { ends, readEnds } = endsOfRows();
	return {
		readRows(bytes, rows) {
			const entries = readEnds(bytes, rows);
			keys.readRows(bytes, entries);
			items.readRows(bytes, entries);
		},
		join: () => ({ kind: 'map', ends, keys: keys.join(), items: items.join() }),
	};
}

function numbersOf(of: NumberKind): ColumnInBlocks {
	const pieces: Uint8Array[] = [];
	const width = numberArrays[of].BYTES_PER_ELEMENT;
	return {
		readRows: (bytes, rows) => void pieces.push(bytes.take(rows * width)),
		join: () => ({ kind: 'number', of, values: new numberArrays[of](joined(pieces).buffer) }),
	};
}

function fixedOf(size: number): ColumnInBlocks {
	const pieces: Uint8Array[] = [];
	return {
		readRows: (bytes, rows) => void pieces.push(bytes.take(rows * size)),
		join: () => ({ kind: 'fixed', size, values: joined(pieces) }),
	};
}

function strings(): ColumnInBlocks {
	const values: string[] = [];
	return {
		readRows(bytes, rows) {
			for (let row = 0; row < rows; row += 1) values.push(bytes.text());
		},
		join: () => ({ kind: 'string', values }),
	};
}

/** Each block has a dictionary of its own: they stand one behind the other. */
function dictionary(): ColumnInBlocks {
	const texts: string[] = [];
	const blocks: { base: number; width: number; places: Uint8Array }[] = [];
	return {
		readRows(bytes, rows) {
			if (rows === 0) return;
			const flags = bytes.uint64();
			const base = texts.length;
			for (let left = bytes.uint64(); left > 0; left -= 1) texts.push(bytes.text());
			const count = bytes.uint64();
			const width = [1, 2, 4][flags & 0xff];
			if (width === undefined || count !== rows)
				throw new Error(`a dictionary with flags ${flags} for ${count} of ${rows} rows`);
			blocks.push({ base, width, places: bytes.take(rows * width) });
		},
		join() {
			const ids = new Uint32Array(blocks.reduce((total, { width, places }) => total + places.length / width, 0));
			let row = 0;
			for (const { base, width, places } of blocks) {
				for (let at = 0; at < places.length; at += width, row += 1) ids[row] = base + littleEndian(places, at, width);
			}
			return { kind: 'dictionary', ids, dictionary: texts };
		},
	};
}

function littleEndian(bytes: Uint8Array, at: number, width: number): number {
	let value = bytes[at] ?? 0;
	if (width > 1) value |= (bytes[at + 1] ?? 0) << 8;
	if (width > 2) value |= ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
	return value >>> 0;
}

/** Where the elements of each row end, and of how many elements a block is. */
function endsOfRows(): { ends: number[]; readEnds: (bytes: NativeBytes, rows: number) => number } {
	const ends: number[] = [];
	return {
		ends,
		readEnds(bytes, rows) {
			const base = ends.at(-1) ?? 0;
			for (let row = 0; row < rows; row += 1) ends.push(base + bytes.uint64());
			return (ends.at(-1) ?? 0) - base;
		},
	};
}

/** All bytes in memory of their own. */
function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(pieces.reduce((total, { length }) => total + length, 0));
	let at = 0;
	for (const piece of pieces) {
		bytes.set(piece, at);
		at += piece.length;
	}
	return bytes;
}

export const noNumbers = <Kind extends NumberKind>(of: Kind): NumberArrays[Kind] =>
	new numberArrays[of](0) as NumberArrays[Kind];
