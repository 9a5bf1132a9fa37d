import type { BlockResource, BlockScope, TaggedValue } from '../../schema/span-block.ts';
import { resourceFacts } from '../pipeline/resource-facts.ts';
import { contentId } from './content-id.ts';

/** What a decoder read of a resource or scope. */
interface SourceContent {
	/** Sorted by key, each key once. */
	attributes: [key: string, value: TaggedValue][];
	droppedAttributes: number;
	schemaUrl: string;
}

/** A row of `resources` or `scopes`, with the marks that it gives to its spans and how many attributes it lost. */
export interface SourceRow {
	row: number;
	marks: number;
	lost: number;
}

export function blockResource({ attributes, droppedAttributes, schemaUrl }: SourceContent): BlockResource {
	const facts = resourceFacts(attributes);
	return {
		id: contentId([attributes, droppedAttributes, schemaUrl]),
		...facts,
		attributes,
		droppedAttributes,
		schemaUrl,
	};
}

export function blockScope(name: string, version: string, content: SourceContent): BlockScope {
	const { attributes, droppedAttributes, schemaUrl } = content;
	const id = contentId([name, version, attributes, droppedAttributes, schemaUrl]);
	return { id, name, version, attributes, droppedAttributes, schemaUrl };
}
