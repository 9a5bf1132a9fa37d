import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { spanBlock } from '../../test/support/span-block.ts';
import type { PlainSpan } from '../../test/support/span-block.ts';
import { encodeColumns } from './column-frame.ts';
import { RecordError } from './record-error.ts';
import { encodeSpanBlock } from './encode-span-block.ts';
import { decodeSpanBlock } from './span-block-codec.ts';

const text = fc.string({ unit: 'binary', maxLength: 40 });
const hex = (bytes: number) =>
	fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString('hex'));
const nano = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const attribute = fc.oneof(
	fc.record({ stringValue: text }),
	fc.record({ intValue: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String) }),
	fc.record({ doubleValue: fc.double() }),
	fc.record({ boolValue: fc.boolean() }),
	fc.record({ bytesValue: fc.base64String({ maxLength: 40 }) }),
);
const key = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'a', '\0'));
const attributes = fc.array(fc.tuple(key, attribute), { maxLength: 4 });
const event = fc.record({ timeUnixNano: nano, name: text, attributes });
const link = fc.record({ traceId: hex(16), spanId: hex(8), traceState: text, flags: fc.nat(), attributes });
const plainSpan = fc.record({
	traceId: hex(16),
	spanId: hex(8),
	parentSpanId: hex(8),
	startUnixNano: nano,
	endUnixNano: nano,
	timeUnixMs: fc.integer({ min: -(2 ** 40), max: 2 ** 42 }),
	name: text,
	operation: text,
	kind: fc.nat(5),
	statusCode: fc.nat(2),
	statusMessage: text,
	traceState: text,
	flags: fc.nat(),
	marks: fc.nat(),
	type: fc.nat(7),
	error: fc.boolean(),
	weight: fc.double({ min: 1, max: 1e6, noNaN: true }),
	resource: fc.record({ service: text, namespace: text, attributes }),
	scope: fc.record({ name: text, version: text, attributes }),
	attributes,
	events: fc.array(event, { maxLength: 3 }),
	links: fc.array(link, { maxLength: 2 }),
	query: fc.record({ text, fingerprint: nano }),
	promoted: fc.record({ 'http.route': text, 'url.path': text, 'http.response.status_code': fc.bigInt(0n, 999n) }),
}) as fc.Arbitrary<PlainSpan>;

const oneSpan: PlainSpan = {
	traceId: '0af7651916cd43dd8448eb211c80319c',
	spanId: '00f067aa0ba902b7',
	startUnixNano: 1n,
	endUnixNano: 2n,
	name: 'GET /',
	attributes: [['long', { stringValue: 'x'.repeat(300) }], ['n', { intValue: '7' }]], // prettier-ignore
	events: [{ timeUnixNano: 1n, name: 'exception', attributes: [['a', { boolValue: true }]] }],
	links: [{ traceId: '11'.repeat(16), spanId: '22'.repeat(8) }],
};

test('a block comes back as it was, whatever is in it', () => {
	fc.assert(
		fc.property(fc.array(plainSpan, { minLength: 1, maxLength: 8 }), text, (spans, project) => {
			const block = spanBlock(spans, project);
			expect(decodeSpanBlock(encodeSpanBlock(block))).toEqual(block);
		}),
		{ numRuns: 200 },
	);
});

test('the columns of a decoded block lie in the frame, and are not copied', () => {
	const frame = encodeSpanBlock(spanBlock([oneSpan, oneSpan]));
	const block = decodeSpanBlock(frame);
	for (const column of [
		block.traceId,
		block.startUnixNano,
		block.name.ids,
		block.attributes.int64.values,
		block.weight,
	])
		expect(column.buffer).toBe(frame.buffer);
});

test('a frame that lies at an odd place is read all the same', () => {
	const frame = encodeSpanBlock(spanBlock([oneSpan, oneSpan]));
	const shifted = new Uint8Array(frame.length + 3).subarray(3);
	shifted.set(frame);
	expect(decodeSpanBlock(shifted)).toEqual(decodeSpanBlock(frame));
});

