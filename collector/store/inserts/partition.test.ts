import { expect, test } from 'vitest';
import { spanBlock } from '../../../test/support/span-block.ts';
import { splitByPartition } from './partition.ts';

const hourMs = 3_600_000;
const midnightMs = Date.UTC(2026, 10, 23);
const blockAt = (...timesMs: number[]) =>
	spanBlock(
		timesMs.map((timeUnixMs, row) => ({
			traceId: 'a'.repeat(32),
			spanId: row.toString(16).padStart(16, '0'),
			startUnixNano: 1n,
			endUnixNano: 2n,
			timeUnixMs,
		})),
		'shop',
	);

test('a block within three hours passes as it is', () => {
	const block = blockAt(midnightMs, midnightMs + 3 * hourMs - 1);
	const [piece, ...others] = splitByPartition(block, 100);
	expect(others).toEqual([]);
	expect(piece?.block).toBe(block);
	expect(piece?.day).toBe(midnightMs / (24 * hourMs));
});

test('rows of different three hours are separated, and keep their order', () => {
	const times = [midnightMs + 1, midnightMs - 1, midnightMs + 2, midnightMs + 3 * hourMs];
	const pieces = splitByPartition(blockAt(...times), 100);
	expect(pieces.map((piece) => [...piece.block.timeUnixMs].map(Number))).toEqual([
		[midnightMs + 1, midnightMs + 2],
		[midnightMs - 1],
		[midnightMs + 3 * hourMs],
	]);
	expect(new Set(pieces.map((piece) => piece.key)).size).toBe(3);
	expect(pieces.map((piece) => piece.day - midnightMs / (24 * hourMs))).toEqual([0, -1, 0]);
});

test('projects never share an insert', () => {
	const [here] = splitByPartition(blockAt(midnightMs), 100);
	const [there] = splitByPartition({ ...blockAt(midnightMs), project: 'other' }, 100);
	expect(here?.key).not.toBe(there?.key);
});

test('a block with more rows than an insert may have is cut', () => {
	const pieces = splitByPartition(blockAt(...Array.from({ length: 7 }, (_, row) => midnightMs + row)), 3);
	expect(pieces.map((piece) => piece.block.rows)).toEqual([3, 3, 1]);
	expect(new Set(pieces.map((piece) => piece.key)).size).toBe(1);
});
