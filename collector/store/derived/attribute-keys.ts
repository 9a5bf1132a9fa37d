/** Keys as the search language writes them, of what is counted by key. */
import type { AttributeKey } from '../../../schema/api-attributes.ts';
import { printKey } from '../../../schema/query-print.ts';
import { SPAN_FIELDS, TRACE_FIELDS } from '../../../schema/query-syntax.ts';
import type { SpanField } from '../../../schema/query-syntax.ts';

export type PlacedKey = Pick<AttributeKey, 'key' | 'scope'>;

/** Fields whose values are counted. */
export const COUNTED_FIELDS = [
	'service',
	'operation',
	'name',
	'kind',
	'type',
	'status',
	'error',
	'entry',
	'env',
	'version',
	'instance',
	'scope',
	'statusMessage',
] as const satisfies readonly SpanField[];
export const FIELD_KEYS: ReadonlySet<string> = new Set(COUNTED_FIELDS);

export const keyOfField = (key: string): PlacedKey => ({ key, scope: 'field' });

/** An attribute that is named like a field is asked for by its scope. */
export const keyOfSpan = (key: string): PlacedKey => {
	const isReserved = Object.hasOwn(SPAN_FIELDS, key) || Object.hasOwn(TRACE_FIELDS, key);
	return { key: printKey({ kind: 'attribute', scope: isReserved ? 'span' : 'any', key }), scope: 'span' };
};

export const keyOfResource = (key: string): PlacedKey => ({
	key: printKey({ kind: 'attribute', scope: 'resource', key }),
	scope: 'resource',
});
