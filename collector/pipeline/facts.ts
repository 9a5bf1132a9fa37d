import { PROMOTED_ATTRIBUTES } from '../../schema/promoted-attributes.ts';
import { ATTRIBUTE_SOURCES, type AttributeSource, type CanonicalAttribute } from '../../schema/semantic-conventions.ts';
import { TextTable } from './text-table.ts';

/**
 * The table of canonical attributes and their sources, numbered for the loop over spans. A *fact* is a canonical
 * attribute, a *source* is one place where it may stand, a *slot* is an attribute name that some source reads. The first
 * facts are those with a column of their own, in the order of these columns.
 */
const facts = [
	...new Set([...PROMOTED_ATTRIBUTES.map(({ attribute }) => attribute), ...Object.keys(ATTRIBUTE_SOURCES)]),
] as CanonicalAttribute[];
const sources: readonly (AttributeSource & { fact: CanonicalAttribute })[] = facts.flatMap((fact) =>
	ATTRIBUTE_SOURCES[fact].map((source) => ({ ...source, fact })),
);
const slots = [...new Set(sources.map((source) => source.attribute))];

export const FACT_COUNT = facts.length;
export const SLOT_COUNT = slots.length;
export const factOf = (attribute: CanonicalAttribute): number => facts.indexOf(attribute);
export const slotOf = (attribute: CanonicalAttribute): number => slots.indexOf(attribute);

/** The sources of fact f are those from `SOURCES_FROM[f]` to `SOURCES_FROM[f + 1]`, first choice first. */
export const SOURCES_FROM = Uint16Array.from([...facts, undefined], (fact) =>
	fact === undefined ? sources.length : sources.findIndex((source) => source.fact === fact),
);
export const SLOT_OF_SOURCE = Uint8Array.from(sources, (source) => slots.indexOf(source.attribute));
/** Bit k set: the source counts for spans of kind k. */
export const KINDS_OF_SOURCE = Uint8Array.from(
	sources,
	({ kinds }: AttributeSource) => kinds?.reduce((bits, kind) => bits | (1 << kind), 0) ?? 0xff,
);
export const PART_OF_SOURCE = sources.map((source) => source.part);
export const RENAMING_OF_SOURCE = sources.map((source) => source.values);
const canonical = Uint8Array.from(sources, ({ attribute, fact }) => (attribute === fact ? 1 : 0));
export const isCanonical = (source: number): boolean => canonical[source] === 1;

/** For each slot the facts that it may be read for, as two words of bits: most facts of most spans are ruled out by them. */
export const FACTS_OF_SLOT_LOW = factBits(0);
export const FACTS_OF_SLOT_HIGH = factBits(32);

function factBits(first: number): Uint32Array {
	return Uint32Array.from(slots, (slot) =>
		sources.reduce((bits, { attribute, fact }) => {
			const bit = facts.indexOf(fact) - first;
			return attribute === slot && bit >= 0 && bit < 32 ? bits | (1 << bit) : bits;
		}, 0),
	);
}

/** For each slot, the bit of the promoted column that takes texts of this very name out of their map; 0 for none. */
export const OWN_TEXT_BITS = ownBits(false);
export const OWN_INTEGER_BITS = ownBits(true);

function ownBits(wantsIntegers: boolean): Uint32Array {
	return Uint32Array.from(slots, (slot) => {
		const column = PROMOTED_ATTRIBUTES.findIndex(
			({ attribute, storage }) => attribute === slot && (storage === 'int64') === wantsIntegers,
		);
		return column < 0 ? 0 : 1 << column;
	});
}

/** Finds the slot of an attribute by the bytes of its name. */
export class SlotNames {
	/** Row i + 1 holds the name of slot i. */
	readonly #names = new TextTable();

	constructor() {
		for (const slot of slots) this.#names.internText(slot);
	}

	/** -1 for a name that no fact is read from. */
	find(bytes: Uint8Array, start: number, end: number): number {
		return this.#names.find(bytes, start, end) - 1;
	}
}
