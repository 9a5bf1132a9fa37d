import { printKey } from '../../schema/query-print.ts';
import type { Expression, Key, Query } from '../../schema/query-syntax.ts';
import { attributeNames } from './query-attribute-names.ts';

/** Every key that a query asks about, as the search language writes it, under all of its names. */
export function keysOfQuery({ where }: Query): Set<string> {
	const keys = new Set<string>();
	if (where !== undefined) for (const key of keysWithin(where)) for (const name of namesOf(key)) keys.add(name);
	return keys;
}

function* keysWithin(expression: Expression): Generator<Key> {
	switch (expression.kind) {
		case 'term':
			yield expression.key;
			break;
		case 'and':
		case 'or':
			for (const operand of expression.operands) yield* keysWithin(operand);
			break;
		case 'not':
			yield* keysWithin(expression.operand);
			break;
		case 'spans':
			if (expression.where !== undefined) yield* keysWithin(expression.where);
			break;
		case 'structure':
			yield* keysWithin(expression.left);
			yield* keysWithin(expression.right);
			break;
		case 'counted':
			yield* keysWithin(expression.of);
			break;
	}
}

function namesOf(key: Key): string[] {
	if (key.kind !== 'attribute') return [printKey(key)];
	const { names, readings = [] } = attributeNames(key.key);
	const read = key.scope === 'any' || key.scope === 'span' ? readings.flatMap(({ from }) => from) : [];
	return [...names, ...read].map((name) => printKey({ ...key, key: name }));
}
