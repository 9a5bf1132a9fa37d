import { printKey } from '../../schema/query-print.ts';
import type { Key } from '../../schema/query-syntax.ts';
import { keyValue } from './key-value.ts';
import { QueryParameters } from './query-parameters.ts';

/** The values of some keys of a span, as SQL for texts, and what it binds. */
export interface ColumnPlan {
	values: readonly string[];
	parameters: Record<string, unknown>;
}

/** Or the first key that a span has no single value of. */
export function planColumns(keys: readonly Key[]): ColumnPlan | { uncountable: string } {
	const bind = new QueryParameters('c');
	const values: string[] = [];
	for (const key of keys) {
		const value = keyValue(key, bind);
		if (value === undefined) return { uncountable: printKey(key) };
		values.push(value);
	}
	return { values, parameters: bind.values };
}
