import { ATTRIBUTE_SOURCES, type AttributeSource, type CanonicalAttribute } from '../../schema/semantic-conventions.ts';

/** A source with its slot: the place in a row's working memory where the attribute is noted when the row has it. */
export interface SlottedSource extends AttributeSource {
	slot: number;
}

const slots = new Map<string, number>();

function slotOf(attribute: string): number {
	const slot = slots.get(attribute) ?? slots.size;
	slots.set(attribute, slot);
	return slot;
}

const slotted = (sources: readonly AttributeSource[]): readonly SlottedSource[] =>
	sources.map((source) => ({ ...source, slot: slotOf(source.attribute) }));

/** The sources of each canonical attribute, by slot. */
const SOURCES = Object.fromEntries(
	Object.entries(ATTRIBUTE_SOURCES).map(([name, sources]) => [name, slotted(sources)]),
) as Record<CanonicalAttribute, readonly SlottedSource[]>;

/** Slot of every attribute that the pipeline reads. */
export const ATTRIBUTE_SLOTS: ReadonlyMap<string, number> = slots;

export const sourcesOf = (attribute: CanonicalAttribute): readonly SlottedSource[] => SOURCES[attribute];
