import { z } from 'zod';
import { writtenSchema } from '../../schema/alert-test.ts';

/** As far as what is written here needs it. */
interface JsonSchema {
	$schema?: string;
	title?: string;
	type?: string;
	const?: unknown;
	properties?: Record<string, JsonSchema>;
	additionalProperties?: boolean | JsonSchema;
	items?: JsonSchema;
	oneOf?: JsonSchema[];
	anyOf?: JsonSchema[];
}

export const toJsonSchema = (schema: z.ZodType): JsonSchema => z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;

/** JSON Schema (2020-12) of every document, as it is written: for editors. Made from what validates. */
export const documentJsonSchema: JsonSchema = { ...toJsonSchema(writtenSchema), title: 'Spanhouse documents' };

/** Fields that the group at a path of a document of some kind may have. */
export type KnownNames = (kind: unknown, path: readonly PropertyKey[]) => string[];

export const namesIn =
	({ oneOf }: JsonSchema): KnownNames =>
	(kind, path) => {
		let schema = oneOf?.find(({ properties }) => properties?.['kind']?.const === kind);
		for (const step of path) schema = descend(schema, step);
		return Object.keys(schema?.properties ?? {});
	};

export const knownNames: KnownNames = namesIn(documentJsonSchema);

function descend(schema: JsonSchema | undefined, step: PropertyKey): JsonSchema | undefined {
	if (schema === undefined) return undefined;
	if (typeof step === 'number') return schema.items;
	const own = schema.properties?.[String(step)];
	return own ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
}

/** The known name with the fewest edits, where these are few enough to be a slip. */
export function nearestName(found: string, known: readonly string[]): string | undefined {
	const most = Math.max(2, Math.floor(found.length / 3));
	const byDistance = known
		.map((name) => ({ name, edits: editDistance(found.toLowerCase().slice(0, 64), name.toLowerCase()) }))
		.sort((a, b) => a.edits - b.edits);
	const [best] = byDistance;
	return best !== undefined && best.edits <= most && best.edits < best.name.length ? best.name : undefined;
}

/** Insertions, deletions and replacements between two short texts. */
function editDistance(a: string, b: string): number {
	let row = Array.from({ length: b.length + 1 }, (_, index) => index);
	for (let i = 1; i <= a.length; i += 1) {
		const next = [i];
		for (let j = 1; j <= b.length; j += 1) {
			const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
			next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
		}
		row = next;
	}
	return row[b.length] ?? 0;
}
