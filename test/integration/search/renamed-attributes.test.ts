/** A span with the old name of an attribute and its twin with the new one are found, counted and grouped alike, by either name. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planFacets } from '../../../collector/analysis/facet-plan.ts';
import { groupingColumns } from '../../../collector/analysis/column-plan.ts';
import { compileQuery } from '../../../collector/analysis/query-to-sql.ts';
import { deriveColumns } from '../../../collector/pipeline/derive-columns.ts';
import type { MeasuredQuery } from '../../../collector/store/reader-types.ts';
import type { AnyValue } from '../../../schema/api.ts';
import { RENAMED_ATTRIBUTES, RENAMED_BY_SIDE, VALUES_OF_RENAMED } from '../../../schema/renamed-attributes.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import { readKeyList } from '../../../schema/query-edit.ts';
import { ATTRIBUTE_SOURCES, RENAMED_VALUES } from '../../../schema/semantic-conventions.ts';
import type { AttributeSource } from '../../../schema/semantic-conventions.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainAttributes, PlainSpan } from '../../support/span-block.ts';

const endMs = Date.UTC(2026, 10, 20, 15);
const scope = { project: 'default', window: { fromMs: endMs - 3_600_000, toMs: endMs } };

/** What one instrumentation sends and what a newer one sends instead; `asked` are the keys and values that mean the same. */
interface Twins {
	kind: number;
	old: PlainAttributes;
	today: PlainAttributes;
	asked: { key: string; values: string[]; today: string }[];
}

const S = (stringValue: string): AnyValue => ({ stringValue });
const I = (intValue: string): AnyValue => ({ intValue });

function renaming(old: string, today: string, oldValue: string, newValue: string, kind = 3, type = S): Twins {
	const values = [...new Set([oldValue, newValue])];
	return {
		kind,
		old: [[old, type(oldValue)]],
		today: [[today, type(newValue)]],
		asked: [old, today].map((key) => ({ key, values, today: newValue })),
	};
}

/** Names that mean their own fact besides: only their texts are given another name, or several are read together. */
const QUALIFIED = new Set(['rpc.method', 'rpc.service', 'error.type']);

const ofSources = Object.entries<readonly AttributeSource[]>(ATTRIBUTE_SOURCES).flatMap(([today, sources]) =>
	sources
		.filter((source) => source.attribute !== today && source.part === undefined && !QUALIFIED.has(today))
		// What else the host of a service may be read off is not an old name of it.
		.filter(({ attribute, kinds }) => kinds === undefined || /^net\.(?:host|peer)\.(?:name|port)$/.test(attribute))
		.flatMap(({ attribute, kinds, values }): Twins[] => {
			const [kind] = kinds ?? [3];
			const isNumber = today === 'http.response.status_code' || today === 'server.port';
			if (values === undefined) return [renaming(attribute, today, isNumber ? '4711' : `v of ${attribute}`, isNumber ? '4711' : `v of ${attribute}`, kind, isNumber ? I : S)]; // prettier-ignore
			return [...[...RENAMED_VALUES[values]].slice(0, 2), ['kept', 'kept'] as const].map(([old, renamed]) => renaming(attribute, today, old, renamed, kind)); // prettier-ignore
		}),
);

