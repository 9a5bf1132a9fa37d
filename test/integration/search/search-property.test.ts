/** Random queries over random spans find on ClickHouse what plain loops find. */
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AnyValue } from '../../../schema/api.ts';
import { compileQuery } from '../../../collector/analysis/query-to-sql.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import { regexProblem } from '../../../schema/query-regex.ts';
import { anyQuery } from '../../support/query-arbitraries.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { search } from './search-oracle.ts';
import type { SearchedSpan } from './search-oracle.ts';
import { openSearchStore } from './search-store.ts';
import type { SearchStore } from './search-store.ts';

const second = 1_000_000_000n;
const start = 1_700_000_000n * second;
const seed = Number(process.env['SEARCH_SEED'] ?? 20_261_123);
const runs = Number(process.env['SEARCH_RUNS'] ?? 90);

// ---- Spans ------------------------------------------------------------------------------------------------------

const words = ['abc', 'ABC', 'abd', 'x', '', '500', 'true', "o'k", '50%', String.raw`a\b`, 'Zeile\nzwei', 'größe'];
const scalar: fc.Arbitrary<AnyValue> = fc.oneof(
	fc.constantFrom(...words).map((stringValue) => ({ stringValue })),
	fc.constantFrom('0', '1', '500', '-3', '9007199254740993').map((intValue) => ({ intValue })),
	fc.constantFrom(0, 1.5, 500, -3).map((doubleValue) => ({ doubleValue })),
	fc.boolean().map((boolValue) => ({ boolValue })),
);
const value: fc.Arbitrary<AnyValue> = fc.oneof(
	{ weight: 6, arbitrary: scalar },
	fc.array(scalar, { maxLength: 3 }).map((values) => ({ arrayValue: { values } })),
	fc.constant({}),
	fc.constant({ bytesValue: 'YWJj' }),
);
const attribute = (keys: string[], of: fc.Arbitrary<AnyValue>) => fc.tuple(fc.constantFrom(...keys), of);
const text = (...texts: string[]) => fc.constantFrom(...texts).map((stringValue): AnyValue => ({ stringValue }));
const known: fc.Arbitrary<[string, AnyValue]> = fc.oneof(
	attribute(['http.request.method', 'http.method'], text('GET', 'POST')),
	attribute(
		['http.response.status_code', 'http.status_code'],
		fc.oneof(
			fc.constantFrom('200', '404', '503').map((intValue) => ({ intValue })),
			text('503', 'abc'),
		),
	),
	attribute(['db.system.name'], text('mysql', 'microsoft.sql_server')),
	attribute(['db.system'], text('mysql', 'mssql')),
	attribute(['http.user_agent', 'user_agent.original'], text('curl', 'abc')),
	attribute(
		['http.route'],
		fc.oneof(
			text('/cart', '/cart/{id}', ''),
			fc.constant<AnyValue>({ arrayValue: { values: [{ stringValue: '/cart' }] } }),
		),
	),
	attribute(['url.path'], text('/cart/1', 'abc')),
);
/** Values that few spans have, so that indexes leave most ranges of rows out. */
const rare: fc.Arbitrary<[string, AnyValue]> = fc.oneof(
	attribute(
		['r'],
		fc.nat(40).map((number) => ({ stringValue: `r${number}` })),
	),
	attribute(
		['n', 'odd number'],
		fc.nat(40).map((number) => ({ intValue: String(1_000 + number) })),
	),
	attribute(
		['f'],
		fc.nat(3).map((number) => ({ doubleValue: number + 0.5 })),
	),
	attribute(
		['t'],
		fc.boolean().map((boolValue) => ({ boolValue })),
	),
	attribute(['l'], fc.constant<AnyValue>({ arrayValue: { values: [{ stringValue: 'r1' }] } })),
);
const sameFact = (key: string) =>
	key
		.replace('http.request.method', 'http.method')
		.replace('http.response.status', 'http.status')
		.replace('db.system.name', 'db.system')
		.replace('user_agent.original', 'http.user_agent');
const attributes = fc.uniqueArray(fc.oneof(attribute(['a', 'b', 'odd key', "k'"], value), known, rare), {
	maxLength: 5,
	selector: ([key]) => sameFact(key),
});
const fewAttributes = fc.uniqueArray(fc.oneof(attribute(['a', 'b', 'exception.type'], value), rare), {
	maxLength: 2,
	selector: ([key]) => key,
});

