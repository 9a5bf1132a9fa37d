import { expect, test } from 'vitest';
import { spanBlock } from '../../../test/support/span-block.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { EncodingError, SpanInserts } from './span-inserts.ts';
import { encodeSpans } from './span-native.ts';
import type { SpanColumn } from './span-native.ts';

const writer = '5a4f522d-8d3c-4b4a-a610-b3bf31e7b0d4';

/** So many rows with long texts that a block of them is several pieces. */
const block = (text: string, rows = 6_200) =>
	spanBlock(
		Array.from({ length: rows }, (_, row) => ({
			traceId: '0af7651916cd43dd8448eb211c80319c',
			spanId: row.toString(16).padStart(16, '0'),
			startUnixNano: 1n,
			endUnixNano: 2n,
			name: 'GET /',
			traceState: `${text}=${'x'.repeat(190)}`,
			statusMessage: 'm'.repeat(190),
			attributes: [['key', { stringValue: 'v'.repeat(380) }]] as const,
		})),
	);

/** A server that reads nothing of an insert before all of it was handed over, as a slow connection might. */
function slowServer() {
	const inserts: Buffer[][] = [];
	let fails = false;
	const server = {
		shard: () => server,
		insert: (_into: string, _format: string, pieces: Iterable<Buffer>) => {
			const views = [...pieces];
			if (fails) return Promise.reject(new Error('connection lost'));
			inserts.push(views.map((view) => Buffer.from(view)));
			lent.push(...views);
			return Promise.resolve();
		},
	};
	const lent: Buffer[] = [];
	return {
		clickhouse: server as unknown as ClickHouse,
		inserts,
		/** Memory behind each piece that came, in order. */
		memory: () => lent.map(({ buffer }) => buffer),
		fail: (now: boolean) => (fails = now),
	};
}

const rowsOf = (pieces: readonly Buffer[], text: string): number =>
	Buffer.concat(pieces).toString('latin1').split(`${text}=`).length - 1;

test('memory of an insert is used by the next, which is as whole as with memory of its own', async () => {
	const server = slowServer();
	const inserts = new SpanInserts(server.clickhouse, writer);
	await inserts.insert({ blocks: [block('first')], shard: 0, commit: 1 });
	await inserts.insert({ blocks: [block('second')], shard: 0, commit: 2 });
	const [first = [], second = []] = server.inserts;
	expect(first.length).toBeGreaterThan(2);
	expect(new Set(server.memory()).size).toBe(Math.max(first.length, second.length));
	expect(new Set(server.memory().slice(0, first.length)).size).toBe(first.length);
	expect([rowsOf(first, 'first'), rowsOf(first, 'second')]).toEqual([6_200, 0]);
	expect([rowsOf(second, 'first'), rowsOf(second, 'second')]).toEqual([0, 6_200]);
	const alone = Buffer.concat([...encodeSpans([block('second')])]);
	expect(
		Buffer.concat(second).includes(alone.subarray(alone.indexOf('trace_state'), alone.indexOf('resource_id'))),
	).toBe(true);
});

test('memory of an insert without an answer may still be on its way, and is not used again', async () => {
	const server = slowServer();
	const inserts = new SpanInserts(server.clickhouse, writer);
	await inserts.insert({ blocks: [block('first')], shard: 0, commit: 1 });
	server.fail(true);
	await expect(inserts.insert({ blocks: [block('second')], shard: 0, commit: 2 })).rejects.toThrow('connection lost');
	server.fail(false);
	const before = new Set(server.memory());
	await inserts.insert({ blocks: [block('third')], shard: 0, commit: 3 });
	const after = server.memory().slice(server.inserts[0]?.length);
	expect(after.filter((memory) => before.has(memory))).toEqual([]);
});

test('after small inserts no memory of a large one is kept', async () => {
	const server = slowServer();
	const inserts = new SpanInserts(server.clickhouse, writer);
	await inserts.insert({ blocks: [block('large')], shard: 0, commit: 1 });
	await inserts.insert({ blocks: [block('small', 1)], shard: 0, commit: 2 });
	const before = new Set(server.memory());
	await inserts.insert({ blocks: [block('large')], shard: 0, commit: 3 });
	const last = server.memory().slice(-(server.inserts[2]?.length ?? 0));
	expect(last.filter((memory) => before.has(memory))).toEqual([]);
});

test('rows that cannot be encoded are told from a server that failed', async () => {
	const inserts = new SpanInserts(slowServer().clickhouse, writer);
	const broken: SpanColumn = {
		name: 'broken',
		type: 'UInt8',
		write: () => {
			throw new RangeError('a value of 300');
		},
	};
	const insert = inserts.insert({ blocks: [block('any', 1)], shard: 0, commit: 1, marks: [broken] });
	await expect(insert).rejects.toThrow(EncodingError);
	await expect(insert).rejects.toThrow('a value of 300');
});