const TWINS: readonly Twins[] = [
	...ofSources,
	...[...RENAMED_ATTRIBUTES].flatMap(([old, today]) =>
		[...[...(VALUES_OF_RENAMED.get(old) ?? [])].slice(0, 2), [`v of ${old}`, `v of ${old}`] as const].map(([from, to]) =>
			renaming(old, today, from, to),
		),
	),
	...RENAMED_BY_SIDE.flatMap(({ old, renamed, kinds }) =>
		kinds.slice(0, 2).map((kind) =>
			old.endsWith('port') ? renaming(old, renamed, '5432', '5432', kind, I) : renaming(old, renamed, 'db', 'db', kind),
		),
	),
	{
		kind: 3,
		old: [['code.namespace', S('com.shop.Cart')], ['code.function', S('add')]],
		today: [['code.function.name', S('com.shop.Cart.add')]],
		asked: [
			{ key: 'code.function.name', values: ['com.shop.Cart.add'], today: 'com.shop.Cart.add' },
			{ key: 'code.namespace', values: ['com.shop.Cart'], today: 'com.shop.Cart' },
			{ key: 'code.function', values: ['add'], today: 'add' },
		],
	},
	{
		kind: 3,
		old: [['code.function', S('fopen')]],
		today: [['code.function.name', S('fopen')]],
		asked: ['code.function.name', 'code.function'].map((key) => ({ key, values: ['fopen'], today: 'fopen' })),
	},
	{
		kind: 2,
		old: [['http.target', S('/cart?id=1&b=%20?')]],
		today: [['url.path', S('/cart')], ['url.query', S('id=1&b=%20?')]],
		asked: [
			{ key: 'url.query', values: ['id=1&b=%20?'], today: 'id=1&b=%20?' },
			{ key: 'url.path', values: ['/cart'], today: '/cart' },
			{ key: 'http.target', values: ['/cart?id=1&b=%20?'], today: '/cart?id=1&b=%20?' },
		],
	},
	{
		kind: 2,
		old: [['http.target', S('/cart')]],
		today: [['url.path', S('/cart')]],
		asked: ['url.path', 'http.target'].map((key) => ({ key, values: ['/cart'], today: '/cart' })),
	},
	...['http.url', 'url.full'].map((key): Twins => ({
		kind: 3,
		old: [[key, S('https://shop.example/cart?id=1#top')]],
		today: [['url.full', S('https://shop.example/cart?id=1#top')], ['url.query', S('id=1')]],
		asked: [
			{ key: 'url.query', values: ['id=1'], today: 'id=1' },
			{ key: 'url.full', values: ['https://shop.example/cart?id=1#top'], today: 'https://shop.example/cart?id=1#top' },
		],
	})),
]; // prettier-ignore

const idOf = (number: number): string => number.toString(16).padStart(16, '0');
/** Row n has the spans 2n + 1, the old one, and 2n + 2. */
const SPANS = TWINS.flatMap(({ kind, old, today }, row) =>
	[old, today].map((attributes, place): PlainSpan => {
		const endUnixNano = BigInt(endMs - 1_000) * 1_000_000n;
		return {
			traceId: (row + 1).toString(16).padStart(32, '0'),
			spanId: idOf(2 * row + place + 1),
			startUnixNano: endUnixNano - 1_000n,
			endUnixNano,
			kind,
			name: `row ${row}`,
			resource: { service: 'twins' },
			attributes,
		};
	}),
);

let store: ThrowAwayStore;
beforeAll(async () => {
	store = await throwAwayStore();
	await store.writer.append(deriveColumns(spanBlock(SPANS)));
});
afterAll(() => store[Symbol.asyncDispose]());

function query(text: string): MeasuredQuery {
	const parsed = parseQuery(text);
	if (parsed.kind === 'error') throw new Error(parsed.message);
	const compiled = compileQuery(parsed.query);
	if ('kind' in compiled) throw new Error(compiled.message);
	return { ...compiled, query: parsed.query };
}

/** How many spans a search finds. */
const found = async (text: string): Promise<number> => (await store.search.count(scope, query(text))).spans;

