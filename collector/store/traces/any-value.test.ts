import { expect, test } from 'vitest';
import type { AnyValue } from '../../../schema/api.ts';
import { taggedValue } from '../../../test/support/span-block.ts';
import { untagAttributes, untagValue } from './any-value.ts';

test.each<AnyValue>([
	{ stringValue: '' },
	{ stringValue: 'i42' },
	{ intValue: '-9223372036854775808' },
	{ doubleValue: 0.1 },
	{ doubleValue: 1e300 },
	{ doubleValue: 'NaN' },
	{ doubleValue: '-Infinity' },
	{ doubleValue: '-0' },
	{ boolValue: false },
	{ bytesValue: 'AAE=' },
	{ arrayValue: { values: [{ intValue: '9007199254740993' }] } },
	{ arrayValue: { values: [{ doubleValue: '-0' }, { stringValue: ':-0' }] } },
	{},
])('%j comes back from its tagged form', (value) => {
	expect(untagValue(taggedValue(value))).toEqual(value);
});

test('keys that objects treat specially are keys like others', () => {
	const stored = JSON.parse('{"__proto__":"s1","constructor":"i2"}') as Record<string, string>;
	expect(untagAttributes(Object.entries(stored))).toEqual([
		{ key: '__proto__', value: { stringValue: '1' } },
		{ key: 'constructor', value: { intValue: '2' } },
	]);
});

test('minus zero within a value keeps its sign, which JSON.stringify would take', () => {
	const value = untagValue('j{"arrayValue":{"values":[{"doubleValue":-0},{"doubleValue":0},{"stringValue":":-0"}]}}');
	expect(JSON.stringify(value)).toBe(
		'{"arrayValue":{"values":[{"doubleValue":"-0"},{"doubleValue":0},{"stringValue":":-0"}]}}',
	);
});
