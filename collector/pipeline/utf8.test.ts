import * as fc from 'fast-check';
import { isUtf8 as isUtf8OfNode } from 'node:buffer';
import { expect, test } from 'vitest';
import { cutEnd, isUtf8, replaceInvalid } from './utf8.ts';

const anyBytes = fc.oneof(
	fc.uint8Array({ maxLength: 40 }),
	fc.string({ unit: 'binary' }).map((text) => new Uint8Array(Buffer.from(text))),
	fc
		.array(fc.constantFrom(0x41, 0x80, 0xbf, 0xc0, 0xc2, 0xe0, 0xed, 0xa0, 0x9f, 0xf0, 0x90, 0xf4, 0x8f, 0xf5))
		.map((list) => Uint8Array.from(list)),
);

test('what is UTF-8 is decided as Node decides it', () => {
	fc.assert(
		fc.property(anyBytes, (bytes) => {
			expect(isUtf8(bytes, 0, bytes.length)).toBe(isUtf8OfNode(bytes));
		}),
		{ numRuns: 2_000 },
	);
});

test('mended text is UTF-8, and valid text stays as it is, byte order mark included', () => {
	fc.assert(
		fc.property(anyBytes, fc.string({ unit: 'binary' }), (bytes, text) => {
			expect(isUtf8OfNode(replaceInvalid(bytes, 0, bytes.length))).toBe(true);
			const valid = Buffer.from(text);
			expect(Buffer.from(replaceInvalid(valid, 0, valid.length))).toEqual(valid);
		}),
	);
	const marked = Uint8Array.of(0xef, 0xbb, 0xbf, 0x41);
	expect([...replaceInvalid(marked, 0, 4)]).toEqual([...marked]);
});

test('a cut leaves whole characters, and no more than three bytes short', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), fc.nat(30), (text, limit) => {
			const bytes = new Uint8Array(Buffer.from(text));
			const end = cutEnd(bytes, 0, bytes.length, limit);
			expect(isUtf8OfNode(bytes.subarray(0, end))).toBe(true);
			expect(end).toBeLessThanOrEqual(limit < bytes.length ? limit : bytes.length);
			expect(end).toBeGreaterThanOrEqual(Math.min(limit, bytes.length) - 3);
		}),
		{ numRuns: 1_000 },
	);
});
