import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseQuery } from '../../schema/query-language.ts';
import { printQuery, printTerm } from '../../schema/query-print.ts';
import type { Expression, Key, Operator, Query } from '../../schema/query-syntax.ts';
import { anyQuery } from '../../test/support/query-arbitraries.ts';
import { compileQuery } from './query-to-sql.ts';
import type { CompiledQuery } from './query-to-sql.ts';

function compiled(query: Query): CompiledQuery {
	const result = compileQuery(query);
	if ('kind' in result) throw new Error(result.message);
	return result;
}

function compileText(text: string): CompiledQuery {
	const parsed = parseQuery(text);
	if (parsed.kind === 'error') throw new Error(parsed.message);
	return compiled(parsed.query);
}

/** What people have tried on SQL, LIKE, regular expressions and placeholders. */
const ATTACKS = [
	`'`,
	`''`,
	`\\'`,
	`\\`,
	`"`,
	'`',
	';',
	'--',
	'/*',
	'*/',
	'#',
	'%',
	'_',
	'\0',
	'\n',
	'\u2028',
	`' OR 1=1 --`,
	`" OR ""="`,
	`'; DROP TABLE spans; --`,
	`1; SELECT sleep(3)`,
	`') OR ('1'='1`,
	`' UNION SELECT * FROM system.users --`,
	`{q0:String}`,
	`{project:String}`,
	`{x:Identifier}`,
	`{{q0}}`,
	'}',
	'{',
	`file('/etc/passwd')`,
	`url('http://x')`,
	`remote('x')`,
	`\\x27`,
	`\\u0027`,
	`%27`,
	`&#39;`,
	`ʼ`,
	`＇`,
	`𝟎`,
	`\u202e`,
	`NULL`,
	`1e309`,
	`-0`,
	`0x41`,
	`true`,
	`NaN`,
	`Infinity`,
	`FORMAT Native`,
	`SETTINGS readonly=0`,
	`INTO OUTFILE 'x'`,
	`$$x$$`,
	`$heredoc$x$heredoc$`,
	`||`,
	'&&',
	`CHAR(39)`,
	`unhex('27')`,
];
const WRAPS: ((text: string) => string)[] = [
	(text) => text,
	(text) => `a${text}b`,
	(text) => `${text}${text}`,
	(text) => `z' ${text}`,
];
const CORPUS = ATTACKS.flatMap((attack) => WRAPS.map((wrap) => `user_${wrap(attack)}_text`));

/** All that a condition may be made of: our words, operators, numbers, short literals and placeholders. */
const OWN_LITERALS =
	/'(?:|0|1|s|i|d|b|j|\/|true|UTC|exception\.type|exception\.message|stringValue|intValue|doubleValue|boolValue|arrayValue|values|Double|Int64|UInt64|unspecified|internal|server|client|producer|consumer|custom|http|db|rpc|messaging|genai|faas|graphql|unset|ok|error|false|0x\[0-9a-fA-F\]\+\|\[0-9a-fA-F\]\{8,\}\|\[0-9\]\+)'/g;

function expectOnlyOurWords({ where }: CompiledQuery): void {
	const bare = where
		.replaceAll(OWN_LITERALS, '')
		.replaceAll(/\{(?:q\d+:(?:String|Int64|UInt64|Float64)|project:String|fromMs:Int64|toMs:Int64)\}/g, '');
	expect(bare).toMatch(/^[\w\s.,()[\]=!<>+*-]*$/);
}

describe('what is typed never becomes SQL', () => {
	const keys: Key[] = [
		{ kind: 'span', field: 'service' },
		{ kind: 'span', field: 'operation' },
		{ kind: 'trace', field: 'trace.root.service' },
		...(['any', 'span', 'resource', 'scope', 'event', 'link'] as const).map((scope): Key => ({
			kind: 'attribute',
			scope,
			key: 'k',
		})),
	];
	const operators: Operator[] = [':', '!=', '~', '!~'];

	test(`${CORPUS.length} hostile texts are bound, as values, keys and words`, () => {
		expect(CORPUS.length).toBeGreaterThanOrEqual(200);
		for (const text of CORPUS) {
			const value = { kind: 'text' as const, text };
			for (const key of keys) {
				for (const operator of operators) {
					const where: Expression = { kind: 'term', key, operator, values: [value], position: 0, end: 0 };
					const query = compiled({ where });
					expectOnlyOurWords(query);
					expect(query.where).not.toContain('user_');
					expect(Object.values(query.parameters)).toContain(text);
				}
			}
			for (const query of [
				compileText(printTerm({ key: { kind: 'attribute', scope: 'any', key: text }, operator: ':', values: [value] })),
				compileText(`"${text.replaceAll(/[\\"]/g, String.raw`\$&`)}"`),
				compileText(
					printTerm({
						key: { kind: 'span', field: 'name' },
						operator: ':',
						values: [{ kind: 'wildcard', pieces: [text, text] }],
					}),
				),
			]) {
				expectOnlyOurWords(query);
				expect(query.where).not.toContain('user_');
			}
		}
	}, 30_000);

	test('any query at all compiles to our own words', () => {
		fc.assert(
			fc.property(anyQuery, (query) => {
				const result = compileQuery(query);
				if (!('kind' in result)) expectOnlyOurWords(result);
			}),
			{ numRuns: 1000 },
		);
	}, 30_000);
});

