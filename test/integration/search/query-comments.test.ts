import { afterAll, beforeAll, expect, test } from 'vitest';
import { queryComment } from '../../../collector/analysis/query-comment.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { openSearchStore } from './search-store.ts';
import type { SearchStore } from './search-store.ts';

const QUERIES: Readonly<Record<string, string>> = {
	a: "SELECT * FROM cart /*action='run',controller='cart%20list',route='%2Fcart%2F%3Aid',traceparent='00-ab-cd-01'*/",
	b: "SELECT 1 /*controller='it\\'s',framework='rails%3A7'*/ ; ",
	c: "/*route='/before'*/ SELECT 2",
	d: 'SELECT 3 /* only words */',
	e: "SELECT '/*route=x*/'",
	f: 'SELECT 4',
	9: "SELECT 5 /*bad='%zz'*/",
};
const span = (id: string, query: string): PlainSpan => ({
	traceId: id.repeat(32),
	spanId: id.repeat(16),
	startUnixNano: 1_795_000_000_000_000_000n,
	endUnixNano: 1_795_000_000_001_000_000n,
	kind: 3,
	attributes: [
		['db.system', { stringValue: 'postgresql' }],
		['db.statement', { stringValue: query }],
	],
});

let store: SearchStore;
beforeAll(async () => {
	store = await openSearchStore();
	await store.insert(Object.entries(QUERIES).map(([id, query]) => span(id, query)));
});
afterAll(() => store.close());

const found = async (q: string): Promise<string> => (await store.find(q)).map((id) => id[0]).join('');

test.each([
	['"sqlcommenter.route":*', 'ac'],
	['"sqlcommenter.route":"/cart/:id"', 'a'],
	['"sqlcommenter.controller":"cart list"', 'a'],
	['"sqlcommenter.controller":"it\'s"', 'b'],
	['"sqlcommenter.framework":rails*', 'b'],
	['"sqlcommenter.traceparent":00-ab-cd-01', 'a'],
	['"sqlcommenter.bad":*', '9'],
	['"sqlcommenter.words":*', ''],
	['sqlcommenter.action:run', 'a'],
])('%s finds %s', async (q, ids) => {
	expect(await found(q)).toBe(ids);
});

test('queries stay what was sent', async () => {
	const rows = await store.clickhouse.rows<{ text: string }>(
		"SELECT attributes_string['db.statement'] AS text FROM spans ORDER BY span_id",
		{},
	);
	expect(rows.map(({ text }) => text)).toEqual(Object.values(QUERIES));
});

test('what the screen reads in a query is what a search finds', async () => {
	const rows = await store.clickhouse.rows<{ pairs: Record<string, string> }>(
		'SELECT query_comment AS pairs FROM spans ORDER BY span_id',
		{},
	);
	const read = Object.values(QUERIES).map((query) => Object.fromEntries(queryComment(query)));
	expect(rows.map(({ pairs }) => pairs)).toEqual(read);
});
