import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import golden from '../../test/fixtures/semconv-db/db-sql-test-cases.json' with { type: 'json' };
import { sqlDialect, standardSql } from './sql-dialect.ts';
import { sanitiseSql } from './sanitise-sql.ts';

const sanitise = (query: string, system = 'other_sql') => sanitiseSql(query, sqlDialect(system) ?? standardSql);
const textOf = (query: string, system = 'other_sql') => sanitise(query, system).text;

describe('the cases of the semantic conventions', () => {
	test.each(golden)('$name', ({ input, expected }) => {
		const { text, summary } = sanitise(input.query, input['db.system.name']);
		expect(expected['db.query.text']).toContain(text);
		expect(summary).toBe(expected['db.query.summary']);
	});
	test('are all there', () => expect(golden).toHaveLength(24));
});

test.each([
	[
		'parameters of every kind stay',
		'a = ? AND b = $1 AND c = :name AND d = @p AND e = %s AND f = %(x)s AND g = :1',
		undefined,
	],
	['NULL stays and booleans go', 'a IS NULL OR b = TRUE OR c = false', 'a IS NULL OR b = ? OR c = ?'],
	['casts stay', "'2024-01-01'::date", '?::date'],
	['letters before a string belong to it', "E'it\\'s' || N'x' || x'00ff' || U&'\\0061'", '? || ? || ? || ?'],
	['dates and intervals', "DATE '2024-01-01' + INTERVAL '1 day'", 'DATE ? + INTERVAL ?'],
	['quoted names stay', 'SELECT "a 1", `b 2`, [c d] FROM t', undefined],
	['a string without an end may be cut: the rest goes', "SELECT 'secret", 'SELECT ?'],
	['a name without an end may be a cut string', 'SELECT "secret 12', 'SELECT ?'],
	['a comment without an end goes', 'SELECT a /* 12', 'SELECT a'],
	['a comment separates', 'SELECT a/* x */b', 'SELECT a b'],
	[
		'rows like the first are folded',
		"INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, NULL)",
		'INSERT INTO t VALUES (?, ?)',
	],
	['other rows stay', 'VALUES (1, now()), (2, f(3))', 'VALUES (?, now()), (?, f(?))'],
	['lists of parameters are folded', 'a IN ($1, $2, $3) AND b = $4', 'a IN ($1) AND b = $4'],
	['tuples are folded', 'IN ((1, 2), (3, 4))', 'IN ((?, ?))'],
	['lists of names stay', 'a IN (b, c)', undefined],
	['a list before a query stays', 'a IN (SELECT b FROM c WHERE d IN (1,2))', 'a IN (SELECT b FROM c WHERE d IN (?))'],
	[
		'a statement that repeats is kept once',
		'DELETE FROM a WHERE b = 1; DELETE FROM a WHERE b = 2; SELECT 3',
		'DELETE FROM a WHERE b = ?; SELECT ?',
	],
	['what sticks to a number goes with it', 'SELECT 12abc, 1_000, 5.', 'SELECT ?, ?, ?'],
	['slices are no parameters', 'a[1:2]', 'a[?:?]'],
	['names of savepoints last no longer than the transaction', 'SAVEPOINT "s140_x1"', 'SAVEPOINT ?'],
	['call syntax of JDBC', '{? = call f(1)}', '{? = call f(?)}'],
])('%s', (_, query, expected) => {
	expect(textOf(query)).toBe(expected ?? query);
});

test.each([
	['mysql', 'SELECT "it\\"s" FROM "t"', 'SELECT ? FROM "t"'],
	['mysql', "a = 'it\\'s' # 12", 'a = ?'],
	['mysql', 'SELECT 5--1 -- x', 'SELECT ?-?'],
	['mysql', 'WHERE a=1."x" AND t."b"=.5"y"', 'WHERE a=?? AND t."b"=??'],
	['mariadb', 'WHERE a="x" AND b=\'y\'', 'WHERE a=? AND b=?'],
	['postgresql', "SELECT $$se'cret$$, $a$ $$ $a$, data #>> '{a}', @5, \"c\"", 'SELECT ?, ?, data #>> ?, @?, "c"'],
	['postgresql', 'a /* 1 /* 2 */ 3 */ b', 'a  b'],
	['postgresql', "ARRAY[1, 'x']", 'ARRAY[?, ?]'],
	[
		'microsoft.sql_server',
		'SELECT [Order 2].[b] FROM #temp1 WHERE p > $12.50 AND c = @p1',
		'SELECT [Order 2].[b] FROM #temp1 WHERE p > ? AND c = @p1',
	],
	['oracle.db', "SELECT q'[it's]' FROM dual WHERE a = :1", 'SELECT ? FROM dual WHERE a = :1'],
	[
		'clickhouse',
		"SELECT [1, 'a'] WHERE x = {id:UInt64} AND y = 'it\\'s'",
		'SELECT [?, ?] WHERE x = {id:UInt64} AND y = ?',
	],
	['sqlite', 'SELECT ?1, [a b]', 'SELECT ?1, [a b]'],
])('%s reads %s', (system, query, expected) => {
	expect(textOf(query, system)).toBe(expected);
});

