/** Distinct pairs that are counted by name; attackers can make up keys without end. */
const MAX_PAIRS = 1_000;
const MAX_KEY_LENGTH = 128;

export interface RedactionCount {
	key: string;
	rule: string;
	count: number;
}

/** How often secrets were found, by attribute and rule. Values never come here. */
export class RedactionCounts {
	readonly #counts = new Map<string, RedactionCount>();

	add(key: string, rule: string, more = 1): void {
		const short = key.length > MAX_KEY_LENGTH ? `${key.slice(0, MAX_KEY_LENGTH - 1)}…` : key;
		const pair = `${rule}\n${short}`;
		const known = this.#counts.get(pair);
		if (known !== undefined) known.count += more;
		else if (this.#counts.size < MAX_PAIRS) this.#counts.set(pair, { key: short, rule, count: more });
		else this.#addToRest(rule, more);
	}

	/** Most frequent first. */
	list(): RedactionCount[] {
		return [...this.#counts.values()].map((count) => ({ ...count })).sort((a, b) => b.count - a.count);
	}

	/** One pair more for each rule, of which there are few. */
	#addToRest(rule: string, more: number): void {
		const pair = `${rule}\n`;
		const rest = this.#counts.get(pair);
		if (rest === undefined) this.#counts.set(pair, { key: '(other)', rule, count: more });
		else rest.count += more;
	}
}
