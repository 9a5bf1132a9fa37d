import { describe, expect, test } from 'vitest';
import { documentSchema } from '../../../schema/desired-state.ts';
import type { DocumentOf } from '../../../schema/desired-state.ts';
import { groupMatcher } from './match-group.ts';
import { ruleOf, stepOf } from './rule-of-document.ts';
import { writeQuantity } from './write-quantity.ts';

function read(spec: Record<string, unknown>) {
	const document = documentSchema.parse({
		apiVersion: 'spanhouse.dev/v1',
		kind: 'Alert',
		metadata: { name: 'a' },
		spec: { query: 'service:a', measure: 'p95', conditions: [{ severity: 'page', above: '1s' }], ...spec },
	});
	return ruleOf(document as DocumentOf<'Alert'>);
}
const problemsOf = (spec: Record<string, unknown>): string[] => {
	const found = read(spec);
	return found.kind === 'problems' ? found.problems.map(({ path }) => path) : [];
};

test('durations, percentages and numbers become numbers of the measure', () => {
	const of = (measure: string, above: unknown) => {
		const found = read({ measure, conditions: [{ severity: 'page', above, for: '3 of 5' }] });
		return found.kind === 'rule'
			? [found.rule.unit, found.rule.conditions[0]!.test.threshold]
			: found.problems[0]!.message;
	};
	expect(of('p95', '1m30s')).toEqual(['nanoseconds', 90e9]);
	expect(of('errorPercent', '2.5%')).toEqual(['percent', 2.5]);
	expect(of('requestsPerSecond', 0.5)).toEqual(['perSecond', 0.5]);
	expect(of('apdex(500ms)', 0.9)).toEqual(['ratio', 0.9]);
	expect(of('p95', 5)).toBe('5: expected a duration with its unit, such as 800ms');
	expect(of('p95', '5%')).toBe('5%: expected a duration with its unit, such as 800ms');
	expect(of('count', '5m')).toBe('5m: expected a number, such as 100');
	expect(of('apdex(500ms)', 9)).toBe('9: expected a number from 0 to 1, such as 0.9');
});

test.each<[Record<string, unknown>, string[]]>([
	[{ window: '1500ms' }, ['spec.window']],
	[{ window: '8d' }, ['spec.window']],
	[{ groupBy: ['service', 'duration'] }, ['spec.groupBy.1']],
	[{ every: '10ms' }, ['spec.every']],
	[{ window: '7d', every: '7s' }, ['spec.every']],
	[{ query: 'duration>' }, ['spec.query']],
	[{ conditions: [{ severity: 'page', above: '1s', for: '6 of 5' }] }, ['spec.conditions.0.for']],
	[{ conditions: [{ severity: 'page', above: '1s', for: '0 of 5' }] }, ['spec.conditions.0.for']],
	[{ conditions: [{ severity: 'page', above: '1s', for: '8d' }] }, ['spec.conditions.0.for']],
	[{ conditions: [{ severity: 'page', above: '1s', recoverBelow: '2s' }] }, ['spec.conditions.0.recoverBelow']],
	[{ conditions: [{ severity: 'page', above: '1s', recoverAbove: '2s' }] }, ['spec.conditions.0.recoverAbove']],
	[{ conditions: [{ severity: 'page', below: '1s', recoverAbove: '500ms' }] }, ['spec.conditions.0.recoverAbove']],
	[{ conditions: [{ severity: 'page', below: '1s', recoverBelow: '500ms' }] }, ['spec.conditions.0.recoverBelow']],
	[{ conditions: [{ severity: 'page', changedBy: '0%', against: '1d' }] }, ['spec.conditions.0.changedBy']],
	[{ conditions: [{ severity: 'page', changedBy: '5%', against: '90s' }] }, ['spec.conditions.0.against']],
	[{ conditions: [{ severity: 'page', changedBy: '5%', against: '1d', recoverBelow: '1s' }] }, ['spec.conditions.0']],
	[
		{ overrides: [{ match: 'service:b', conditions: [{ severity: 'page', above: 7 }] }] },
		['spec.overrides.0.match', 'spec.overrides.0.conditions.0.above'],
	],
	[{}, []],
])('%j: what is wrong is said with its place', (spec, paths) => {
	expect(problemsOf(spec)).toEqual(paths);
});

test('windows are put together of the longest steps that fit', () => {
	expect(stepOf(300_000, 60_000)).toBe(60_000);
	expect(stepOf(60_000, 10_000)).toBe(10_000);
	expect(stepOf(420_000, 120_000)).toBe(60_000);
	expect(stepOf(600_000, 300_000)).toBe(300_000);
});

describe('an override matches groups by the search language', () => {
	const group = { 'http.route': '/cart/items', service: 'shop/cart' };
	test.each<[string, boolean]>([
		['http.route:/cart/items', true],
		['http.route:/cart/*', true],
		['http.route:*/items', true],
		['http.route:/c*t*s', true],
		['http.route:/cart/items*s', false],
		['http.route:(/a OR /cart/items)', true],
		['http.route!=/cart/items', false],
		['http.route!=/other', true],
		['has:service', true],
		['-service:shop/cart', false],
		['service:shop/cart http.route:/other', false],
		['service:other OR http.route:/cart*', true],
		['', true],
	])('%s', (match, expected) => {
		const matcher = groupMatcher(match, ['http.route', 'service']);
		expect(typeof matcher === 'function' && matcher(group)).toBe(expected);
	});
	test.each(['duration>5s', 'http.route>5', 'free text', '{service:a}', 'http.route:'])('%s is refused', (match) => {
		expect(typeof groupMatcher(match, ['http.route'])).toBe('string');
	});
});

test('quantities are written for people', () => {
	expect(writeQuantity(912.4e6, 'nanoseconds')).toBe('912 ms');
	expect(writeQuantity(90e9, 'nanoseconds')).toBe('1.5 min');
	expect(writeQuantity(12, 'nanoseconds')).toBe('12 ns');
	expect(writeQuantity(5.126, 'percent')).toBe('5.13 %');
	expect(writeQuantity(0.25, 'perSecond')).toBe('0.25/s');
	expect(writeQuantity(null, 'count')).toBe('no data');
});
