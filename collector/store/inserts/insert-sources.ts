import type { BlockResource, BlockScope, SpanBlock } from '../../../schema/span-block.ts';

/** Resources or scopes of all blocks of an insert, each once. */
export interface InsertSources<Source> {
	sources: readonly Source[];
	/** For each row of all blocks, its place among them. */
	rows: Uint32Array;
}

/** Every request brings the same few again. */
export function mergeSources<Source extends BlockResource | BlockScope>(
	blocks: readonly SpanBlock[],
	of: (block: SpanBlock) => { rows: Uint32Array; sources: readonly Source[] },
): InsertSources<Source> {
	const sources: Source[] = [];
	const placeOf = new Map<bigint, number>();
	const merged = new Uint32Array(blocks.reduce((total, block) => total + block.rows, 0));
	let at = 0;
	for (const block of blocks) {
		const { rows, sources: own } = of(block);
		const places = own.map((source) => {
			const known = placeOf.get(source.id);
			if (known !== undefined) return known;
			placeOf.set(source.id, sources.length);
			return sources.push(source) - 1;
		});
		for (let row = 0; row < rows.length; row += 1, at += 1) merged[at] = places[rows[row] ?? 0] ?? 0;
	}
	return { sources, rows: merged };
}

/** The id of each row's source. In halves of 32 bits, because 64-bit numbers allocate. */
export function idsOf({ sources, rows }: InsertSources<{ id: bigint }>): Uint32Array {
	const words = new Uint32Array(BigUint64Array.from(sources, ({ id }) => id).buffer);
	const ids = new Uint32Array(rows.length * 2);
	for (let row = 0; row < rows.length; row += 1) {
		const place = (rows[row] ?? 0) * 2;
		ids[row * 2] = words[place] ?? 0;
		ids[row * 2 + 1] = words[place + 1] ?? 0;
	}
	return ids;
}
