import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readForm, writeField } from './query-form.ts';
import { termOf } from './query-text.ts';

test('the form shows the terms that it stands for, and leaves the others', () => {
	const q = 'http.route:/cart service:checkout -kind:client duration>=500ms error:true "free text"';
	expect(readForm(q)).toEqual({ service: 'checkout', operation: '', minDuration: '500ms', errorsOnly: true });
	expect(writeField(q, 'service', termOf('service', 'cart'))).toBe(q.replace('checkout', 'cart'));
	expect(writeField(q, 'error', '')).toBe(q.replace(' error:true', ''));
	expect(writeField(q, 'operation', termOf('operation', 'GET /'))).toBe(`${q} operation:"GET /"`);
});

test('any name goes into the query and comes back from it', () => {
	const name = fc
		.string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
		.filter((text) => text.trim() === text && !/ {2,}/.test(text));
	fc.assert(
		fc.property(name, fc.constantFrom('', 'error:true', 'a b', '-service:other'), (service, before) => {
			const q = writeField(before, 'service', termOf('service', service));
			expect(readForm(q)?.service).toBe(service);
			expect(writeField(q, 'service', '')).toBe(before);
		}),
	);
});

test('a query that the form cannot show is left alone', () => {
	for (const q of ['service:a OR service:b', '{service:a} >> {error:true}', 'duration>500'])
		expect(readForm(q)).toBeUndefined();
	expect(readForm('service:a*')?.service).toBe('');
	expect(readForm('')).toEqual({ service: '', operation: '', minDuration: '', errorsOnly: false });
});
