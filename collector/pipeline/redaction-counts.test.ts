import { expect, test } from 'vitest';
import { RedactionCounts } from './redaction-counts.ts';

test('counts by attribute and rule, most frequent first', () => {
	const counts = new RedactionCounts();
	counts.add('url.full', 'query-key');
	counts.add('note', 'json-web-token');
	counts.add('note', 'json-web-token');
	expect(counts.list()).toEqual([
		{ key: 'note', rule: 'json-web-token', count: 2 },
		{ key: 'url.full', rule: 'query-key', count: 1 },
	]);
});

test('keys without end are counted together', () => {
	const counts = new RedactionCounts();
	for (let i = 0; i < 5_000; i++) counts.add(`key${i}`, 'attribute');
	expect(counts.list()).toHaveLength(1_001);
	expect(counts.list()[0]).toEqual({ key: '(other)', rule: 'attribute', count: 4_000 });
});

test('long keys are cut', () => {
	const counts = new RedactionCounts();
	counts.add('k'.repeat(10_000), 'attribute');
	expect(counts.list()[0]?.key).toHaveLength(128);
});
