import { z } from 'zod';

const attribute = z.tuple([z.string(), z.string()]);
const sourceId = z
	.string()
	.regex(/^\d{1,20}$/)
	.transform(BigInt)
	.refine((id) => id < 2n ** 64n);
export const count = z.int().min(0).max(0xffff_ffff);
export const text = z.string();

/** A source as it stands in a document, with its id as a number again. */
export const numbered = <Source extends { id: string }>(source: Source) => ({ ...source, id: BigInt(source.id) });

/** Where the rows of a block come from, as every kind of block writes it. Unknown fields of a later version are left out. */
export const blockSources = {
	resources: z.array(
		z.object({
			id: sourceId,
			service: text,
			namespace: text,
			version: text,
			instance: text,
			environment: text,
			attributes: z.array(attribute),
			droppedAttributes: count,
			schemaUrl: text,
		}),
	),
	scopes: z.array(
		z.object({
			id: sourceId,
			name: text,
			version: text,
			attributes: z.array(attribute),
			droppedAttributes: count,
			schemaUrl: text,
		}),
	),
};