test('an empty query is every span', () => {
	expect(compileText('')).toMatchObject({ where: '1', parameters: {} });
});

test('it is said whether a query names no columns but those by which services are counted', () => {
	for (const text of ['', 'service:shop/cart* error:true', '-(namespace:shop OR env:test)', 'has:version entry:true'])
		expect(compileText(text).isOfServices, text).toBe(true);
	for (const text of ['service:shop kind:server', 'duration>1s', 'cart', 'app.tier:gold', '{service:a} >> {service:b}'])
		expect(compileText(text).isOfServices, text).toBeUndefined();
});

test('the same text is bound once', () => {
	expect(
		Object.values(compileText('(span.a:x OR span.b:x OR span.c:x)').parameters).filter((value) => value === 'x'),
	).toHaveLength(1);
});

test('numbers keep all their digits on the way to ClickHouse', () => {
	const { where, parameters } = compileText('span.k:9007199254740993');
	expect(where).toContain(':Int64}');
	expect(Object.values(parameters)).toContain('9007199254740993');
	expect(Object.values(compileText('duration>104d').parameters)).toContain('8985600000000000');
});

test('a promoted attribute is asked in its own column first, without the map of texts', () => {
	const { where } = compileText('span.http.route:/cart/*');
	expect(where).toContain('startsWith(attr_http_route, {');
	expect(where).not.toContain('attributes_string[');
});

test('a query tells whether whatever matches has a whole text by whose index it is found', () => {
	for (const text of [
		'app.order.id:o-1',
		'service:shop app.order.id:(o-1 OR o-2)',
		'app.order.id:o-1 OR app.cart.id:c-1',
	]) {
		expect(compileText(text).isSought, text).toBe(true);
	}
	const others = [
		'',
		'service:shop',
		'app.order.id:o-*',
		'app.order.id!=o-1',
		'-app.order.id:o-1',
		'app.items:3',
		'app.order.id:""',
	];
	// Of columns, texts that are made of others, comments and other scopes there is no such index.
	const unindexed = [
		'code.function.name:Cart.add',
		'http.route:/cart',
		'sqlcommenter.route:/cart',
		'resource.app.order.id:o-1',
		'event.app.order.id:o-1',
	];
	for (const text of [
		...others,
		...unindexed,
		'app.order.id:o-1 OR service:shop',
		'{app.order.id:o-1} >> {service:shop}',
	]) {
		expect(compileText(text).isSought, text).toBeUndefined();
	}
});

test('a query tells whether several conditions have to hold', () => {
	for (const text of ['service:shop error:true', 'service:shop (error:true OR kind:server)'])
		expect(compileText(text).isNarrow, text).toBe(true);
	for (const text of ['', 'service:shop', 'service:shop OR error:true', '-error:true', '{service:shop error:true}'])
		expect(compileText(text).isNarrow, text).toBeUndefined();
});

test('facts of a trace are asked only of traces that the other terms leave', () => {
	const { where } = compileText('service:checkout trace.duration>1s');
	expect(where).toMatch(/GROUP BY trace_id\)/);
	expect(where.match(/service = \{q0:String\}/g)).toHaveLength(2);
});

test('of a query that asks other spans it is told what a span fulfils by itself that matches', () => {
	const own = (text: string) => compileText(text).own;
	const alone = compileText('{kind:client duration>1s}').where;
	for (const operator of ['>>', '<<', '>', '<', '!>>', '!>', '!<', '~', '->', '&&'])
		expect(own(`{service:a} ${operator} {kind:client duration>1s}`)?.replaceAll(/q\d+/g, 'q0')).toBe(alone);
	expect(own('({service:a} > {kind:client}) || ({service:a} > {kind:server})')).toBe('(kind IN (3) OR kind IN (2))');
	expect(own('{kind:client} | count() > 2')).toBe('kind IN (3)');
	expect(own('kind:client trace.duration>1s')).toBe('kind IN (3)');
	expect(own('kind:client -trace.duration>1s -kind:server')).toBe('(kind IN (3) AND (NOT kind IN (2)))');
	for (const text of ['trace.duration>1s', 'kind:client OR trace.duration>1s', '-(kind:client trace.duration>1s)'])
		expect(own(text), text).toBe('1');
	for (const text of ['', 'kind:client', '{kind:client} || {kind:server}']) expect(own(text), text).toBeUndefined();
});

test('a search that grows too large is refused with its place, not sent', () => {
	const words = Array.from({ length: 45 }, (_, index) => `word${index}`).join(' ');
	const parsed = parseQuery(`{${words}} >> {${words}} >> {a} >> {b} >> {c} >> {d}`);
	if (parsed.kind === 'error') throw new Error(parsed.message);
	expect(compileQuery(parsed.query)).toMatchObject({ kind: 'unsupported', position: 0 });
});

test('printing and reading again compiles to the same condition', () => {
	fc.assert(
		fc.property(anyQuery, (query) => {
			expect(compileQuery(parsedAgain(query))).toEqual(compileQuery(query));
		}),
		{ numRuns: 300 },
	);
}, 30_000);

function parsedAgain(query: Query): Query {
	const parsed = parseQuery(printQuery(query));
	if (parsed.kind === 'error') throw new Error(parsed.message);
	return parsed.query;
}
