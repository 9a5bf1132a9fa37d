import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { alertLabels, matchesLabels } from './alert-labels.ts';

const labels = alertLabels({
	rule: 'shop/checkout-is-slow',
	kind: 'Alert',
	severity: 'page',
	group: { 'http.route': '/cart/:id', severity: 'chosen by a sender' },
	labels: { team: 'shop', alert: 'chosen by an author' },
	services: ['shop/checkout', 'shop/payment'],
});

test.each([
	[{}, true],
	[{ team: 'shop' }, true],
	[{ team: 'shop', severity: 'page' }, true],
	[{ team: 'shop', severity: 'ticket' }, false],
	[{ severity: 'chosen by a sender' }, false],
	[{ alert: 'shop/*' }, true],
	[{ alert: 'chosen*' }, false],
	[{ service: 'shop/payment' }, true],
	[{ service: '*/checkout' }, true],
	[{ service: 'shop' }, false],
	[{ 'http.route': '/cart/*' }, true],
	[{ team: '*' }, true],
	[{ missing: '*' }, true],
	[{ missing: '' }, true],
	[{ missing: 'x' }, false],
	[{ team: '' }, false],
	[{ constructor: '' }, true],
	[{ __proto__: null, team: 'SHOP' }, false],
])('%j: %s', (match, expected) => {
	expect(matchesLabels(match as Record<string, string>, labels)).toBe(expected);
});

test('wildcards mean what a regular expression with .* means', () => {
	const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 12 });
	const value = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 12 });
	fc.assert(
		fc.property(text, value, (pattern, found) => {
			const source = pattern.replaceAll(/[.]/g, String.raw`\.`).replaceAll('*', '.*');
			expect(matchesLabels({ x: pattern }, { x: [found] })).toBe(new RegExp(`^${source}$`).test(found));
		}),
		{ numRuns: 5_000 },
	);
});

test('a pattern that makes regular expressions go back and forth ends', () => {
	expect(matchesLabels({ x: `${'*a'.repeat(120)}b` }, { x: ['a'.repeat(10_000)] })).toBe(false);
});
