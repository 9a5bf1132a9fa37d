import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchRoute } from './route-match.ts';

const routes = ['/', '/services', '/services/:name', '/trace/:traceId'].map((pattern) => ({ pattern }));
const matched = (path: string) => {
	const match = matchRoute(routes, path);
	return match && [match.route.pattern, ...match.parameters.values()];
};

test('the first fitting pattern wins, with or without a slash at the end', () => {
	expect(matched('/')).toEqual(['/']);
	expect(matched('/services/')).toEqual(['/services']);
	expect(matched('/services/cart')).toEqual(['/services/:name', 'cart']);
	expect(matched('/nothing')).toBeUndefined();
	expect(matched('/services/a/b')).toBeUndefined();
});

test('a name with a slash or any other character survives in one part', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
			expect(matched(`/services/${encodeURIComponent(name)}`)).toEqual(['/services/:name', name]);
		}),
	);
});

test('a badly encoded path is no route rather than an exception', () => {
	expect(matched('/services/%E0%A4%A')).toBeUndefined();
});
