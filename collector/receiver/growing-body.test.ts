import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { GrowingBody } from './growing-body.ts';

/** Bytes that are told apart by where they stand, cut into chunks of their own memory. */
function chunksOf(sizes: readonly number[]): { chunks: Uint8Array[]; whole: Uint8Array } {
	const whole = Uint8Array.from({ length: sizes.reduce((sum, size) => sum + size, 0) }, (_, at) => (at * 31) % 251);
	let at = 0;
	const chunks = sizes.map((size) => whole.slice(at, (at += size)));
	return { chunks, whole };
}

const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 10_000 })), {
	maxLength: 60,
});

test('however it is cut, a body is what was sent; what is held is what has come, and never more than twice of it', () => {
	fc.assert(
		fc.property(sizes, fc.boolean(), (cut, isAnnounced) => {
			const { chunks, whole } = chunksOf(cut);
			let held = 0;
			const body = new GrowingBody(isAnnounced ? whole.length : undefined, (bytes) => (held = bytes));
			let arrived = 0;
			for (const chunk of chunks) {
				arrived += chunk.length;
				body.add(chunk);
				expect(held).toBeGreaterThanOrEqual(arrived);
				expect(held).toBeLessThanOrEqual(arrived * 2);
			}
			expect(Buffer.compare(body.end(), whole)).toBe(0);
		}),
	);
});

test('where there is no room, nothing more is kept', () => {
	const body = new GrowingBody(1_000, (bytes) => {
		if (bytes > 300) throw new Error('no room');
	});
	body.add(new Uint8Array(300));
	expect(() => body.add(new Uint8Array(300))).toThrow('no room');
	expect(body.size).toBe(300);
});

test('bytes that come one by one are joined', () => {
	const body = new GrowingBody(undefined, () => {});
	for (let at = 0; at < 100_000; at += 1) body.add(Uint8Array.of(at % 256));
	expect(body.pieces).toBeLessThan(50);
	expect(body.end()[99_999]).toBe(99_999 % 256);
});

test('less or more than was announced is refused', () => {
	const body = new GrowingBody(10, () => {});
	body.add(new Uint8Array(9));
	expect(() => body.end()).toThrow('9 of 10 bytes came');
	expect(() => body.add(new Uint8Array(2))).toThrow('more than the 10 bytes that were announced');
});
