/** Which attributes a key of the search language means: its old and its new names alike. */
import { PROMOTED_ATTRIBUTES } from '../../schema/promoted-attributes.ts';
import type { PromotedAttribute } from '../../schema/promoted-attributes.ts';
import { RENAMED_ATTRIBUTES, VALUES_OF_RENAMED } from '../../schema/renamed-attributes.ts';
import { READINGS } from './attribute-readings.ts';
import type { Reading } from './attribute-readings.ts';
import { ATTRIBUTE_SOURCES, RENAMED_VALUES } from '../../schema/semantic-conventions.ts';
import type { AttributeSource } from '../../schema/semantic-conventions.ts';

/** The column of a promoted attribute that a key stands for. */
export interface PromotedColumn extends PromotedAttribute {
	/** Bit of `promoted_own`. */
	bit: number;
	/** OTLP span kinds for which the old name means this attribute; all when absent. */
	kinds?: readonly number[];
	/** Old values and what the column holds instead; the old ones stay in the maps. */
	renamedValues: ReadonlyMap<string, string>;
	/** The column may hold something else than the attribute that came: what came is in the maps. */
	isDerived: boolean;
}

export interface AttributeNames {
	/** The key itself first. */
	names: readonly string[];
	column?: PromotedColumn;
	/** Of names whose values were renamed too, without a column: old value → value of today. */
	values?: ReadonlyMap<string, ReadonlyMap<string, string>>;
	/** What else the span may say it by. */
	readings?: readonly Reading[];
}

/** Filled by more than a copy: qualified, translated, or derived from other facts. */
const DERIVED = new Set(['rpc.method', 'rpc.response.status_code', 'error.type']);

/** Old names whose meaning hangs on the side that reports, so that they stand for the new one on some spans only. */
const KIND_DEPENDENT = new Set(['net.peer.name', 'net.host.name']);

/** What else a fact is read from is a stand-in for it, not its old name. */
const isRenaming = (source: AttributeSource): boolean => source.part === undefined && source.kinds === undefined;

const GROUPS = new Map<string, AttributeNames>();

for (const [canonical, sources] of Object.entries<readonly AttributeSource[]>(ATTRIBUTE_SOURCES)) {
	const renamings = sources.filter(isRenaming);
	const names = renamings.map(({ attribute }) => attribute);
	const column = promotedColumn(canonical, renamings);
	for (const name of names) {
		GROUPS.set(name, {
			names: [name, ...names.filter((other) => other !== name)],
			...(column === undefined ? {} : { column }),
		});
	}
	for (const { attribute, kinds } of sources) {
		if (column !== undefined && kinds !== undefined && KIND_DEPENDENT.has(attribute)) {
			GROUPS.set(attribute, { names: [attribute], column: { ...column, kinds } });
		}
	}
}

for (const [old, renamed] of RENAMED_ATTRIBUTES) {
	const group = GROUPS.get(renamed)?.names ?? [renamed];
	for (const name of [...group, old]) {
		GROUPS.set(name, { names: [name, ...[...group, old].filter((other) => other !== name)] });
	}
}

function promotedColumn(canonical: string, sources: readonly AttributeSource[]): PromotedColumn | undefined {
	const bit = PROMOTED_ATTRIBUTES.findIndex(({ attribute }) => attribute === canonical);
	const promoted = PROMOTED_ATTRIBUTES[bit];
	if (promoted === undefined) return undefined;
	const values = sources.flatMap((source) => (source.values === undefined ? [] : [...RENAMED_VALUES[source.values]]));
	return { ...promoted, bit, renamedValues: new Map(values), isDerived: DERIVED.has(canonical) };
}

/** Old name → name of today, of attributes without a column that only changed their name. */
export const RENAMES: ReadonlyMap<string, string> = new Map([
	...RENAMED_ATTRIBUTES,
	...Object.entries<readonly AttributeSource[]>(ATTRIBUTE_SOURCES).flatMap(([canonical, sources]) =>
		sources
			.filter((source) => isRenaming(source) && source.attribute !== canonical)
			.map(({ attribute }): [string, string] => [attribute, canonical])
			.filter(([old]) => GROUPS.get(old)?.column === undefined),
	),
]);

/** Every name of an attribute that has a column, but for those that stand for it on some spans only. */
export const promotedNames = (): string[] =>
	[...GROUPS].filter(([, { column }]) => column !== undefined && column.kinds === undefined).map(([name]) => name);

/** Old values and new of each old name, of attributes without a column. */
const VALUES = new Map([
	...VALUES_OF_RENAMED,
	...Object.values<readonly AttributeSource[]>(ATTRIBUTE_SOURCES)
		.flat()
		.flatMap(({ attribute, values }): [string, ReadonlyMap<string, string>][] =>
			values === undefined || GROUPS.get(attribute)?.column !== undefined ? [] : [[attribute, RENAMED_VALUES[values]]],
		),
]);

/** Made once for each key: a filter on the screen asks for every row. */
const KNOWN = new Map([...GROUPS.keys(), ...READINGS.keys()].map((key) => [key, allOf(key)]));

function allOf(key: string): AttributeNames {
	const group = GROUPS.get(key) ?? { names: [key] };
	const values = new Map([...VALUES].filter(([name]) => group.names.includes(name)));
	const readings = READINGS.get(key);
	return { ...group, ...(values.size === 0 ? {} : { values }), ...(readings === undefined ? {} : { readings }) };
}

export const attributeNames = (key: string): AttributeNames => KNOWN.get(key) ?? { names: [key] };