const resource = fc.record({
	service: fc.constantFrom('web', 'db', 'o/k'),
	namespace: fc.constantFrom('', 'shop'),
	version: fc.constantFrom('', '1.0', '1.10'),
	environment: fc.constantFrom('', 'prod'),
	attributes: fewAttributes,
});
const spanFacts = fc.record({
	name: fc.constantFrom('abc', 'GET /cart', 'select x'),
	kind: fc.nat(5),
	statusCode: fc.nat(2),
	statusMessage: fc.constantFrom('', 'Abc failed'),
	resource,
	scope: fc.record({
		name: fc.constantFrom('', 'lib'),
		version: fc.constantFrom('', '1.0'),
		attributes: fewAttributes,
	}),
	attributes,
	events: fc.array(
		fc.record({
			timeUnixNano: fc.constant(start),
			name: fc.constantFrom('exception', 'Abc'),
			attributes: fewAttributes,
		}),
		{ maxLength: 2 },
	),
	links: fc.array(
		fc.record({
			/** Trace and span, many of which are not there. */
			to: fc.tuple(fc.nat(70), fc.nat(7)),
			attributes: fewAttributes,
		}),
		{ maxLength: 2 },
	),
	startsAfter: fc.nat(3),
	lasts: fc.constantFrom(0n, 1_000_000n, 500_000_000n, second),
	/** Which of the spans before it is its parent; a root, or an orphan, when there is none. */
	parent: fc.integer({ min: -2, max: 5 }),
});
const traces = fc.array(fc.array(spanFacts, { minLength: 1, maxLength: 7 }), { minLength: 60, maxLength: 60 });

const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0');

const idIn = (trace: number, index: number) => hex((trace + 1) * 100 + index + 1, 16);

function spansOf(all: typeof traces extends fc.Arbitrary<infer T> ? T : never): PlainSpan[] {
	return all.flatMap((spans, trace) => {
		const idOf = (index: number) => idIn(trace, index);
		return spans.map(({ startsAfter, lasts, parent, links, ...facts }, index): PlainSpan => {
			const startUnixNano = start + BigInt(startsAfter) * second;
			// The first span is the root, so that which root a trace has is no matter of chance.
			const parentSpanId = index === 0 ? undefined : idOf(parent >= 0 && parent < index ? parent : parent < 0 ? 0 : 90);
			return {
				...facts,
				links: links.map(({ to: [other, place], attributes: of }) => ({
					traceId: hex(other + 1, 32),
					spanId: idIn(other, place),
					attributes: of,
				})),
				traceId: hex(trace + 1, 32),
				spanId: idOf(index),
				...(parentSpanId === undefined ? {} : { parentSpanId }),
				startUnixNano,
				endUnixNano: startUnixNano + lasts,
			};
		});
	});
}

// ---- Queries ----------------------------------------------------------------------------------------------------

