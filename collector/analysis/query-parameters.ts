/** The maps of a span's attributes, by the types of their values. */
export const SPAN_MAPS = ['string', 'int64', 'double', 'bool', 'other'] as const;
export type SpanMap = (typeof SPAN_MAPS)[number];

/** In which maps of attributes values are looked for, and under which keys; and under which among the attributes of resources. */
export interface LooksFor {
	maps: readonly SpanMap[];
	keys: readonly string[];
	resourceKeys: readonly string[];
}

/** What needn't be read, as the caller found out: maps in which no span has any of the keys, and keys that no resource has. */
export interface Absent {
	maps?: ReadonlySet<SpanMap>;
	resourceKeys?: ReadonlySet<string>;
}

/** Collects what a query binds. SQL is made of our own words and of these placeholders, never of what somebody typed. */
export class QueryParameters {
	readonly values: Record<string, unknown> = {};
	/** Looked for in maps of attributes, and in which of them. */
	readonly mapKeys = new Set<string>();
	readonly maps = new Set<SpanMap>();
	/** Looked for among the attributes of resources. */
	readonly resourceKeys = new Set<string>();
	readonly #absent: Absent;
	readonly #prefix: string;
	/** One placeholder per type and value, however often it is used. */
	readonly #placeholders = new Map<string, string>();

	/** @param prefix of the names: two queries in one statement must not share them */
	constructor(prefix = 'q', absent: Absent = {}) {
		this.#prefix = prefix;
		this.#absent = absent;
	}

	isInMap(map: SpanMap): boolean {
		return this.#absent.maps?.has(map) !== true;
	}

	isInResources(key: string): boolean {
		return this.#absent.resourceKeys?.has(key) !== true;
	}

	/** Nothing where no attribute is looked for. */
	looksFor(): { looksFor?: LooksFor } {
		if (this.maps.size === 0 && this.resourceKeys.size === 0) return {};
		return {
			looksFor: { maps: [...this.maps], keys: [...this.mapKeys], resourceKeys: [...this.resourceKeys] },
		};
	}

	string(value: string): string {
		return this.#bind('String', value, value);
	}

	/** Whole numbers travel as text: JavaScript's own would round them. */
	uint64(value: bigint): string {
		return this.#bind('UInt64', value, value.toString());
	}

	/** A number as written: whole ones within int64 stay exact, others are doubles. */
	number(text: string): string {
		const whole = wholeNumber(text);
		return whole === undefined
			? this.#bind('Float64', text, Number(text))
			: this.#bind('Int64', whole, whole.toString());
	}

	#bind(type: string, identity: string | bigint, value: unknown): string {
		const key = `${type} ${identity}`;
		const known = this.#placeholders.get(key);
		if (known !== undefined) return known;
		const name = `${this.#prefix}${this.#placeholders.size}`;
		const placeholder = `{${name}:${type}}`;
		this.#placeholders.set(key, placeholder);
		this.values[name] = value;
		return placeholder;
	}
}

/** Undefined where a number, as `500` or `5e2`, is not whole or not exactly one of int64. */
export function wholeNumber(text: string): bigint | undefined {
	const isPlain = /^[+-]?\d{1,19}$/.test(text);
	if (!isPlain && !Number.isSafeInteger(Number(text))) return undefined;
	const whole = BigInt(isPlain ? text : Number(text));
	return BigInt.asIntN(64, whole) === whole ? whole : undefined;
}

/**
 * Joins conditions; of none, what neither of them would be. `0` and `1` never stay within others: with such constants,
 * ClickHouse's indexes leave out rows that match (its issue 119528).
 */
export const anyOf = (conditions: readonly string[]): string => joined(conditions, ' OR ', '0', '1');
export const allOf = (conditions: readonly string[]): string => joined(conditions, ' AND ', '1', '0');

export function not(condition: string): string {
	if (condition === '0') return '1';
	return condition === '1' ? '0' : `(NOT ${condition})`;
}

function joined(conditions: readonly string[], by: string, none: string, all: string): string {
	if (conditions.includes(all)) return all;
	const asked = conditions.filter((condition) => condition !== none);
	return asked.length > 1 ? `(${asked.join(by)})` : (asked[0] ?? none);
}