const rows = TWINS.map(({ asked }, row) => ({ row, asked }));
const quoted = (text: string): string => `"${text.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;
/** As it is typed: bare where it may be, so that `5432` is the number too. */
const typed = (text: string): string => (/^[\w./]+$/.test(text) ? text : quoted(text));

/** Up to so many of different rows in each. */
function batches<One extends { row: number }>(
	all: readonly One[],
	size: number,
	fit: (a: One, b: One) => boolean,
): One[][] {
	const rounds: One[][] = [];
	for (const one of all) {
		const room = rounds.find((round) => round.length < size && round.every((other) => fit(one, other)));
		if (room === undefined) rounds.push([one]);
		else room.push(one);
	}
	return rounds;
}

type Asked = Twins['asked'][number];
/** What is asked of a key, and whether both twins are found or neither. */
const FORMS: [name: string, terms: (asked: Asked) => string[], finds: boolean][] = [
	['a value', ({ key, values }) => values.map((value) => `span.${key}:${typed(value)}`), true],
	['several values', ({ key, values }) => values.map((value) => `span.${key}:(${typed(value)} OR nobody)`), true],
	['the key', ({ key }) => [`has:span.${key}`], true],
	['another value', ({ key }) => [`span.${key}!=nobody`], true],
	['the beginning of a value', ({ key, today }) => [`span.${key}:${today.slice(0, 1).replace(' ', '')}*`], true],
	['no such value', ({ key, values }) => values.map((value) => `span.${key}!=${typed(value)}`), false],
	['not the value', ({ key, values }) => values.map((value) => `-span.${key}:${typed(value)}`), false],
	['not the key', ({ key }) => [`-has:span.${key}`], false],
	['a value that neither has', ({ key }) => [`span.${key}:nobody`], false],
];

test.each(FORMS)(
	'a search for %s finds both or neither',
	async (_, terms, finds) => {
		const questions = rows.flatMap(({ row, asked }) =>
			asked.flatMap((each) => terms(each).map((term) => ({ row, text: `(name:"row ${row}" ${term})` }))),
		);
		// Many rows at once; several questions about one row in searches of their own, so that none answers for another.
		for (const some of batches(questions, 12, (a, b) => a.row !== b.row)) {
			const text = some.map((one) => one.text).join(' OR ');
			expect([text, await found(text)]).toEqual([text, finds ? 2 * some.length : 0]);
		}
	},
	120_000,
);

const isOfUrl = ({ asked }: (typeof rows)[number]): boolean => asked.some(({ key }) => /^(?:url|http)\./.test(key));

test('facets count both under the value of today', async () => {
	const apart = (a: (typeof rows)[number], b: (typeof rows)[number]): boolean =>
		!(isOfUrl(a) && isOfUrl(b)) && !a.asked.some(({ key }) => b.asked.some((other) => other.key === key));
	for (const some of batches(rows, 8, apart)) {
		const asked = some.flatMap((each) => each.asked);
		const where = some.map(({ row }) => `name:"row ${row}"`).join(' OR ');
		const plan = planFacets(query(where).query, readKeyList(asked.map(({ key }) => key).join(',')) ?? []);
		if (plan.kind !== 'plan') throw new Error(plan.kind);
		const { facets } = await store.facets.facets(scope, plan.groups, 10, '');
		expect([where, facets.map(({ key, values }) => ({ key, values }))]).toEqual([
			where,
			asked.map(({ key, today }) => ({ key, values: [{ value: today, spans: 2 }] })),
		]);
	}
}, 120_000);

test('series are of both under the value of today', async () => {
	// A third of them: each takes a statement of its own expressions, which facets have been asked for, of all.
	const keys = [...new Set(rows.flatMap(({ asked }) => asked.map(({ key }) => key)))].filter((_, at) => at % 3 === 0);
	for (let from = 0; from < keys.length; from += 8) {
		const by = keys.slice(from, from + 8);
		const { groups } = await store.series.series(scope, {
			query: query('service:twins'),
			spans: 'all',
			measure: 'count',
			by: groupingColumns(['name', ...by]),
			stepMs: 600_000,
			limit: 1_000,
		});
		for (const { row, asked } of rows) {
			const of = groups.filter(({ values }) => values[0] === `row ${row}`);
			for (const { key, today } of asked.filter(({ key }) => by.includes(key))) {
				// By other keys of the statement the twins may stand apart: `http.client_ip` says less than `client.address`.
				const said = Map.groupBy(of, ({ values }) => values[by.indexOf(key) + 1]);
				const requests = [...said].map(([value, some]) => [value, some.reduce((sum, each) => sum + each.requests, 0)]);
				expect([row, key, requests]).toEqual([row, key, [[today, 2]]]);
			}
		}
	}
}, 120_000);

test('a name that depends on the side means nothing on the other', async () => {
	expect(await found('kind:server server.port:5432 has:net.peer.port')).toBe(0);
	expect(await found('kind:client client.port:5432')).toBe(0);
	expect(await found('kind:client has:net.peer.name client.address:db')).toBe(0);
});
