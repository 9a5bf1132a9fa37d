import { expect, test } from 'vitest';
import { frameStrings, NativeBuilder } from './native-builder.ts';
import { readNative } from './native-reader.ts';

const u64 = (value: number) => [value & 255, (value >> 8) & 255, 0, 0, 0, 0, 0, 0];
const u16 = (value: number) => [value, 0];
const ascii = (text: string) => [...Buffer.from(text)];

test('a block is counts, then per column its name, its type and its values in memory order', () => {
	const out = new NativeBuilder(1, 2);
	out.header('n', 'UInt32');
	out.raw(Uint32Array.of(7, 258));
	expect([...out.finish()]).toEqual([1, 2, 1, ...ascii('n'), 6, ...ascii('UInt32'), 7, 0, 0, 0, 2, 1, 0, 0]);
});

test('a dictionary column is version, flags, its distinct texts, then an index per row', () => {
	const out = new NativeBuilder(1, 3);
	out.dictionaryPrefix();
	out.dictionary([{ ids: Uint32Array.of(1, 0, 1), dictionary: frameStrings(['', 'ab']) }]);
	const [, , ...bytes] = out.finish();
	expect(bytes).toEqual([
		...u64(1),
		...u64(0x601),
		...u64(2), // texts: '' and 'ab'
		0,
		2,
		...ascii('ab'),
		...u64(3), // rows
		...u16(1),
		...u16(0),
		...u16(1),
	]);
});

test('dictionaries of several blocks follow each other, and the ids of later ones are shifted', () => {
	const out = new NativeBuilder(1, 2);
	out.header('d', 'LowCardinality(String)');
	out.dictionaryPrefix();
	out.dictionary([
		{ ids: Uint32Array.of(1), dictionary: frameStrings(['', 'a']) },
		{ ids: Uint32Array.of(1), dictionary: frameStrings(['', 'b']) },
	]);
	const { ids, dictionary } = readNative(out.finish()).dictionary('d');
	expect([...ids]).toEqual([1, 3]);
	expect(dictionary).toEqual(['', 'a', '', 'b']);
});

test('more than 65,536 texts are pointed to by wider indexes', () => {
	const texts = Array.from({ length: 40_000 }, (_, index) => `t${index}`);
	const out = new NativeBuilder(1, 2);
	out.header('d', 'LowCardinality(String)');
	out.dictionaryPrefix();
	out.dictionary([
		{ ids: Uint32Array.of(39_999), dictionary: frameStrings(texts) },
		{ ids: Uint32Array.of(39_998), dictionary: frameStrings(texts) },
	]);
	const { ids, dictionary } = readNative(out.finish()).dictionary('d');
	expect([...ids].map((id) => dictionary[id])).toEqual(['t39999', 't39998']);
	expect(ids[1]).toBe(79_998);
});

test('a map is cumulative ends, then keys, then values; without entries nothing follows the ends', () => {
	const out = new NativeBuilder(1, 2);
	const keys = frameStrings(['', 'k']);
	out.dictionaryPrefix();
	out.mapKeys([{ ends: Uint32Array.of(0, 1), keys: Uint32Array.of(1), values: undefined }], [keys]);
	const [, , ...bytes] = out.finish();
	expect(bytes).toEqual([
		...u64(1),
		...u64(0),
		...u64(1),
		...u64(0x601),
		...u64(2),
		0,
		1,
		...ascii('k'),
		...u64(1),
		...u16(1),
	]);

	const empty = new NativeBuilder(1, 2);
	empty.mapKeys([{ ends: Uint32Array.of(0, 0), keys: new Uint32Array(0), values: undefined }], [keys]);
	expect([...empty.finish()].slice(2)).toEqual([...u64(0), ...u64(0)]);
});

test('ends count on over the pieces of a column', () => {
	const out = new NativeBuilder(1, 3);
	out.header('a', 'Array(UInt8)');
	out.ends([Uint32Array.of(2), Uint32Array.of(0, 1)]);
	out.raw(Uint8Array.of(1, 2, 3));
	const { ends, table } = readNative(out.finish()).nested('a');
	expect(ends).toEqual([2, 2, 3]);
	expect([...table.numbers('items', 'uint8')]).toEqual([1, 2, 3]);
});

test('long texts keep their bytes, and lengths over 127 take two', () => {
	const text = 'ü'.repeat(100);
	const { bytes, ends } = frameStrings(['', text]);
	expect([...ends]).toEqual([1, 203]);
	expect([...bytes.subarray(1, 3)]).toEqual([200, 1]);
	const out = new NativeBuilder(1, 2);
	out.header('s', 'String');
	out.raw(bytes);
	expect(readNative(out.finish()).strings('s')).toEqual(['', text]);
});

test('what is more than a piece holds is one block all the same', () => {
	const values = new Float64Array(400_000).map((_, row) => row / 2);
	const out = new NativeBuilder(1, values.length);
	out.header('f', 'Float64');
	out.raw(values);
	expect(readNative(out.finish()).numbers('f', 'float64')).toEqual(values);
});

test('what is taken in pieces is, put together, the same block', () => {
	const values = new Float64Array(400_000).map((_, row) => row / 2);
	const out = new NativeBuilder(3, values.length);
	const pieces: Buffer[] = [];
	for (const name of ['a', 'b', 'c']) {
		out.header(name, 'Float64');
		out.raw(values);
		pieces.push(...out.takePieces());
	}
	expect(pieces.map(({ length }) => length)).toEqual(Array.from({ length: 4 }, () => 2 * 1024 ** 2));
	pieces.push(out.finish());
	const table = readNative(Buffer.concat(pieces));
	for (const name of ['a', 'b', 'c']) expect(table.numbers(name, 'float64')).toEqual(values);
});

test('a number that does not fit into what is left of a piece begins the next', () => {
	const out = new NativeBuilder(2, 262_144);
	out.header('a', 'UInt8');
	out.raw(new Uint8Array(2 * 1024 ** 2 - 22));
	out.uint64(5);
	out.varint(300);
	const [first] = out.takePieces();
	expect(first).toHaveLength(2 * 1024 ** 2 - 2);
	expect([...out.finish()]).toEqual([172, 2]);
});
