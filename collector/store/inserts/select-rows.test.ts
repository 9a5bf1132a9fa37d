import { array, assert, nat, property } from 'fast-check';
import { expect, test } from 'vitest';
import { randomSpans } from '../../../test/support/random-spans.ts';
import { spanBlock } from '../../../test/support/span-block.ts';
import { readNative } from '../native/native-reader.ts';
import { selectRows } from './select-rows.ts';
import { encodeSpans } from './span-native.ts';
import { storedSpans } from '../traces/stored-span.ts';

const spans = randomSpans({ seed: 7, count: 60 });
const block = spanBlock(spans);
const decode = (...blocks: ReturnType<typeof spanBlock>[]) =>
	storedSpans(readNative(Buffer.concat([...encodeSpans(blocks)])));

test('selected rows are what a block of those spans alone would be, in any order and repeated', () => {
	const rows = array(nat(spans.length - 1), { minLength: 1, maxLength: 80 });
	assert(
		property(rows, (chosen) => {
			const expected = spanBlock(chosen.map((row) => spans[row]!));
			expect(decode(selectRows(block, Uint32Array.from(chosen)))).toEqual(decode(expected));
		}),
		{ numRuns: 60 },
	);
});

test('every array of a selection has a buffer of its own size, so that it can be transferred', () => {
	const { bytes } = selectRows(block, Uint32Array.of(3, 1)).attributes.string.values;
	expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
});

test('blocks written together read back as their spans one after the other', () => {
	const [first, second] = [spans.slice(0, 25), spans.slice(25)];
	expect(decode(spanBlock(first), spanBlock(second))).toEqual(decode(block));
});

test('what is derived from a query goes with its row', () => {
	const queries = spans.map((span, row) => ({
		...span,
		query: { text: `SELECT ${row % 3}`, fingerprint: BigInt(row) },
	}));
	const chosen = selectRows(spanBlock(queries), Uint32Array.of(5, 59, 0));
	expect([...chosen.query.fingerprint]).toEqual([5n, 59n, 0n]);
	const table = readNative(Buffer.concat([...encodeSpans([chosen])]));
	const { ids, dictionary } = table.dictionary('db_query_text');
	expect([...ids].map((id) => dictionary[id])).toEqual(['SELECT 2', 'SELECT 2', 'SELECT 0']);
});
