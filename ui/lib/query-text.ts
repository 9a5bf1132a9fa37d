import type { SpanField } from '../../schema/query-syntax.ts';

const WORD = /^[A-Za-z_][\w./-]*$/;

/** `service:checkout`, quoted where the value has anything that the language reads. */
export function termOf(field: SpanField, value: string): string {
	const isPlain = WORD.test(value) && !['AND', 'OR', 'NOT', 'true', 'false'].includes(value);
	return `${field}:${isPlain ? value : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`}`;
}
