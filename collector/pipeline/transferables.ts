import type { SpanBlock } from '../../schema/span-block.ts';

/** Every buffer of a block, so that a thread can hand it over without a copy. */
export function transferablesOf(block: SpanBlock): ArrayBuffer[] {
	const buffers = new Set<ArrayBuffer>();
	const collect = (value: unknown): void => {
		if (ArrayBuffer.isView(value)) {
			if (value.buffer instanceof ArrayBuffer) buffers.add(value.buffer);
		} else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) collect(inner);
	};
	const { resources: _resources, scopes: _scopes, ...columns } = block;
	collect(columns);
	return [...buffers];
}