const keyText = fc.constantFrom(
	'a',
	'b',
	'"odd key"',
	`k'`,
	'span.a',
	'resource.a',
	'scope.a',
	'event.a',
	'link.a',
	'resource.b',
	'event.exception.type',
	'http.method',
	'http.request.method',
	'http.status_code',
	'http.response.status_code',
	'db.system',
	'db.system.name',
	'http.user_agent',
	'user_agent.original',
	'http.route',
	'url.path',
	'span.http.route',
	'missing',
	'event.name',
	'scope.name',
);
const valueText = fc.constantFrom(
	'abc',
	'ABC',
	'ab*',
	'*b*',
	'*c',
	'a*c',
	'500',
	'"500"',
	'5*',
	'1.5',
	'-3',
	'0',
	'true',
	'"true"',
	'false',
	'""',
	'5e2',
	`o'k`,
	'50%',
	String.raw`"a\\b"`,
	'gr*e',
	'9007199254740993',
	'0..500',
	'..1.5',
	'1..',
	'(abc OR 500 OR x)',
	'(ab* OR 1..2)',
	'GET',
	'mssql',
	'microsoft.sql_server',
	'mysql',
	'curl',
	'/cart',
	'/cart/*',
	'503',
	'"503"',
	'400..599',
	'nobody',
);
const regexText = fc.constantFrom('"^ab"', '"b|x"', '"^$"', '"[0-9]+"', '"^5"', '"/cart"', '"."');
const attributeTerm = fc.oneof(
	{ weight: 5, arbitrary: fc.tuple(keyText, fc.constantFrom(':', '!='), valueText).map((parts) => parts.join('')) },
	fc
		.tuple(
			keyText,
			fc.constantFrom('>', '>=', '<', '<='),
			fc.constantFrom('0', '1.5', '500', '-3', '9007199254740992', '503', '"abc"'),
		)
		.map((parts) => parts.join('')),
	fc.tuple(keyText, fc.constantFrom('~', '!~'), regexText).map((parts) => parts.join('')),
	keyText.map((key) => `has:${key}`),
);
const fieldTerm = fc.constantFrom(
	'service:web',
	'service:shop/web',
	'service:sh*',
	'service!=web',
	'service:o/k',
	'service:shop/o/k',
	'service!=shop/o/k',
	'service:shop/',
	'service:(shop/web OR db)',
	'service~"^shop/"',
	'namespace:shop',
	'has:namespace',
	'namespace!=shop',
	'version:1.0',
	'version:1.*',
	'env:prod',
	'env!=prod',
	'has:env',
	'scope:lib',
	'scope.version:1.0',
	'kind:server',
	'kind!=client',
	'kind:(server OR client)',
	'kind~"er$"',
	'type:http',
	'type!=custom',
	'status:error',
	'status:u*',
	'error:true',
	'error:false',
	'entry:true',
	'entry!=true',
	'duration>1ms',
	'duration:500ms',
	'duration<=500ms',
	'duration:1..600ms',
	'duration!=1s',
	'name:abc',
	'name~"^GET"',
	'operation:abc',
	'statusMessage:Abc*',
	'has:statusMessage',
	'statusMessage!=x',
);
const freeWord = fc.constantFrom(
	'abc',
	'ABC',
	'cart',
	'"get /cart"',
	'a*c',
	'fail',
	'GRÖSSE',
	'größe',
	'Microsoft',
	"o'k",
	'"50%"',
	'nothing',
);
const traceTerm = fc.constantFrom(
	'trace.spans>3',
	'trace.spans:2',
	'trace.duration>=1s',
	'trace.duration:0ms..500ms',
	'trace.errors>0',
	'trace.errors:0',
	'trace.services:2',
	'trace.services!=1',
	'trace.root.service:web',
	'trace.root.service:shop/*',
	'trace.root.operation!=abc',
);
const leaf = fc.oneof({ weight: 5, arbitrary: attributeTerm }, { weight: 3, arbitrary: fieldTerm }, freeWord);
const rareTerm = fc.oneof(
	{
		weight: 6,
		arbitrary: fc
			.tuple(
				fc.constantFrom('r', 'span.r', 'resource.r', 'scope.r', 'event.r', 'a'),
				fc.constantFrom(':', ':', ':', '!='),
				fc.nat(50),
			)
			.map(([key, operator, number]) => `${key}${operator}r${number}`),
	},
	{
		weight: 3,
		arbitrary: fc
			.tuple(
				fc.constantFrom('n', 'span.n', 'resource.n', '"odd number"'),
				fc.constantFrom(':', ':', '!=', '>=', '<'),
				fc.nat(50),
			)
			.map(([key, operator, number]) => `${key}${operator}${1_000 + number}`),
	},
	fc.constantFrom(
		'has:f',
		'has:t',
		'has:l',
		'has:r',
		'f:1.5',
		'f<2',
		't:true',
		't!=false',
		'l:r1',
		'r:(r1 OR r2 OR 7)',
		'n:1000..1002',
		'r:r1*',
		'r:*2',
		'r~"^r3"',
		'r!~"r[0-5]"',
		'r:nowhere',
		'resource.r:nowhere',
		'r:5ms',
		'n:1.5',
		'duration:nowhere',
		'duration!=nowhere',
	),
	fc.tuple(fc.constantFrom(':', '!='), fc.integer({ min: 1, max: 70 })).map(([operator, trace]) => {
		return `traceId${operator}"${hex(trace, 32)}"`;
	}),
	fc.constantFrom('traceId:*2', 'traceId!=*3', 'traceId:000*', 'traceId~"[1-7]$"', 'traceId:nowhere', 'spanId:*1'),
);
const boolean = (leaf: fc.Arbitrary<string>): fc.Arbitrary<string> =>
	fc.letrec<{ all: string }>((tie) => ({
		all: fc.oneof(
			{ maxDepth: 3 },
			leaf,
			fc.array(tie('all'), { minLength: 2, maxLength: 3 }).map((parts) => `(${parts.join(' ')})`),
			fc.array(tie('all'), { minLength: 2, maxLength: 3 }).map((parts) => `(${parts.join(' OR ')})`),
			tie('all').map((part) => `-${part}`),
		),
	})).all;
const braces = fc.oneof(fieldTerm, boolean(leaf), fc.constant('')).map((inside) => `{${inside}}`);
const structured = fc.letrec<{ set: string }>((tie) => ({
	set: fc.oneof(
		{ maxDepth: 2 },
		braces,
		fc
			.tuple(tie('set'), fc.constantFrom('>>', '>', '<<', '<', '~', '!>>', '!>', '&&', '||'), tie('set'))
			.map(([left, operator, right]) => `(${left} ${operator} ${right})`),
	),
})).set;
const counted = fc
	.tuple(structured, fc.constantFrom('> 1', '>= 2', '< 3', '= 1', '!= 2'))
	.map(([set, test]) => `${set} | count() ${test}`);
