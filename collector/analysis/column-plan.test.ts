import { expect, test } from 'vitest';
import { hasOneValue } from '../../schema/grouping-key.ts';
import { ATTRIBUTE_SCOPES, SPAN_FIELDS, TRACE_FIELDS } from '../../schema/query-syntax.ts';
import type { Key, SpanField, TraceField } from '../../schema/query-syntax.ts';
import { groupingColumns, planColumns } from './column-plan.ts';

const keys: Key[] = [
	...Object.keys(SPAN_FIELDS).map((field): Key => ({ kind: 'span', field: field as SpanField })),
	...Object.keys(TRACE_FIELDS).map((field): Key => ({ kind: 'trace', field: field as TraceField })),
	...[...ATTRIBUTE_SCOPES, 'any' as const].map((scope): Key => ({ kind: 'attribute', scope, key: 'a' })),
];

test('what a rule may be grouped by is what there is SQL for', () => {
	const [some, others] = [keys.filter(hasOneValue), keys.filter((key) => !hasOneValue(key))];
	expect(some.filter((key) => !('values' in planColumns([key])))).toEqual([]);
	expect(others.filter((key) => 'values' in planColumns([key]))).toEqual([]);
	expect([some.length, others.length]).toEqual([18, 13]);
});

test('keys are read as the search language writes them, and others are attributes of that name', () => {
	const { keys: read } = groupingColumns(['service', 'resource.host.name', '"span.kind"', "' OR 1=1 --", 'a:b']);
	expect(read).toEqual([
		{ kind: 'span', field: 'service' },
		{ kind: 'attribute', scope: 'resource', key: 'host.name' },
		{ kind: 'attribute', scope: 'any', key: 'span.kind' },
		{ kind: 'attribute', scope: 'any', key: "' OR 1=1 --" },
		{ kind: 'attribute', scope: 'any', key: 'a:b' },
	]);
	expect(() => groupingColumns(['service', 'trace.duration'])).toThrow('trace.duration has no single value');
});

test('what is absent is not read, and what is looked for is told', () => {
	const key: Key = { kind: 'attribute', scope: 'any', key: 'app.tenant' };
	const whole = planColumns([key]);
	const absent = { maps: new Set(['int64', 'double', 'bool'] as const), resourceKeys: new Set(['app.tenant']) };
	const part = planColumns([key], absent);
	if (!('values' in whole && 'values' in part)) throw new Error('there is no SQL');
	expect(whole.looksFor).toEqual({
		maps: ['string', 'int64', 'double', 'bool'],
		keys: ['app.tenant'],
		resourceKeys: ['app.tenant'],
	});
	expect(whole.values[0]).toContain('FROM resources');
	expect(part.values).toEqual(['attributes_string[{c0:String}]']);
	const ofResource = planColumns([{ ...key, scope: 'resource' }], absent);
	expect('values' in ofResource && ofResource.values).toEqual(["''"]);
	expect(planColumns([{ kind: 'span', field: 'service' }])).not.toHaveProperty('looksFor');
});
