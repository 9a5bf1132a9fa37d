import type { SpanColumn } from './span-native.ts';

/** A column with one value in all rows. Native writes a UUID as two 64-bit halves, each little-endian. */
export function uuidColumn(name: string, uuid: string): SpanColumn {
	const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
	const value = Buffer.concat([bytes.subarray(0, 8).reverse(), bytes.subarray(8, 16).reverse()]);
	return {
		name,
		type: 'UUID',
		write: (out, blocks) => blocks.forEach((block) => out.raw(Buffer.alloc(block.rows * 16, value))),
	};
}

/** A column with one value in all rows. */
export const uint64Column = (name: string, value: number): SpanColumn => ({
	name,
	type: 'UInt64',
	write: (out, blocks) => blocks.forEach((block) => out.raw(new BigUint64Array(block.rows).fill(BigInt(value)))),
});
