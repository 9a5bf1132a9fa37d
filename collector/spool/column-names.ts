/** Names of the columns that together hold one of the block, made once. */
interface PartNames {
	bytes: string;
	ends: string;
	ids: string;
	entries: string;
	keys: string;
}

const partNames = new Map<string, PartNames>();

/** `name` is one of the few of a block, or that of a promoted attribute. */
export function partsOf(name: string): PartNames {
	const found = partNames.get(name);
	if (found !== undefined) return found;
	const names = {
		bytes: `${name}.bytes`,
		ends: `${name}.ends`,
		ids: `${name}.ids`,
		entries: `${name}.entries`,
		keys: `${name}.keys`,
	};
	partNames.set(name, names);
	return names;
}