describe('what does not fit together is refused', () => {
	const damaged = (damage: (block: ReturnType<typeof spanBlock>) => void): (() => unknown) => {
		const block = spanBlock([oneSpan, oneSpan]);
		damage(block);
		return () => decodeSpanBlock(encodeSpanBlock(block));
	};

	test.each([
		['a dictionary id beyond the dictionary', 'name at 1 is 9', (b) => (b.name.ids[1] = 9)],
		[
			'a dictionary that does not begin with the empty text',
			'not the empty text',
			(b) => (b.operation.dictionary = b.traceState = { bytes: Uint8Array.of(1, 65, 0), ends: Uint32Array.of(2, 3) }),
		],
		['a resource that is not there', 'resource at 0 is 1', (b) => (b.resource[0] = 1)],
		['entries that end before they begin', 'string of row 1 end at 2', (b) => b.attributes.string.ends.set([3, 2])],
		['a frame longer than its end says', 'text 1 of trace_state', (b) => (b.traceState.bytes[1] = 5)],
		['a key beyond the keys', 'int64 keys at 0', (b) => (b.attributes.int64.keys[0] = 77)],
		['a boolean of 2', 'entry at 0 is 2', (b) => (b.entry[0] = 2)],
		['a kind beyond OTLP', 'kind at 0 is 6', (b) => (b.kind[0] = 6)],
		['a short column', 'has 8 bytes; expected 16 × 1', (b) => (b.spanId = b.spanId.slice(0, 8))],
		['more rows than columns have', 'column trace_id has 32 bytes; expected 48', (b) => (b.rows = 3)],
		['events that end before they begin', 'events of row 1 end at 2', (b) => b.events.ends.set([3, 2])],
	] as [string, string, (block: ReturnType<typeof spanBlock>) => unknown][])('%s', (_, message, damage) => {
		const decode = damaged(damage);
		expect(decode).toThrow(RecordError);
		expect(decode).toThrow(message);
	});

	test('a frame of another version', () => {
		const frame = encodeSpanBlock(spanBlock([oneSpan]));
		frame.writeUInt16LE(2, 4);
		expect(() => decodeSpanBlock(frame)).toThrow('frame version 2; this program reads 1');
	});

	test('a frame without a column that is needed, and one with another type', () => {
		expect(() => decodeSpanBlock(encodeColumns([]))).toThrow('the head of the block is no JSON');
		expect(() => decodeSpanBlock(encodeColumns([['head', new Uint32Array(1)]]))).toThrow('of type 1; expected 0');
	});

	test('every truncation of a frame', () => {
		const frame = encodeSpanBlock(spanBlock([oneSpan]));
		for (let length = 0; length < frame.length; length += 1) {
			expect(() => decodeSpanBlock(frame.subarray(0, length))).toThrow(RecordError);
		}
	});
});

test('20,000 damaged frames are read or refused, and nothing else', () => {
	const frame = encodeSpanBlock(spanBlock([oneSpan, { ...oneSpan, spanId: '01'.repeat(8) }]));
	let state = 42;
	const random = (below: number): number => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state % below;
	};
	let read = 0;
	for (let run = 0; run < 20_000; run += 1) {
		const damaged = Buffer.from(frame);
		for (let flips = random(4) + 1; flips > 0; flips -= 1) damaged[random(damaged.length)] = random(256);
		try {
			decodeSpanBlock(damaged);
			read += 1;
		} catch (error) {
			if (!(error instanceof RecordError)) throw error;
		}
	}
	expect(read).toBeGreaterThan(0);
	expect(read).toBeLessThan(20_000);
}, 60_000);

test('a record of a program that knew fewer promoted attributes gets empty columns for the rest', () => {
	const block = spanBlock([{ ...oneSpan, promoted: { 'http.route': '/a', 'url.path': '/a?b' } }]);
	const frame = encodeSpanBlock(block);
	// Same length, so the frame stays whole: the name of the column is one nobody knows.
	const renamed = Buffer.from(frame.toString('latin1').replaceAll('=http.route', '=http.rouge'), 'latin1');
	const read = decodeSpanBlock(renamed);
	expect(read.promoted[2]).toEqual({
		ids: new Uint32Array(1),
		dictionary: { bytes: new Uint8Array(1), ends: Uint32Array.of(1) },
	});
	expect(read.promoted[3]).toEqual(block.promoted[3]);
});
