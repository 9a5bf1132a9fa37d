import protobuf from 'protobufjs';

/** A field as it stands on the wire: a number, bytes, or the fields of a message within. */
export interface WireField {
	field: number;
	wire: number;
	/** Of wire types 0, 1 and 5. */
	number: bigint;
	/** Of wire type 2, unless it is a message. */
	bytes: Uint8Array;
	message: WireField[] | undefined;
	/** Its type, when it is a message. */
	type: protobuf.Type | undefined;
	/** Added to the length that is written. */
	lengthLie: number;
	/** Zero bytes that make a varint longer than it has to be. */
	padding: number;
}

export const leaf = (field: number, wire: number, value: bigint | Uint8Array): WireField => ({
	field,
	wire,
	number: typeof value === 'bigint' ? value : 0n,
	bytes: typeof value === 'bigint' ? new Uint8Array() : value,
	message: undefined,
	type: undefined,
	lengthLie: 0,
	padding: 0,
});

type ReadMessage = (bytes: Uint8Array, type: protobuf.Type) => WireField[] | undefined;

/** All fields of a message and of those within it. Throws when the bytes are not one. */
export const parseFields = (bytes: Uint8Array, type: protobuf.Type): WireField[] =>
	readFields(bytes, type, parseFields);

/** As far as they can be read: a message within that is none stays bytes. Undefined when the outermost can't be read. */
export function parseWhatIsWhole(bytes: Uint8Array, type: protobuf.Type): WireField[] | undefined {
	try {
		return readFields(bytes, type, parseWhatIsWhole);
	} catch {
		return undefined;
	}
}

function readFields(bytes: Uint8Array, type: protobuf.Type, readMessage: ReadMessage): WireField[] {
	const cursor = new Cursor(bytes);
	const fields: WireField[] = [];
	while (!cursor.isAtEnd) fields.push(readField(cursor, type, readMessage));
	return fields;
}

/** Not protobufjs's own reader, which loses its way in varints that are longer than they have to be. */
class Cursor {
	readonly #bytes: Buffer;
	#at = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}

	get isAtEnd(): boolean {
		return this.#at >= this.#bytes.length;
	}

	varint(): bigint {
		const first = this.#bytes[this.#at] ?? 0x80;
		if (first < 0x80) {
			this.#at += 1;
			return BigInt(first);
		}
		let value = 0n;
		for (let digit = 0n; digit < 10n; digit += 1n) {
			const byte = this.take(1)[0] ?? 0;
			value |= BigInt(byte & 0x7f) << (digit * 7n);
			if (byte < 0x80) return BigInt.asUintN(64, value);
		}
		throw new Error('a varint of more than 10 bytes');
	}

	take(length: number): Buffer {
		if (this.#at + length > this.#bytes.length) throw new Error(`${length} bytes are not there`);
		this.#at += length;
		return this.#bytes.subarray(this.#at - length, this.#at);
	}
}

/** Of messages, texts and bytes it is 2. */
const wireTypes: Record<string, number> = { int32: 0, uint32: 0, int64: 0, bool: 0, fixed64: 1, double: 1, fixed32: 5 };

function readField(cursor: Cursor, type: protobuf.Type, readMessage: ReadMessage): WireField {
	const tag = Number(BigInt.asUintN(32, cursor.varint()));
	const [field, wire] = [tag >>> 3, tag & 7];
	if (field === 0) throw new Error('field number 0');
	const known = type.fieldsById[field];
	if (known !== undefined && wire !== (wireTypes[known.type] ?? 2))
		throw new Error(`${known.name} of wire type ${wire}`);
	// Of these only 32 bits count, and protobufjs expects no more bytes than they need, or ten.
	const bits = known?.type === 'int32' || known?.type === 'uint32' ? 32 : 64;
	if (wire === 0) return leaf(field, wire, BigInt.asUintN(bits, cursor.varint()));
	if (wire === 1) return leaf(field, wire, cursor.take(8).readBigUInt64LE());
	if (wire === 5) return leaf(field, wire, BigInt(cursor.take(4).readUInt32LE()));
	if (wire !== 2) throw new Error(`wire type ${wire}`);
	const content = cursor.take(Number(cursor.varint()));
	const inner = known?.resolve().resolvedType;
	if (!(inner instanceof protobuf.Type)) return leaf(field, wire, content);
	return { ...leaf(field, wire, content), message: readMessage(content, inner), type: inner };
}

export function encodeFields(fields: readonly WireField[]): Uint8Array {
	return Buffer.concat(fields.flatMap((each) => encodeField(each)));
}

function encodeField({ field, wire, number, bytes, message, lengthLie, padding }: WireField): Uint8Array[] {
	const tag = varint((BigInt(field) << 3n) | BigInt(wire), 0);
	if (wire === 0) return [tag, varint(number, padding)];
	if (wire === 1 || wire === 5) return [tag, fixed(number, wire === 1 ? 8 : 4)];
	const content = message === undefined ? bytes : encodeFields(message);
	return [tag, varint(BigInt(Math.max(0, content.length + lengthLie)), padding), content];
}

function varint(value: bigint, padding: number): Uint8Array {
	if (value < 0x80n && padding === 0) return Uint8Array.of(Number(value));
	const digits: number[] = [];
	for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
		digits.push(Number(rest & 0x7fn));
		if (rest <= 0x7fn) break;
	}
	for (let i = 0; i < padding; i += 1) digits.push(0);
	return Uint8Array.from(digits, (digit, index) => (index < digits.length - 1 ? digit | 0x80 : digit));
}

function fixed(value: bigint, length: number): Uint8Array {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
	return bytes.subarray(0, length);
}

/** protobufjs refuses 100 and more. */
const maxDepth = 80;

/**
 * Whether decoders may differ and all be right: a message that comes twice in a field for one (protobuf merges it,
 * protobufjs takes the last), two values of one choice, or more levels than protobufjs reads.
 */
export function isAmbiguous(fields: readonly WireField[], type: protobuf.Type, depth = 0): boolean {
	if (depth > maxDepth) return true;
	const seen = new Set<string>();
	for (const { field, message, type: inner } of fields) {
		const known = type.fieldsById[field];
		if (known === undefined) continue;
		const name = known.partOf?.name ?? (inner === undefined || known.repeated ? undefined : known.name);
		if (name !== undefined && seen.has(name)) return true;
		if (name !== undefined) seen.add(name);
		if (message !== undefined && inner !== undefined && isAmbiguous(message, inner, depth + 1)) return true;
	}
	return false;
}
