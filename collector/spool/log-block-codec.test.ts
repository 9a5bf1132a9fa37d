import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { logBlock, logRecord } from '../../test/support/log-block.ts';
import { encodeColumns } from './column-frame.ts';
import { encodeLogBlock } from './encode-log-block.ts';
import { logBlockCodec } from './log-block-codec.ts';
import { RecordError } from './record-error.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const hex = (bytes: number) =>
	fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString('hex'));
const record = fc.record({
	traceId: fc.oneof(hex(16), fc.constant('')),
	spanId: fc.oneof(hex(8), fc.constant('')),
	timeUnixNano: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
	severity: fc.nat(24),
	severityText: text,
	eventName: text,
	body: text,
	exceptionType: text,
	exceptionMessage: text,
	exceptionStacktrace: text,
	attributes: fc.array(fc.tuple(fc.oneof(text, fc.constant('__proto__')), text), { maxLength: 3 }),
	flags: fc.nat(),
	marks: fc.nat(),
});

test('a block comes back as it was, whatever is in it', () => {
	fc.assert(
		fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), text, (records, project) => {
			const block = logBlock(records.map(logRecord), project);
			expect(logBlockCodec.decode(encodeLogBlock(block))).toEqual(block);
			expect(logBlockCodec.open(encodeLogBlock(block))).toEqual(block);
		}),
		{ numRuns: 300 },
	);
});

test('what does not fit together is refused', () => {
	const block = logBlock([logRecord({})]);
	const decode = (change: object) => () => logBlockCodec.decode(encodeLogBlock({ ...block, ...change }));
	expect(decode({ rows: 2 })).toThrow('1 records and 1 times; expected 2');
	expect(decode({ timeUnixMs: [] })).toThrow(RecordError);
	expect(decode({ records: [{ ...logRecord({}), resource: 1 }] })).toThrow('resource 1 of 1');
	expect(decode({ records: [{ ...logRecord({}), traceId: 'xyz' }] })).toThrow('traceId');
	expect(() => logBlockCodec.decode(Buffer.from('{'))).toThrow('no JSON');
	expect(() => logBlockCodec.decode(encodeColumns([['head', Buffer.from('{}')]]))).toThrow(RecordError);
});
