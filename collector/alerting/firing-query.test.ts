import { expect, test } from 'vitest';
import { parseQuery } from '../../schema/query-language.ts';
import { environmentsOf, firingQuery, servicesOf, violating } from './firing-query.ts';

test.each<[string, 'entry' | 'all', Record<string, string>, string]>([
	['service:a', 'entry', {}, 'service:a entry:true'],
	['', 'all', {}, ''],
	['service:a OR service:b', 'entry', {}, '(service:a OR service:b) entry:true'],
	['env:prod', 'all', { 'http.route': '/a b' }, 'env:prod http.route:"/a b"'],
	['env:prod', 'all', { 'user.tier': '' }, 'env:prod -has:user.tier'],
	['{service:a} >> {error:true}', 'entry', { service: 'x' }, '{service:a} >> {error:true}'],
])('%j of %s spans in %j', (query, spans, group, expected) => {
	const found = firingQuery(query, spans, group);
	expect(found).toBe(expected);
	expect(parseQuery(found).kind).toBe('query');
});

test('hostile values of groups stay values', () => {
	for (const text of ['" OR service:*', 'a\\', "'; DROP", '* {', 'true', '5ms', 'a OR b']) {
		const query = firingQuery('env:prod', 'entry', { 'http.route': text, service: text, error: text });
		const parsed = parseQuery(query);
		expect(parsed.kind).toBe('query');
		expect(parsed.kind === 'query' && parsed.query.where?.kind === 'and' && parsed.query.where.operands).toHaveLength(
			5,
		);
	}
});

test('which spans violate follows from the measure', () => {
	const above = { kind: 'above', threshold: 8e8, recover: 8e8 } as const;
	const below = { ...above, kind: 'below' } as const;
	const change = { kind: 'change', threshold: 50, before: 0 } as const;
	expect(violating('p95', above)).toBe('duration>800000000ns');
	expect(violating('p95', below)).toBe('duration<800000000ns');
	expect(violating('errorPercent', above)).toBe('error:true');
	expect(violating('errorsPerSecond', below)).toBeUndefined();
	expect(violating('apdex(500ms)', below)).toBe('error:true OR duration>500ms');
	expect(violating('count', above)).toBeUndefined();
	expect(violating('p95', change)).toBeUndefined();
});

test('services and environments are those that the query or the group names', () => {
	expect(servicesOf('service:(a OR shop/b) env:prod', {})).toEqual(['a', 'shop/b']);
	expect(servicesOf('service:a', { service: 'b' })).toEqual(['b']);
	expect(servicesOf('service:a OR service:b', {})).toEqual([]);
	expect(servicesOf('-service:a', {})).toEqual([]);
	expect(environmentsOf('service:a env:prod', {})).toEqual(['prod']);
});
