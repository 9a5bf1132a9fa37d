import { RecordError } from './record-error.ts';

/** Arrays by name, each with its type and length, as one run of bytes: readable without knowing who wrote it. */
export type Column = Uint8Array | Uint32Array | BigInt64Array | BigUint64Array | Float64Array;

/** Stored by index: append only. Numbers are little-endian, as on every machine that Node runs on. */
const COLUMN_TYPES = [Uint8Array, Uint32Array, BigInt64Array, BigUint64Array, Float64Array] as const;

const magic = 0x4c_4f_43_53; // "SCOL" when read as bytes
const frameVersion = 1;
const frameHeadBytes = 8;
/** A frame comes from one request, so more columns than this is damage. */
const maxColumns = 4_096;

/** In this order, so that each column begins at a multiple of its width, and can be read where it lies. */
const WIDEST_FIRST = [3, 2, 4, 1, 0] as const;
/** Its bytes fill up to a multiple of 8 behind the heads. */
const padding = '';
const noBytes = new Uint8Array(8);

/**
 * Layout: magic u32, version u16, columns u16; for each column its name (u8 length and ASCII), type u8, bytes u32;
 * then the data of all columns, one after the other. A column without data is left out.
 */
export function encodeColumns(all: readonly (readonly [name: string, values: Column])[]): Buffer<ArrayBuffer> {
	const groups: (readonly [head: Uint8Array, values: Column])[][] = WIDEST_FIRST.map(() => []);
	let size = frameHeadBytes + headOf(padding, 0).length;
	let count = 1;
	let data = 0;
	for (const [name, values] of all) {
		if (values.byteLength === 0) continue;
		const type = typeOf(values);
		const head = headOf(name, type);
		groups[WIDEST_FIRST.indexOf(type)]?.push([head, values]);
		size += head.length;
		data += values.byteLength;
		count += 1;
	}
	const fill = noBytes.subarray(0, -size & 7);
	const columns = [[headOf(padding, 0), fill] as const, ...groups.flat()];
	// Not out of Buffer's pool: whoever is handed the frame gets its memory.
	const bytes = new Uint8Array(size + fill.length + data);
	const view = new DataView(bytes.buffer);
	view.setUint32(0, magic, true);
	view.setUint16(4, frameVersion, true);
	view.setUint16(6, count, true);
	let at = frameHeadBytes;
	for (const [head, values] of columns) {
		bytes.set(head, at);
		at += head.length;
		view.setUint32(at - 4, values.byteLength, true);
	}
	for (const [, values] of columns) {
		bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
		at += values.byteLength;
	}
	return Buffer.from(bytes.buffer);
}

/** Heads of columns by type and name, without the length: the same hundred names come with every request. */
const knownHeads: readonly Map<string, Uint8Array>[] = COLUMN_TYPES.map(() => new Map());
/** Far more than there are; a caller with names without end would only lose speed. */
const maxKnownHeads = 1_000;

function headOf(name: string, type: number): Uint8Array {
	const known = knownHeads[type];
	const found = known?.get(name);
	if (found !== undefined) return found;
	const head = Uint8Array.of(name.length, ...Buffer.from(name, 'latin1'), type, 0, 0, 0, 0);
	if (known !== undefined && known.size < maxKnownHeads) known.set(name, head);
	return head;
}

function typeOf(values: Column): (typeof WIDEST_FIRST)[number] {
	if (values instanceof Uint8Array) return 0;
	if (values instanceof Uint32Array) return 1;
	if (values instanceof BigInt64Array) return 2;
	return values instanceof BigUint64Array ? 3 : 4;
}

interface Place {
	buffer: ArrayBuffer;
	start: number;
	/** Of values. */
	count: number;
}

/** The columns of a frame, where they lie in it: they share its memory, unless one begins at no multiple of its width. */
export class ColumnReader {
	readonly #frame: Uint8Array<ArrayBuffer>;
	readonly #columns = new Map<string, { type: number; start: number; bytes: number }>();

	constructor(frame: Uint8Array<ArrayBuffer>) {
		this.#frame = frame;
		const view = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
		const count = readHead(view);
		let at = frameHeadBytes;
		let bytes = 0;
		for (let index = 0; index < count; index += 1) {
			const nameLength = at < view.length ? view.readUInt8(at) : 255;
			if (at + 1 + nameLength + 5 > view.length)
				throw new RecordError(`column ${index} of ${count} begins behind the end`);
			const name = view.toString('latin1', at + 1, at + 1 + nameLength);
			at += 1 + nameLength;
			const column = { type: view.readUInt8(at), start: bytes, bytes: view.readUInt32LE(at + 1) };
			at += 5;
			if (this.#columns.has(name)) throw new RecordError(`column ${name} stands there twice`);
			this.#columns.set(name, column);
			bytes += column.bytes;
		}
		if (at + bytes !== view.length) {
			throw new RecordError(`the columns end at byte ${at + bytes}, the frame at ${view.length}`);
		}
		for (const column of this.#columns.values()) column.start += at;
	}

	has(name: string): boolean {
		return this.#columns.has(name);
	}

	u8(name: string, length?: number): Uint8Array<ArrayBuffer> {
		const { buffer, start, count } = this.#take(name, 0, 1, length);
		return new Uint8Array(buffer, start, count);
	}

	u32(name: string, length?: number): Uint32Array<ArrayBuffer> {
		const { buffer, start, count } = this.#take(name, 1, 4, length);
		return new Uint32Array(buffer, start, count);
	}

	i64(name: string, length?: number): BigInt64Array<ArrayBuffer> {
		const { buffer, start, count } = this.#take(name, 2, 8, length);
		return new BigInt64Array(buffer, start, count);
	}

	u64(name: string, length?: number): BigUint64Array<ArrayBuffer> {
		const { buffer, start, count } = this.#take(name, 3, 8, length);
		return new BigUint64Array(buffer, start, count);
	}

	f64(name: string, length?: number): Float64Array<ArrayBuffer> {
		const { buffer, start, count } = this.#take(name, 4, 8, length);
		return new Float64Array(buffer, start, count);
	}

	#take(name: string, type: number, width: number, length: number | undefined): Place {
		const column = this.#columns.get(name) ?? { type, start: 0, bytes: 0 };
		if (column.type !== type) throw new RecordError(`column ${name} is of type ${column.type}; expected ${type}`);
		if (length === undefined ? column.bytes % width !== 0 : column.bytes !== length * width) {
			throw new RecordError(`column ${name} has ${column.bytes} bytes; expected ${length ?? 'a number of'} × ${width}`);
		}
		const count = column.bytes / width;
		const { buffer, byteOffset } = this.#frame;
		const start = byteOffset + column.start;
		if (count === 0) return { buffer, start: 0, count };
		if (start % width === 0) return { buffer, start, count };
		const copy = this.#frame.slice(column.start, column.start + column.bytes);
		return { buffer: copy.buffer, start: 0, count };
	}
}

/** How many columns the frame says it has. */
function readHead(view: Buffer): number {
	if (view.length < frameHeadBytes)
		throw new RecordError(`a frame of ${view.length} bytes; its head alone has ${frameHeadBytes}`);
	if (view.readUInt32LE(0) !== magic) throw new RecordError('the frame does not begin with SCOL');
	const version = view.readUInt16LE(4);
	if (version !== frameVersion) throw new RecordError(`frame version ${version}; this program reads ${frameVersion}`);
	const count = view.readUInt16LE(6);
	if (count > maxColumns) throw new RecordError(`${count} columns; at most ${maxColumns} are written`);
	return count;
}
