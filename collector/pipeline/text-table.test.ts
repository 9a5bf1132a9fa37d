import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { textAt } from './string-column.ts';
import { TextTable } from './text-table.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

test('equal texts share a row, and row 0 is the empty text', () => {
	const table = new TextTable();
	expect(table.internText('')).toBe(0);
	const cart = table.internText('cart');
	expect([cart, table.internText('shop'), table.internText('cart')]).toEqual([1, 2, 1]);
	expect([table.text(0), table.text(cart)]).toEqual(['', 'cart']);
});

test('a wrong guess does no harm, not even one from a table that was emptied', () => {
	const table = new TextTable();
	const [first, second] = [table.internText('first'), table.internText('second')];
	expect(table.intern(bytes('second'), 0, 6, first)).toBe(second);
	table.finish();
	expect(table.intern(bytes('second'), 0, 6, second)).toBe(1);
});

test('a table finds what it holds and nothing else', () => {
	const table = new TextTable();
	table.internText('cart');
	expect(table.find(bytes('cart'), 0, 4)).toBe(1);
	expect(table.find(bytes('shop'), 0, 4)).toBe(0);
});

test('bytes that are not UTF-8 are kept as the text they are mended to, once', () => {
	const table = new TextTable();
	const broken = Uint8Array.of(0x61, 0xff);
	expect([table.intern(broken, 0, 2), table.intern(broken, 0, 2), table.internText('a\uFFFD')]).toEqual([1, 1, 1]);
});

test('any texts come back, however many', () => {
	fc.assert(
		fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 2_000 }), (texts) => {
			const table = new TextTable();
			const rows = texts.map((text) => table.internText(text));
			expect(rows.map((row) => table.text(row))).toEqual(texts);
			expect(new Set(rows).size).toBe(new Set(texts).size);
			const column = table.finish();
			expect(rows.map((row) => textAt(column, row))).toEqual(texts);
			expect(table.length).toBe(1);
		}),
		{ numRuns: 50 },
	);
});

test('ten thousand long texts that differ in two bytes take no quadratic time', () => {
	const table = new TextTable();
	const text = Buffer.alloc(3_000, 0x61);
	for (let i = 0; i < 10_000; i++) {
		text.writeUInt16BE(0x4141 + (i % 100) * 256 + Math.floor(i / 100), 100);
		table.intern(text, 0, text.length);
	}
	expect(table.length).toBeGreaterThan(1_000);
});
