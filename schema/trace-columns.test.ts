import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrangeTrace } from '../collector/analysis/span-tree.ts';
import { traceSpans } from '../test/support/trace-spans.ts';
import { traceAnswer, traceJson } from './trace-answer.ts';
import { decodeTrace, encodeTrace, TraceFormatError } from './trace-columns.ts';

const drawnSpans = fc.array(
	fc.record({
		id: fc.bigInt({ min: 1n, max: 0xffff_ffff_ffff_ffffn }),
		parent: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
		start: fc.nat(1_000_000_000),
		length: fc.nat(1_000_000_000),
		service: fc.string({ unit: 'grapheme' }),
		name: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', '\u0000', 'a"b\\c')),
		error: fc.boolean(),
		httpStatus: fc.nat(65_535),
	}),
	{ maxLength: 20 },
);
const arranged = drawnSpans.map((records) =>
	arrangeTrace(traceSpans(records.map(({ length, ...span }) => ({ ...span, end: span.start + length })))),
);
const small = (): ArrayBuffer =>
	encodeTrace(
		arrangeTrace(
			traceSpans([
				{ id: 1n, start: 0, end: 100 },
				{ id: 2n, parent: 1n, start: 10, end: 60 },
			]),
		),
		{ total: 2, truncated: false },
	);

test('what is decoded is what was encoded', () => {
	fc.assert(
		fc.property(arranged, fc.nat(), fc.boolean(), (trace, total, truncated) => {
			expect(decodeTrace(encodeTrace(trace, { total, truncated }))).toEqual({ ...trace, total, truncated });
		}),
	);
});

test('the arrays are views of the answer, not copies', () => {
	const buffer = small();
	expect(decodeTrace(buffer).start.buffer).toBe(buffer);
});

test('the JSON form follows its schema and carries the same rows', () => {
	fc.assert(
		fc.property(arranged, (trace) => {
			const json = traceJson('0af7651916cd43dd8448eb211c80319c', { ...trace, total: trace.count, truncated: false });
			expect(traceAnswer.parse(structuredClone(json))).toEqual(json);
			expect(json.spans.startNano).toEqual([...trace.start]);
			expect(json.spans.spanId.map((id) => BigInt(`0x${id}`))).toEqual([...trace.id]);
		}),
		{ numRuns: 30 },
	);
});

test('a cut answer says so in JSON too', () => {
	const trace = { ...decodeTrace(small()), total: 612_044, truncated: true };
	expect(traceJson('0af7651916cd43dd8448eb211c80319c', trace).partial).toMatchObject({ seen: 2, of: 612_044 });
});

interface TestHeader {
	n?: number;
	base_ns: string;
	names: string[];
	columns: [name: string, type: string, offset: number, length: number][];
}

/** The same bytes with the header rewritten. */
function withHeader(buffer: ArrayBuffer, change: (header: TestHeader) => void): ArrayBuffer {
	const length = new DataView(buffer).getUint32(4, true);
	const header: TestHeader = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
	change(header);
	const text = JSON.stringify(header);
	const padded = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
	const result = new Uint8Array(8 + padded.length + buffer.byteLength - 8 - length);
	result.set(new Uint8Array(buffer, 0, 8));
	new DataView(result.buffer).setUint32(4, padded.length, true);
	result.set(padded, 8);
	result.set(new Uint8Array(buffer, 8 + length), 8 + padded.length);
	return result.buffer;
}

describe('a buffer that encodeTrace did not write is refused with the reason', () => {
	test.each<[string, () => ArrayBuffer, RegExp]>([
		['nothing', () => new ArrayBuffer(0), /too short/],
		['another format', () => new TextEncoder().encode('{"traceId":"00"}').buffer, /begins with TRC1/],
		['a cut one', () => small().slice(0, 40), /header says/],
		['a cut body', () => small().slice(0, -8), /does not fit/],
		['a header without n', () => withHeader(small(), (header) => delete header.n), /lacks n/],
		['a header with a negative n', () => withHeader(small(), (header) => (header.n = -1)), /lacks n/],
		['more rows than entries', () => withHeader(small(), (header) => (header.n = 3)), /should have 3 entries/],
		['a base that is no number', () => withHeader(small(), (header) => (header.base_ns = '1e9')), /lacks n/],
		['too few names', () => withHeader(small(), (header) => (header.names = [])), /not in the header/],
		[
			'an offset past the end',
			() => withHeader(small(), (header) => (header.columns[1]![2] = 1 << 30)),
			/does not fit/,
		],
		['an unaligned offset', () => withHeader(small(), (header) => (header.columns[1]![2] = 3)), /does not fit/],
		['another type', () => withHeader(small(), (header) => (header.columns[0]![1] = 'f64')), /should be u64/],
		['a missing column', () => withHeader(small(), (header) => header.columns.pop()), /missing/],
	])('%s', (_, make, reason) => {
		expect(() => decodeTrace(make())).toThrow(TraceFormatError);
		expect(() => decodeTrace(make())).toThrow(reason);
	});

	test('rows that point at each other', () => {
		const buffer = small();
		decodeTrace(buffer).parent[0] = 1;
		expect(() => decodeTrace(buffer)).toThrow(/Row 0 is not where/);
	});

	test('a path through a row that is not there', () => {
		const buffer = small();
		decodeTrace(buffer).pathRow[0] = 2;
		expect(() => decodeTrace(buffer)).toThrow(/critical path/);
	});

	test('random damage is refused or harmless, never an endless walk', () => {
		const buffer = small();
		fc.assert(
			fc.property(fc.nat(buffer.byteLength - 1), fc.nat(255), (at, value) => {
				const damaged = buffer.slice(0);
				new Uint8Array(damaged)[at] = value;
				expect(walk(damaged)).toBeLessThanOrEqual(2);
			}),
		);
	});
});

/** How many roots a walk over the rows meets; 0 where the buffer is refused. */
function walk(buffer: ArrayBuffer): number {
	try {
		const trace = decodeTrace(buffer);
		let roots = 0;
		for (let row = 0; row < trace.count; row = trace.end[row]!) roots++;
		return roots;
	} catch (error) {
		if (error instanceof TraceFormatError) return 0;
		throw error;
	}
}
