import { printKey } from '../../schema/query-print.ts';
import { groupingKey } from '../../schema/grouping-key.ts';
import type { Key } from '../../schema/query-syntax.ts';
import { keyValue } from './key-value.ts';
import { QueryParameters } from './query-parameters.ts';
import type { Absent, LooksFor } from './query-parameters.ts';

/** The values of some keys of a span, as SQL for texts, and what it binds. */
export interface ColumnPlan {
	keys: readonly Key[];
	/** In the order of the keys; empty where a span has none. */
	values: readonly string[];
	parameters: Record<string, unknown>;
	/** Undefined where no attribute is read from a map. */
	looksFor?: LooksFor;
}

/**
 * Or the first key that a span has no single value of.
 * @param absent of what it looks for
 */
export function planColumns(keys: readonly Key[], absent?: Absent): ColumnPlan | { uncountable: string } {
	const bind = new QueryParameters('c', absent);
	const values: string[] = [];
	for (const key of keys) {
		const value = keyValue(key, bind);
		if (value === undefined) return { uncountable: printKey(key) };
		values.push(value);
	}
	return { keys, values, parameters: bind.values, ...bind.looksFor() };
}

/**
 * The same of what groups are made by, as a request or a rule has it.
 * @throws Error of a key that a span has no single value of: `hasOneValue` says which before
 */
export function groupingColumns(by: readonly string[]): ColumnPlan {
	const planned = planColumns(by.map(groupingKey));
	if ('values' in planned) return planned;
	throw new Error(`${planned.uncountable} has no single value on a span`);
}
