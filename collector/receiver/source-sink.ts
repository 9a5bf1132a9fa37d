import type { BlockResource, BlockScope } from '../../schema/span-block.ts';
import type { RowMarks } from './attribute-columns.ts';

/** What a decoder puts resources and scopes into, whichever signal they belong to. */
export interface SourceSink {
	readonly marks: RowMarks;
	readonly resources: BlockResource[];
	readonly scopes: BlockScope[];
	/** Attributes without a key or beyond a limit. */
	droppedAttributes: number;
}
