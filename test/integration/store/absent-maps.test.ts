import { afterAll, beforeAll, expect, test } from 'vitest';
import { SPAN_MAPS } from '../../../collector/analysis/query-parameters.ts';
import { compileQuery } from '../../../collector/analysis/query-to-sql.ts';
import { withoutAbsentMaps } from '../../../collector/store/counts/absent-maps.ts';
import type { MeasuredQuery } from '../../../collector/store/reader-types.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import type { AnyValue } from '../../../schema/api.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { openSearchStore } from '../search/search-store.ts';
import type { SearchStore } from '../search/search-store.ts';

const startMs = Date.UTC(2026, 10, 20, 12);
const hourMs = 3_600_000;
const window = { fromMs: startMs, toMs: startMs + hourMs };
const many = { hasAtMost: () => Promise.resolve(false) };

const span = (at: number, attributes: [string, AnyValue][], afterMs = 0): PlainSpan => ({
	traceId: '1'.padStart(32, '0'),
	spanId: at.toString(16).padStart(16, '0'),
	startUnixNano: BigInt(startMs + afterMs) * 1_000_000n,
	endUnixNano: BigInt(startMs + afterMs) * 1_000_000n + 5n,
	attributes,
});
const gold: AnyValue = { stringValue: 'gold' };
const list = (...values: AnyValue[]): AnyValue => ({ arrayValue: { values } });
const spans: PlainSpan[] = [
	span(1, [['tier', gold]]),
	span(2, [['tier', { stringValue: 'silver' }]]),
	span(3, [['tiers', list(gold)]]),
	span(4, [['size', { intValue: '7' }]]),
	span(5, [['ratio', { doubleValue: 7 }]]),
	span(6, [['db.system', list({ stringValue: 'postgresql' })]]),
	span(7, [['db.system.name', { stringValue: 'postgresql' }]]),
	// After the window: that it has a list of tiers is nothing to those in it.
	span(8, [['tier', list(gold)]], 2 * hourMs),
];

let store: SearchStore;
beforeAll(async () => {
	// So many that an index tells some from others.
	store = await openSearchStore(64);
	await store.insert(spans);
	await store.insert(Array.from({ length: 500 }, (_, at) => span(100 + at, [['other', { intValue: '7' }]])));
});
afterAll(() => store.close());

function measured(text: string): MeasuredQuery {
	const parsed = parseQuery(text);
	if (parsed.kind === 'error') throw new Error(parsed.message);
	const compiled = compileQuery(parsed.query);
	if ('kind' in compiled) throw new Error(compiled.message);
	return { ...compiled, query: parsed.query };
}

/** In which a value is looked for. */
const mapsOf = ({ where }: MeasuredQuery) => SPAN_MAPS.filter((map) => where.includes(`attributes_${map}[`));

const ask = async (text: string, in_ = window, budget = many) =>
	withoutAbsentMaps(store.clickhouse, budget, { project: 'default', window: in_ }, measured(text));

async function found({ where, parameters }: MeasuredQuery): Promise<number[]> {
	const sql = `SELECT reinterpretAsUInt64(reverse(span_id)) AS at FROM spans WHERE project = {project:String}
		AND time >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')
		AND (${where}) ORDER BY at`;
	const rows = await store.clickhouse.rows<{ at: number }>(sql, { ...parameters, project: 'default', ...window });
	return rows.map(({ at }) => at);
}

test.each<[string, string[], number[]]>([
	['tier:gold', ['string'], [1]],
	['tier!=gold', ['string'], [2]],
	['tiers:gold', ['string', 'other'], [3]],
	['(tier:gold OR tiers:gold)', ['string', 'other'], [1, 3]],
	['size>6', ['int64'], [4]],
	['size:7', ['string', 'int64'], [4]],
	['ratio>=7', ['double'], [5]],
	// A list under the old name is no value of the column.
	['db.system.name:postgresql', ['other'], [6, 7]],
	['nobody.has.this>7', [], []],
])('%s is asked of maps that have its keys, and finds the same', async (text, maps, ids) => {
	const asked = await ask(text);
	expect(await found(measured(text))).toEqual(ids);
	expect(await found(asked)).toEqual(ids);
	expect(mapsOf(asked)).toEqual(maps);
});

test('a window that reaches further asks what lies in it', async () => {
	expect(mapsOf(await ask('tier:gold', { fromMs: startMs, toMs: startMs + 3 * hourMs }))).toEqual(['string', 'other']);
});

test.each([
	['tier:gold', { hasAtMost: () => Promise.resolve(true) }],
	['{tier:gold} >> {size>6}', many],
	['name:work', many],
	[Array.from({ length: 21 }, (_, at) => `key${at}:gold`).join(' OR '), many],
])('%s is left as it is where that would be dearer, or other spans are asked', async (text, budget) => {
	const unchanged = measured(text);
	const asked = await withoutAbsentMaps(store.clickhouse, budget, { project: 'default', window }, unchanged);
	expect(asked).toBe(unchanged);
});
