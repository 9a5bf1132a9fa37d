import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseQuery } from './query-language.ts';
import { explainQuery, printQuery } from './query-print.ts';
import { anyQuery, withoutPlaces } from '../test/support/query-arbitraries.ts';

function parsed(text: string) {
	const result = parseQuery(text);
	if (result.kind === 'error') throw new Error(`${text}: ${result.message}`);
	return result.query;
}

test('a printed query is read as the same query', () => {
	fc.assert(
		fc.property(anyQuery, (query) => {
			expect(withoutPlaces(parsed(printQuery(query)))).toEqual(withoutPlaces(query));
		}),
		{ numRuns: 2000 },
	);
}, 30_000);

test('the explained form is read as the same query', () => {
	fc.assert(
		fc.property(anyQuery, (query) => {
			expect(withoutPlaces(parsed(explainQuery(query)))).toEqual(withoutPlaces(query));
		}),
		{ numRuns: 1000 },
	);
}, 30_000);

test.each([
	['{a!="nil"}'],
	['{a!=("nil" OR b)}'],
	['{a!="`b`"}'],
	[String.raw`{a!=\`*}`],
	['{"rootName"!=x}'],
	['{"instrumentation.x">5}'],
	['{span:"name=x"}'],
	['{trace:"id!~x"}'],
])('%s needs its quotes: without them it would be TraceQL', (text) => {
	expect(printQuery(parsed(text))).toBe(text);
});

test.each([
	['a b OR c', '(a b) OR c'],
	['a OR b c', 'a OR (b c)'],
	['-a b', '-a b'],
	['NOT a b OR c', '(-a b) OR c'],
	['(a OR b) c', '(a OR b) c'],
	['service:x  AND  error:true', 'service:x error:true'],
	['{a b OR c} >> {d}', '{(a b) OR c} >> {d}'],
])('the editor shows %s as %s', (text, explained) => {
	expect(explainQuery(parsed(text))).toBe(explained);
});

test.each([
	['key:*', 'has:key'],
	['key = 5', 'key:5'],
	['duration > 1s', 'duration>1s'],
	['duration:>=1s', 'duration>=1s'],
	['k:100..300', 'k:100..300'],
	['duration:100..300ms', 'duration:100ms..300ms'],
	['k:"500"', 'k:"500"'],
	['k:"abc"', 'k:abc'],
	['version:1.0', 'version:1.0'],
	['key:(a OR "b c" OR 5)', 'key:(a OR "b c" OR 5)'],
	['{a} && {b} | count() > 3', '({a} && {b}) | count() > 3'],
	['"odd key":v', '"odd key":v'],
	['span."odd key":v', 'span."odd key":v'],
	[String.raw`path:a\*b\ c*`, String.raw`path:a\*b\ c*`],
	['span.span.x:1', 'span.span.x:1'],
	[String.raw`a \&&k~b`, 'a "&&k"~"b"'],
	['//k=*', 'has:"//k"'],
	['k=//*', String.raw`k:\//*`],
	['"AND"', '"AND"'],
	['', ''],
])('%s is written %s', (text, written) => {
	expect(printQuery(parsed(text))).toBe(written);
});
