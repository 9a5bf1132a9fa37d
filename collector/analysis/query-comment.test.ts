import { expect, test } from 'vitest';
import { queryComment } from './query-comment.ts';

test.each([
	["SELECT 1 /*action='run',route='%2Fcart%2F%3Aid'*/", { action: 'run', route: '/cart/:id' }],
	["/*framework='rails%3A7'*/ SELECT 1", { framework: 'rails:7' }],
	["SELECT 1 /*controller='it\\'s'*/ ;\n", { controller: "it's" }],
	["SELECT '/*a=''b''*/' FROM t", {}],
	["SELECT 1 /*a='b'*/ FROM t", {}],
	["SELECT 1 /* only words */ /*a='1',a='2'*/", { a: '2' }],
	["SELECT 1 /*bad='%zz'*/", { bad: '%zz' }],
	['SELECT 1', {}],
	["SELECT 1 /*__proto__='x'*/", { ['__proto__']: 'x' }],
])('%s', (query, pairs) => {
	expect([...queryComment(query)]).toEqual(Object.entries(pairs));
});

test('a query made to be slow is not: many beginnings of comments, none of which ends', () => {
	expect([...queryComment(`${'/*'.repeat(20_000)} */x`)]).toEqual([]);
});
