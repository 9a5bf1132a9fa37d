import { expect, test } from 'vitest';
import { parseQuery } from '../../schema/query-language.ts';
import type { SpanField } from '../../schema/query-syntax.ts';
import { asksOnly } from './query-of-fields.ts';

const fields = new Set<SpanField>(['service', 'operation', 'error']);
const asks = (text: string): boolean => {
	const parsed = parseQuery(text);
	if (parsed.kind === 'error') throw new Error(parsed.message);
	return asksOnly(parsed.query, fields);
};

test.each(['', 'service:a', 'service:(a OR b) -error:true', '(service:a OR operation:b*) has:operation'])(
	'%j asks for these fields only',
	(text) => expect(asks(text)).toBe(true),
);

test.each([
	'service:a duration>5ms',
	'service:a OR http.route:/x',
	'-(service:a http.route:/x)',
	'service:a word',
	'trace.spans>5',
	'{service:a} >> {service:b}',
	'{service:a} | count() > 5',
	'span.service:a',
])('%j asks for more', (text) => expect(asks(text)).toBe(false));
