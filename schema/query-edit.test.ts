import { describe, expect, test } from 'vitest';
import type { Operator } from './query-syntax.ts';
import { readTerm, withTerm } from './query-edit.ts';

describe('a field of the form changes one term', () => {
	test.each<[text: string, key: string, operator: Operator, value: string | undefined, result: string]>([
		['', 'service', ':', 'checkout', 'service:checkout'],
		['error:true', 'service', ':', 'checkout', 'error:true service:checkout'],
		['service:a   error:true', 'service', ':', 'b', 'service:b   error:true'],
		['service:a error:true', 'service', ':', undefined, 'error:true'],
		['error:true', 'service', ':', undefined, 'error:true'],
		['error:true AND service:a', 'service', ':', undefined, 'error:true'],
		['service:a service:b x', 'service', ':', 'c', 'x service:c'],
		['a OR b', 'service', ':', 'c', '(a OR b) service:c'],
		['service:(a OR b)', 'service', ':', 'c', 'service:c'],
		['', 'operation', ':', 'GET /cart/*', 'operation:"GET /cart/*"'],
		['', 'operation', ':', 'a*', 'operation:"a*"'],
		['duration>=1s', 'duration', '<=', '5s', 'duration>=1s duration<=5s'],
		['duration>=1s', 'duration', '>=', '2s', 'duration>=2s'],
		['', 'http.response.status_code', ':', '500', 'http.response.status_code:500'],
		['', 'version', ':', '1.0', 'version:1.0'],
		['', 'error', ':', 'true', 'error:true'],
		['-service:a', 'service', ':', 'b', '-service:a service:b'],
		['(unfinished', 'service', ':', 'b', '(unfinished'],
		['{a} >> {b}', 'service', ':', 'b', '{a} >> {b}'],
		['', 'has space', ':', 'b', ''],
		['', '"has space"', ':', 'b', '"has space":b'],
	])('%s with %s%s%s', (text, key, operator, value, result) => {
		expect(withTerm(text, key, operator, value)).toBe(result);
		const read = readTerm(result, key, operator);
		expect(read).toBe(result === text ? readTerm(text, key, operator) : value);
	});
});

describe('a field of the form shows a term', () => {
	test.each<[string, string, Operator, string | undefined]>([
		['service:checkout error:true', 'service', ':', 'checkout'],
		['service:"a b"', 'service', ':', 'a b'],
		['duration>500ms', 'duration', '>', '500ms'],
		['duration>500ms', 'duration', '>=', undefined],
		['service:a*', 'service', ':', undefined],
		['service:(a OR b)', 'service', ':', undefined],
		['service:a OR error:true', 'service', ':', undefined],
		['-service:a', 'service', ':', undefined],
		['(bad', 'service', ':', undefined],
	])('%s has %s%s%s', (text, key, operator, value) => {
		expect(readTerm(text, key, operator)).toBe(value);
	});
});
