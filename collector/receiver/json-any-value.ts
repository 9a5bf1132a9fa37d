import { SPAN_MARKS } from '../../schema/span-block.ts';
import { cutEnd } from '../pipeline/utf8.ts';
import type { AttributeSink, RowMarks } from './attribute-columns.ts';
import { DECODE_LIMITS } from './decode-limits.ts';
import { damaged, listOf, member, objectOf, textOf, type JsonObject } from './json-fields.ts';
import { integerOf, readInteger } from './json-integers.ts';
import type { Words } from './json-integers.ts';
import type { TextScratch } from './text-scratch.ts';
import { doubleJson } from './value-text.ts';

/** The fields of AnyValue and their old spelling. */
const VALUE_FIELDS: ReadonlyMap<string, ValueKind> = new Map([
	['stringValue', 'string'],
	['string_value', 'string'],
	['boolValue', 'bool'],
	['bool_value', 'bool'],
	['intValue', 'int'],
	['int_value', 'int'],
	['doubleValue', 'double'],
	['double_value', 'double'],
	['arrayValue', 'array'],
	['array_value', 'array'],
	['kvlistValue', 'kvlist'],
	['kvlist_value', 'kvlist'],
	['bytesValue', 'bytes'],
	['bytes_value', 'bytes'],
]);
type ValueKind = 'string' | 'bool' | 'int' | 'double' | 'array' | 'kvlist' | 'bytes';

type Scalar =
	| { kind: 'string'; value: string }
	| { kind: 'bool'; value: boolean }
	| { kind: 'int'; value: bigint }
	| { kind: 'double'; value: number }
	| { kind: 'bytes'; value: Uint8Array }
	| { kind: 'empty' };
type Value = Scalar | { kind: 'array' | 'kvlist'; value: readonly unknown[] };

const INT64_END = 1n << 63n;
const double = new Float64Array(1);
const doubleWords = new Uint32Array(double.buffer);
const words: Words = { low: 0, high: 0 };
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Of several values the last one counts; null is none. */
function valueOf(json: unknown, field: string): Value {
	const object = objectOf(json, field);
	let value: Value = { kind: 'empty' };
	for (const name of Object.keys(object)) {
		const kind = VALUE_FIELDS.get(name);
		const member = object[name];
		if (kind !== undefined && member !== null) value = typedValue(kind, member, `${field}.${name}`);
	}
	return value;
}

function typedValue(kind: ValueKind, value: unknown, field: string): Value {
	switch (kind) {
		case 'string':
			return { kind, value: textOf(value, field) };
		case 'bool':
			return { kind, value: boolOf(value, field) };
		case 'int':
			return intOf(value, field);
		case 'double':
			return { kind, value: doubleOf(value, field) };
		case 'bytes':
			return { kind, value: Buffer.from(textOf(value, field), 'base64') };
		default:
			return { kind, value: listOf(member(objectOf(value, field), 'values'), `${field}.values`) };
	}
}

function boolOf(value: unknown, field: string): boolean {
	if (value === true || value === 'true') return true;
	if (value === false || value === 'false') return false;
	throw damaged(field, 'true or false', value);
}

/**
 * The exporter for JavaScript writes every whole number of the program bare into `intValue`, be it 2 ** 63 or `1e+21`: what
 * 64 bits don't hold is the double that it was there. As text such a number comes from nobody, and is refused.
 */
function intOf(value: unknown, field: string): Scalar {
	if (typeof value === 'number' && !Number.isSafeInteger(value)) return { kind: 'double', value };
	const integer = integerOf(value);
	if (integer !== undefined && isInt64(integer)) return { kind: 'int', value: integer };
	if (typeof value === 'bigint') return { kind: 'double', value: Number(value) };
	throw damaged(field, 'a whole number of 64 bits', value);
}

const isInt64 = (integer: bigint): boolean => integer >= -INT64_END && integer < INT64_END;

const NAMED_DOUBLES = new Map([
	['NaN', Number.NaN],
	['Infinity', Infinity],
	['-Infinity', -Infinity],
]);

function doubleOf(value: unknown, field: string): number {
	if (typeof value === 'number') return value;
	if (typeof value === 'bigint') return Number(value);
	const named = typeof value === 'string' ? (NAMED_DOUBLES.get(value) ?? numberText(value)) : undefined;
	if (named === undefined) throw damaged(field, 'a number', value);
	return named;
}

const numberText = (text: string): number | undefined =>
	/^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(text) ? Number(text) : undefined;

