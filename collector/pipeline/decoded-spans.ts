import type { SpanBlock } from '../../schema/span-block.ts';

/** The columns that the pipeline adds to what a decoder read. */
type DerivedColumn = 'type' | 'error' | 'entry' | 'weight' | 'operation' | 'query' | 'promoted' | 'promotedOwn';

/** A block as the decoders leave it: everything that was sent, and nothing derived. */
export type DecodedSpans = Omit<SpanBlock, DerivedColumn>;