const queryText = fc.oneof(
	{ weight: 6, arbitrary: boolean(fc.oneof({ weight: 8, arbitrary: leaf }, traceTerm)) },
	{ weight: 3, arbitrary: structured },
	counted,
	fc.tuple(structured, traceTerm).map((parts) => parts.join(' ')),
);

// ---- Tests ------------------------------------------------------------------------------------------------------

let store: SearchStore;
let spans: SearchedSpan[];

beforeAll(async () => {
	store = await openSearchStore(4);
	const [sample = []] = fc.sample(traces, { numRuns: 1, seed });
	const plain = spansOf(sample);
	await store.insert(plain);
	spans = await store.asStored(plain);
});
afterAll(() => store.close());

test('random queries find what plain loops find', { timeout: 600_000 }, async () => {
	let hits = 0;
	await fc.assert(
		fc.asyncProperty(queryText, async (text) => {
			const parsed = parseQuery(text);
			// Some keys take some values not, and some conditions grow too large: both are refused, and tested elsewhere.
			fc.pre(parsed.kind === 'query' && !('kind' in compileQuery(parsed.query)));
			const expected = search(parsed.query, spans);
			hits += Number(expected.length > 0 && expected.length < spans.length);
			expect(await store.find(text)).toEqual(expected);
		}),
		{ numRuns: runs, seed },
	);
	// Most queries tell some spans from others, or the comparison would say little.
	expect(hits).toBeGreaterThan(runs / 2);
});

test('the indexes of spans leave out no span that matches', { timeout: 600_000 }, async () => {
	const asked = runs * 0.4;
	let denied = 0;
	const rareText = boolean(fc.oneof({ weight: 8, arbitrary: rareTerm }, leaf));
	await fc.assert(
		fc.asyncProperty(rareText, async (text) => {
			const parsed = parseQuery(text);
			fc.pre(parsed.kind === 'query' && !('kind' in compileQuery(parsed.query)));
			expect(await store.find(text)).toEqual(search(parsed.query, spans));
			denied += Number((await store.rowsRead(text)) < spans.length);
		}),
		{ numRuns: asked, seed },
	);
	// For many queries some ranges of rows are left out, or the comparison would say little of indexes.
	expect(denied).toBeGreaterThan(asked / 10);
});

test('ClickHouse takes every query that compiles', { timeout: 300_000 }, async () => {
	await fc.assert(
		fc.asyncProperty(anyQuery, async (query) => {
			const compiled = compileQuery(query);
			if ('kind' in compiled) return;
			const sql = `SELECT count() AS spans, any(toTypeName(${compiled.where})) AS kindOfValue FROM spans WHERE ${compiled.where}`;
			const bound = { ...compiled.parameters, project: 'default', fromMs: 0, toMs: 4_000_000_000_000 };
			const [found] = await store.clickhouse.rows<{ kindOfValue: string }>(sql, bound);
			// A condition that could be NULL would make a NULL of every sum over it.
			expect(found?.kindOfValue).not.toContain('Nullable');
		}),
		{ numRuns: runs / 2, seed },
	);
});

test('RE2 takes every regular expression that is not refused', { timeout: 120_000 }, async () => {
	const pieces = [
		'a',
		'b+',
		'(',
		')',
		'[',
		']',
		'^',
		'$',
		'|',
		'*',
		'?',
		'{2}',
		'{2,1}',
		'{1000}',
		'{1001}',
		'.',
		'-',
		'\\d',
		'\\',
		'\\1',
		'(?i)',
		'(?P<n>',
		'(?:',
		'(?=',
		'[^',
		'[:alpha:]',
		'\\pL',
		'{300}',
		'\\Q',
		'\\E',
		'é',
		'+',
		'{,3}',
		'\\x41',
		'\\x{41}',
		'\\z',
		'\\C',
	];
	const pattern = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(''));
	const accepted = fc.sample(pattern, { numRuns: 3000, seed }).filter((each) => regexProblem(each) === undefined);
	expect(accepted.length).toBeGreaterThan(300);
	const largest = [
		'\\pL{375}',
		'[\\pL\\pM\\pN\\pP\\pS]{375}',
		`(?:${'a'.repeat(300)}){1000}`,
		`(?i)(?:${'é'.repeat(29)}){1000}`,
		`(?:${'.'.repeat(30)}){1000}`,
		`(?:[^a]\\W${'\\d'.repeat(28)}){1000}`,
		'(?:\\pL{75}){5}',
	];
	expect(largest.filter((each) => regexProblem(each) !== undefined)).toEqual([]);
	for (const each of new Set([...accepted, ...largest])) {
		await store.clickhouse.rows("SELECT match('abc', {pattern:String})", { pattern: each }).catch((error: unknown) => {
			throw new Error(`${each} was let through: ${String(error)}`);
		});
	}
});
