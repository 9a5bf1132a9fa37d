import type { SpanBlock } from '../../../schema/span-block.ts';

const KEY = 'feature_flag.key';
/** As it stands among the keys of a block. */
const frame = Buffer.from(`${String.fromCharCode(KEY.length)}${KEY}`, 'latin1');

/** Whether spans of the blocks, or events of theirs, say of a feature flag; true perhaps where none does, false never where one does. */
export const mayHaveFlags = (blocks: readonly Pick<SpanBlock, 'attributeKeys'>[]): boolean =>
	blocks.some(({ attributeKeys: { bytes } }) =>
		Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(frame),
	);