test('a long text is cut, and says so', () => {
	const { text } = sanitise(`SELECT ${'a, '.repeat(20_000)}b`);
	expect(text).toHaveLength(32 * 1024 + 1);
	expect(text.endsWith('…')).toBe(true);
});

const SYSTEMS = [
	'other_sql',
	'mysql',
	'postgresql',
	'microsoft.sql_server',
	'oracle.db',
	'clickhouse',
	'sqlite',
	'gcp.spanner',
];
const system = fc.constantFrom(...SYSTEMS);
const pieces = [
	...'\'"`[](){};,.:=<>+-*/%?$@#!|&\\ \n\t_…\u0000é\ud83d\ude00'.split(''),
	...'0 1 42 .5 1e9 0xff a b t x1 -- /* */ :: := $1 $a$ $$ ?1 :2 @p @0 %s null true'.split(' '),
	...'SELECT FROM WHERE IN VALUES (1,2) INSERT INTO UPDATE DELETE JOIN WITH AS UNION SAVEPOINT CALL n q e'.split(' '),
	' ',
	' ',
	' ',
	"'x'",
	'"y"',
	'(1, 2)',
	'),(',
];
const hostile = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(''));

test('sanitising twice changes nothing more, whatever the text', () => {
	fc.assert(
		fc.property(fc.oneof(hostile, fc.string(), fc.string({ unit: 'binary' })), system, (query, system) => {
			const once = textOf(query, system);
			expect(textOf(once, system)).toBe(once);
		}),
		{ numRuns: 1000 },
	);
});

test('the summary is never longer than 255 characters and is made of what stands in the query', () => {
	fc.assert(
		fc.property(hostile, system, (query, system) => {
			const { summary } = sanitise(query, system);
			expect(summary.length).toBeLessThanOrEqual(255);
			for (const word of summary.split(' ')) expect(query).toContain(word);
		}),
		{ numRuns: 1000 },
	);
});

const secretText = fc
	.array(fc.constantFrom('S3CRET', '7', "''", ' ', '--', '/*', '*/', ';', '(', 'x', '\n', ':1', '"'), { maxLength: 8 })
	.map((parts) => `S3CRET${parts.join('')}`);
const literal = fc.oneof(
	secretText.map((text) => `'${text}'`),
	fc.integer().map((value) => String(value)),
	fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => String(value)),
	fc.integer({ min: 0 }).map((value) => `0x${value.toString(16)}`),
	fc.constantFrom('+7', '-.7e-7', "N'S3CRET'", "x'7f'", '7.'),
);
const expression = fc
	.tuple(fc.constantFrom('a = ', 'b IN (', 'f(x, ', 'a + ', 'BETWEEN ', 'LIMIT ', 'c>', 'INTERVAL '), literal)
	.map((parts) => parts.join(''));
const statement = fc
	.array(
		fc.oneof(
			expression,
			fc.constantFrom('SELECT a FROM t WHERE', 'VALUES (', ')', ',', 'AND', '"name"', '/* S3CRET 7 */', '-- 7\n'),
		),
		{ maxLength: 12 },
	)
	.map((parts) => parts.join(' '));

test('no digit and no text of a literal survives', () => {
	fc.assert(
		fc.property(
			statement,
			fc.constantFrom('other_sql', 'postgresql', 'microsoft.sql_server', 'sqlite'),
			(query, system) => {
				const { text, summary } = sanitise(query, system);
				expect(text).not.toMatch(/[0-9]|S3CRET/);
				expect(summary).not.toMatch(/[0-9]|S3CRET/);
			},
		),
		{ numRuns: 1000 },
	);
});

test.each([
	['open parentheses', '('],
	['open lists', 'IN ('],
	['open rows', 'VALUES ('],
	['values without end', '1 '],
	['rows', '(1),'],
	['open comments', '/*'],
	['comments', 'a/**/'],
	['dollars', '$a'],
	['open brackets', '[a'],
	['quotes', "'a"],
	['percents', '%(a'],
	['dots', 'a.'],
	['statements', 'a;'],
	['commas after FROM', 'FROM a,'],
	['signs', '-'],
	['escapes', "'\\"],
])('takes time in proportion to the length: %s', (_, piece) => {
	for (const system of SYSTEMS) {
		const query = `SELECT * FROM a WHERE b IN ((1),(${piece.repeat(Math.ceil(32_768 / piece.length))}`;
		// A few milliseconds each; quadratic time would be seconds, and all of them too many for one test.
		for (let times = 0; times < 4; times += 1) expect(sanitise(query, system)).toBeDefined();
	}
});