/** Gives an AnyValue to the sink. */
export function emitJsonValue(
	json: unknown,
	key: number,
	sink: AttributeSink,
	marks: RowMarks,
	scratch: TextScratch,
	field: string,
): void {
	if (emitPlain(json, key, sink, scratch)) return;
	const value = valueOf(json, field);
	switch (value.kind) {
		case 'string':
			emitText(value.value, key, sink, scratch);
			return;
		case 'bool':
			sink.bool(key, value.value ? 1 : 0);
			return;
		case 'int':
			sink.int64(key, Number(value.value & 0xffff_ffffn), Number((value.value >> 32n) & 0xffff_ffffn));
			return;
		case 'double':
			double[0] = value.value;
			sink.double(key, value.value, doubleWords[0] as number, doubleWords[1] as number);
			return;
		default:
			sink.other(key, new JsonValueText(marks, field).write(value, 1));
	}
}

/** What most values are, a text or a whole number alone, without more objects on the way. False for all others. */
function emitPlain(json: unknown, key: number, sink: AttributeSink, scratch: TextScratch): boolean {
	if (typeof json !== 'object' || json === null) return false;
	const [name, another] = Object.keys(json);
	if (another !== undefined) return false;
	if (name === 'stringValue' && 'stringValue' in json && typeof json.stringValue === 'string') {
		emitText(json.stringValue, key, sink, scratch);
		return true;
	}
	if (name === 'intValue' && 'intValue' in json && readInteger(json.intValue, words)) {
		sink.int64(key, words.low, words.high);
		return true;
	}
	return false;
}

function emitText(text: string, key: number, sink: AttributeSink, scratch: TextScratch): void {
	// A longer piece could only be cut: each character takes a byte at least.
	scratch.text(text.slice(0, DECODE_LIMITS.valueBytes + 1));
	sink.string(key, scratch.bytes, scratch.start, scratch.end);
}

/** One AnyValue as the text that is stored: the same as for the same value in protobuf, with the same limits. */
class JsonValueText {
	readonly #marks: RowMarks;
	readonly #field: string;
	#room: number = DECODE_LIMITS.valueBytes;

	constructor(marks: RowMarks, field: string) {
		this.#marks = marks;
		this.#field = field;
	}

	write(value: Value, depth: number): string {
		switch (value.kind) {
			case 'array':
				return `{"arrayValue":{"values":[${this.#elements(value.value, depth, (each) => this.#nested(each, depth))}]}}`;
			case 'kvlist':
				return `{"kvlistValue":{"values":[${this.#elements(value.value, depth, (each) => this.#keyValue(each, depth))}]}}`;
			default:
				return this.#scalar(value);
		}
	}

	#scalar(value: Scalar): string {
		this.#room -= 16;
		switch (value.kind) {
			case 'string':
				return `{"stringValue":${this.#text(value.value)}}`;
			case 'bool':
				return `{"boolValue":${value.value}}`;
			case 'int':
				return `{"intValue":"${value.value}"}`;
			case 'double':
				return `{"doubleValue":${doubleJson(value.value)}}`;
			case 'bytes':
				return `{"bytesValue":"${this.#base64(value.value)}"}`;
			default:
				return '{}';
		}
	}

	#elements(values: readonly unknown[], depth: number, write: (value: unknown) => string): string {
		const elements: string[] = [];
		for (const value of values) {
			if (depth === DECODE_LIMITS.valueDepth || this.#room <= 0) {
				this.#marks.set(SPAN_MARKS.cut);
				break;
			}
			elements.push(write(value));
		}
		return elements.join(',');
	}

	#nested(value: unknown, depth: number): string {
		return this.write(valueOf(value, this.#field), depth + 1);
	}

	#keyValue(json: unknown, depth: number): string {
		const pair: JsonObject = objectOf(json, this.#field);
		const key = this.#text(textOf(member(pair, 'key'), `${this.#field}.key`));
		return `{"key":${key},"value":${this.#nested(member(pair, 'value'), depth)}}`;
	}

	#text(text: string): string {
		const bytes = encoder.encode(text);
		const cut = cutEnd(bytes, 0, bytes.length, Math.max(this.#room, 0));
		if (cut < bytes.length) this.#marks.set(SPAN_MARKS.cut);
		this.#room -= cut;
		return JSON.stringify(decoder.decode(bytes.subarray(0, cut)));
	}

	#base64(bytes: Uint8Array): string {
		const cut = Math.min(bytes.length, Math.floor(Math.max(this.#room, 0) / 4) * 3);
		if (cut < bytes.length) this.#marks.set(SPAN_MARKS.cut);
		this.#room -= Math.ceil(cut / 3) * 4;
		return Buffer.from(bytes.subarray(0, cut)).toString('base64');
	}
}
