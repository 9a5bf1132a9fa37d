import { expect, test } from 'vitest';
import { frameStrings, NativeBuilder } from './native-builder.ts';
import { readNative } from './native-reader.ts';
import { parseNativeType } from './native-type.ts';

function block(values: number[], texts: string[]): Buffer {
	const out = new NativeBuilder(2, values.length);
	out.header('n', 'UInt64');
	out.raw(BigUint64Array.from(values, BigInt));
	out.header('s', 'String');
	out.raw(frameStrings(texts).bytes);
	return out.finish();
}

test('blocks are joined to one table', () => {
	const table = readNative(Buffer.concat([block([1, 2], ['a', 'b']), block([3], ['c'])]));
	expect(table.rows).toBe(3);
	expect([...table.numbers('n', 'uint64')]).toEqual([1n, 2n, 3n]);
	expect(table.strings('s')).toEqual(['a', 'b', 'c']);
});

test('an empty answer is a table without rows, whose columns are empty', () => {
	const table = readNative(Buffer.alloc(0));
	expect(table.rows).toBe(0);
	expect(table.strings('s')).toEqual([]);
	expect(table.numbers('n', 'uint64')).toHaveLength(0);
	expect(table.nested('a').ends).toEqual([]);
});

test('a column asked for as another type is an error, not garbage', () => {
	const table = readNative(block([1], ['a']));
	expect(() => table.numbers('n', 'float64')).toThrow('column n is not float64');
	expect(() => table.dictionary('s')).toThrow('column s is a string, not a dictionary');
});

test('an answer that was cut off is an error, wherever the cut is', () => {
	const whole = block([1, 2], ['a', 'bcd']);
	for (let length = 1; length < whole.length; length += 1) {
		expect(() => readNative(whole.subarray(0, length)), `cut at ${length}`).toThrow('the Native answer ends within');
	}
});

test('types nest', () => {
	expect(parseNativeType('Array(Map(LowCardinality(String), FixedString(8)))')).toEqual({
		kind: 'array',
		items: { kind: 'map', keys: { kind: 'dictionary' }, items: { kind: 'fixed', size: 8 } },
	});
	expect(parseNativeType("DateTime64(3, 'UTC')")).toEqual({ kind: 'number', of: 'int64' });
	expect(() => parseNativeType('Variant(String)')).toThrow('no reader for the ClickHouse type Variant(String)');
	expect(() => parseNativeType('UInt8)')).toThrow('the type UInt8) goes on with )');
});

test('dictionaries and lists of several blocks are one column each', () => {
	const blockOf = (ids: number[], width: 1 | 2 | 4, texts: string[], lists: number[][]): Buffer => {
		const out = new NativeBuilder(2, ids.length);
		out.header('text', 'LowCardinality(String)');
		const places = [Uint8Array, Uint16Array, Uint32Array][width >> 1]!.from(ids);
		const flags = BigInt(0x600 | (width >> 1));
		out.raw(BigUint64Array.of(1n, flags, BigInt(texts.length)));
		out.raw(frameStrings(texts).bytes);
		out.raw(BigUint64Array.of(BigInt(ids.length)));
		out.raw(places);
		out.header('list', 'Array(Int16)');
		let end = 0;
		out.raw(BigUint64Array.from(lists, ({ length }) => BigInt((end += length))));
		out.raw(Int16Array.from(lists.flat()));
		return out.finish();
	};
	const many = Array.from({ length: 70_000 }, (_, index) => `t${index}`);
	const answer = Buffer.concat([
		blockOf([0, 1, 0], 1, ['a', 'b'], [[1, -2], [], [3]]),
		blockOf([300], 2, many.slice(0, 301), [[4]]),
		blockOf([69_999, 0], 4, many, [[], [5, 6]]),
	]);
	const table = readNative(answer);
	// The table keeps nothing of it.
	answer.fill(0);
	const { ids, dictionary } = table.dictionary('text');
	expect([...ids].map((id) => dictionary[id])).toEqual(['a', 'b', 'a', 't300', 't69999', 't0']);
	const { ends, table: items } = table.nested('list');
	expect(ends).toEqual([2, 2, 3, 4, 4, 6]);
	expect([...items.numbers('items', 'int16')]).toEqual([1, -2, 3, 4, 5, 6]);
});

test('a column that changes its type between blocks is an error', () => {
	const other = new NativeBuilder(1, 1);
	other.header('n', 'Float64');
	other.raw(Float64Array.of(1));
	expect(() => readNative(Buffer.concat([block([1], ['a']), other.finish()]))).toThrow(
		'column n changes from UInt64 to Float64 between blocks',
	);
});
