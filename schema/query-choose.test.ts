import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bothOf, inTracesOf, chosenValues, clausesOf, isChoosable, stepsOf, withChoice } from './query-choose.ts';
import { parseQuery } from './query-language.ts';

test('a value is chosen, a second one joins it, and each goes again', () => {
	const one = withChoice('error:true', 'service', 'cart', 'include');
	expect(one).toBe('error:true service:cart');
	const two = withChoice(one, 'service', 'shop/check out', 'include');
	expect(two).toBe('error:true service:(cart OR "shop/check out")');
	expect(chosenValues(two, 'service').included).toEqual(new Set(['cart', 'shop/check out']));
	expect(withChoice(two, 'service', 'cart', 'none')).toBe('error:true service:"shop/check out"');
	expect(withChoice(one, 'service', 'cart', 'none')).toBe('error:true');
	expect(withChoice(two, 'service', 'cart', 'only')).toBe('error:true service:cart');
});

test('an excluded value is a negation of its own, and choosing it ends that', () => {
	const without = withChoice('service:cart', 'http.route', '/a', 'exclude');
	expect(without).toBe('service:cart -http.route:"/a"');
	expect(chosenValues(without, 'http.route').excluded).toEqual(new Set(['/a']));
	expect(withChoice(without, 'http.route', '/b', 'exclude')).toBe('service:cart -http.route:"/a" -http.route:"/b"');
	expect(withChoice(without, 'http.route', '/a', 'include')).toBe('service:cart http.route:"/a"');
});

test('other terms on the key stay: ranges, wildcards, comparisons', () => {
	const text = 'http.route:/cart/* http.response.status_code>=500';
	expect(withChoice(text, 'http.route', 'x', 'include')).toBe(`${text} http.route:x`);
	expect(chosenValues(text, 'http.route').included).toEqual(new Set());
});

test('an OR at the top is bracketed, structure is left alone', () => {
	expect(withChoice('a OR b', 'service', 'cart', 'include')).toBe('(a OR b) service:cart');
	for (const text of ['{service:a} >> {service:b}', 'duration>']) {
		expect(withChoice(text, 'service', 'cart', 'include')).toBe(text);
		expect(isChoosable(text)).toBe(false);
	}
});

test('whatever the value, the query finds it under its key', () => {
	fc.assert(
		fc.property(
			fc.string({ minLength: 1, maxLength: 40 }),
			fc.constantFrom('service', 'span.service', 'k', '"odd key"'),
			(value, key) => {
				const text = withChoice('error:true', key, value, 'include');
				expect(parseQuery(text).kind).toBe('query');
				expect([...chosenValues(text, key).included]).toEqual([value]);
				expect(withChoice(text, key, value, 'none')).toBe('error:true');
				expect([...chosenValues(withChoice(text, key, value, 'exclude'), key).excluded]).toEqual([value]);
			},
		),
	);
});

test('a query is taken apart into what every span must fulfil', () => {
	expect(clausesOf('service:cart -error:true (a OR b)')).toEqual([
		{ clause: 'service:cart', without: '-error:true (a OR b)' },
		{ clause: '-error:true', without: 'service:cart (a OR b)' },
		{ clause: 'a OR b', without: 'service:cart -error:true' },
	]);
	expect(clausesOf('error:true')).toEqual([{ clause: 'error:true', without: '' }]);
	expect(clausesOf('{a} >> {b}')).toEqual([]);
});

test('a query is taken apart into the steps that led to it', () => {
	expect(stepsOf('service:cart -error:true (a OR b)')).toEqual([
		{ clause: 'service:cart', upTo: 'service:cart' },
		{ clause: '-error:true', upTo: 'service:cart -error:true' },
		{ clause: 'a OR b', upTo: 'service:cart -error:true (a OR b)' },
	]);
	expect(stepsOf('{service:a} >> {service:b}')).toEqual([]);
});

test('two queries are one where both are of terms', () => {
	expect(bothOf('a OR b', 'NOT (duration<1s error:true)')).toBe('(a OR b) -(duration<1s error:true)');
	expect(bothOf('', 'version:v2')).toBe('version:v2');
	expect(bothOf('service:cart', '')).toBe('service:cart');
	expect(bothOf('{service:a}', 'version:v2')).toBeUndefined();
	expect(bothOf('service:a', 'duration>')).toBeUndefined();
});

test.each([
	['error:true', 'service:cart type:db', '{error:true} && {service:cart type:db}'],
	['a:1 OR b:2', '{kind:server} < {kind:client}', '{a:1 OR b:2} && ({kind:server} < {kind:client})'],
	['{a:1} >> {b:2}', 'service:cart', '({a:1} >> {b:2}) && {service:cart}'],
	['trace.duration>1s', '{a:1} > {b:2}', '{trace.duration>1s} && ({a:1} > {b:2})'],
])('what is found in traces of %s: %s', (left, right, joined) => {
	expect(inTracesOf(left, right)).toBe(joined);
	expect(parseQuery(joined).kind).toBe('query');
});

test('traces of what can’t be read, or can’t be joined, are none', () => {
	expect(inTracesOf('a:', 'b:1')).toBeUndefined();
	expect(inTracesOf('b:1', 'a:')).toBeUndefined();
	expect(inTracesOf(`x:${'y'.repeat(4090)}`, 'b:1')).toBeUndefined();
});
