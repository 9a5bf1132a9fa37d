import type { AnyValue } from '../../schema/api.ts';
import { printTerm } from '../../schema/query-print.ts';
import { ATTRIBUTE_SCOPES, SPAN_FIELDS, TRACE_FIELDS } from '../../schema/query-syntax.ts';
import type { AttributeScope, Value } from '../../schema/query-syntax.ts';
import { showValue } from './any-value.ts';

/** Longer ones fit into no address. */
const LONGEST = 1000;

/** The search for spans that carry this attribute, or undefined where the language has no words for the value. */
export function similarQuery(scope: AttributeScope, key: string, value: AnyValue): string | undefined {
	const found = toQueryValue(value);
	if (found === undefined || key === '') return undefined;
	const told = scope === 'any' && isTaken(key) ? 'span' : scope;
	const query = printTerm({ key: { kind: 'attribute', scope: told, key }, operator: ':', values: [found] });
	return query.length <= LONGEST ? query : undefined;
}

/** Would be read as a field of spans or traces, or as the scope of another key. */
const isTaken = (key: string): boolean =>
	key === 'has' ||
	Object.hasOwn(SPAN_FIELDS, key) ||
	Object.hasOwn(TRACE_FIELDS, key) ||
	ATTRIBUTE_SCOPES.some((scope) => key.startsWith(`${scope}.`));

function toQueryValue(value: AnyValue): Value | undefined {
	const { text, type } = showValue(value);
	switch (type) {
		case 'string':
			return { kind: 'text', text };
		case 'int':
		case 'double':
			return Number.isFinite(Number(text)) ? { kind: 'number', text } : undefined;
		case 'bool':
			return { kind: 'boolean', text: text === 'true' ? 'true' : 'false' };
		default:
			return undefined;
	}
}

const HALF_HOUR_MS = 1_800_000;

/** Where to look for them: around the trace, whenever that was. */
export const windowAround = (startMs: number, endMs: number): { from: number; to: number; t: undefined } => ({
	from: Math.floor(startMs) - HALF_HOUR_MS,
	to: Math.ceil(endMs) + HALF_HOUR_MS,
	t: undefined,
});
