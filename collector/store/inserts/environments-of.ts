import type { SpanBlock } from '../../../schema/span-block.ts';

/** Beyond it, looking names up costs more than it spares. */
const most = 200;

/** Those of the blocks' resources: of all their spans, and perhaps others. Undefined where there are too many. */
export function environmentsOf(blocks: readonly Pick<SpanBlock, 'resources'>[]): ReadonlySet<string> | undefined {
	const found = new Set(blocks.flatMap(({ resources }) => resources.map(({ environment }) => environment)));
	return found.size > most ? undefined : found;
}
