import type { ConfigObject } from '../../../schema/api-config.ts';
import { NO_SOURCE } from './config-query.ts';

export const objectId = ({ kind, name }: Pick<ConfigObject, 'kind' | 'name'>): string => `${kind}/${name}`;

/** Objects of a source and kind whose name, file or labels hold the text: by kind, then by name. */
export function arrangeObjects(
	objects: readonly ConfigObject[],
	{ source, kind, f }: { source: string; kind: string; f: string },
): ConfigObject[] {
	const text = f.trim().toLowerCase();
	return objects
		.filter(
			(object) =>
				(source === '' || (object.owner.source ?? NO_SOURCE) === source) &&
				(kind === 'all' || object.kind === kind) &&
				textOf(object).includes(text),
		)
		.sort((a, b) => (objectId(a) < objectId(b) ? -1 : 1));
}

const textOf = ({ kind, name, owner, labels, author }: ConfigObject): string =>
	[kind, name, owner.file, author, ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)]
		.join(' ')
		.toLowerCase();

export interface FieldDifference {
	/** Such as `spec.conditions.0.above`. */
	path: string;
	/** Undefined where that side has none. */
	live: string | undefined;
	desired: string | undefined;
}

/** Where two documents differ, value by value, in the order of their paths. */
export function differencesOf(live: unknown, desired: unknown): FieldDifference[] {
	const [left, right] = [flatten(live), flatten(desired)];
	return [...new Set([...left.keys(), ...right.keys()])]
		.sort((a, b) => (a < b ? -1 : 1))
		.map((path) => ({ path, live: left.get(path), desired: right.get(path) }))
		.filter((difference) => difference.live !== difference.desired);
}

/** Values by path, as text; empty lists and objects are values. */
function flatten(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
	const parts = typeof value === 'object' && value !== null ? Object.entries(value) : [];
	if (parts.length === 0 && value !== undefined) into.set(path, JSON.stringify(value));
	for (const [name, part] of parts) flatten(part, path === '' ? name : `${path}.${name}`, into);
	return into;
}
