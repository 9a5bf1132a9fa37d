import { expect, test } from 'vitest';
import { parseQuery } from '../../../schema/query-language.ts';
import { alertAddress } from './alert-address.ts';

test('a rule begins from what is drawn, in the environment that is looked at, at twice what is usual', () => {
	expect(alertAddress({ query: 'service:a', measure: 'p95', value: 412e6, environment: 'prod' })).toEqual({
		q: 'service:a env:prod',
		measure: undefined,
		spans: undefined,
		by: undefined,
		bound: '800ms',
	});
	expect(alertAddress({ query: '', measure: 'errorPercent', spans: 'all', value: 0, environment: '' })).toMatchObject({
		q: '',
		measure: 'errorPercent',
		spans: 'all',
		bound: undefined,
	});
	const { q } = alertAddress({ query: 'a:1 OR b:2', measure: 'p95', environment: 'x y' });
	expect(q).toBe('(a:1 OR b:2) env:"x y"');
	expect(parseQuery(q).kind).toBe('query');
});
