import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { QueryHash } from './query-hash.ts';
import { batchSummary, QuerySanitiser, sanitiseQuery } from './sanitise-query.ts';

const textOf = (system: string, query: string) => sanitiseQuery(system, query).text;
const fingerprintOf = (system: string, query: string) => sanitiseQuery(system, query).fingerprint;

describe('Redis', () => {
	test.each([
		// Source: semantic conventions, docs/db/redis.md.
		["HMSET myhash field1 'Hello' field2 'World'", 'HMSET myhash field1 ? field2 ?', 'HMSET'],
		['GET user:8412', 'GET user:?', 'GET'],
		['set session:9f8e7d "a b" EX 60', 'set session:? ?', 'set'],
		['MGET a:1 a:2 a:3 b', 'MGET a:? b', 'MGET'],
		['MSET a:1 x b:2 y', 'MSET a:? ? b:? ?', 'MSET'],
		['HGETALL cart:{42}:items', 'HGETALL cart:{?}:items', 'HGETALL'],
		['AUTH default secret', 'AUTH ?', 'AUTH'],
		['EVAL "return 1" 1 key', 'EVAL ?', 'EVAL'],
		['PING', 'PING', 'PING'],
		['GET a:1\nGET a:2\nSET b 1', 'GET a:?\nSET b ?', 'GET SET'],
		['GET mail:joe@example.com', 'GET mail:?.com', 'GET'],
		['"quoted" secret', '?', ''],
		['', '', ''],
	])('%s → %s', (query, text, summary) => {
		expect(sanitiseQuery('redis', query)).toMatchObject({ text, summary });
	});
	test('Valkey is read like Redis, Memcached keeps its command alone', () => {
		expect(textOf('valkey', 'GET user:1')).toBe('GET user:?');
		expect(textOf('memcached', 'get user:1 x')).toBe('get ?');
	});
	test('a pipeline without end is cut', () => {
		expect(textOf('redis', `MSET ${'a 1 '.repeat(50_000)}`).length).toBeLessThan(200);
	});
});

describe('JSON', () => {
	test.each([
		[
			'{"find": "orders", "filter": {"user": 12, "tags": ["a", "b"]}}',
			'{"find":?,"filter":{"user":?,"tags":[?]}}',
			'find',
		],
		['{"query":{"match":{"title":"secret \\" 12"}}}', '{"query":{"match":{"title":?}}}', ''],
		['db.orders.find({_id: ObjectId("5f"), a: -1})', 'db.orders.find({"_id":?,"a":?})', 'db.orders.find'],
		['GET /orders/81f3/_search {"size": 3}', 'GET /orders/?/_search {"size":?}', 'GET /orders/?/_search'],
		['[{"a":1},{"b":null}]', '[{"a":?},{"b":?}]', ''],
		['{"users":{"41ab":{"x":true}}}', '{"users":{"?":{"x":?}}}', 'users'],
		['{"a":"cut in the mid', '{"a":?', 'a'],
		['{}', '{}', ''],
		['', '', ''],
	])('%s → %s', (query, text, summary) => {
		expect(sanitiseQuery('mongodb', query)).toMatchObject({ text, summary });
	});
	test('no leaf survives', () => {
		fc.assert(
			fc.property(fc.json({ maxDepth: 4, noUnicodeString: false }), (json) => {
				const marked = JSON.stringify(JSON.parse(json), (_, value: unknown) =>
					typeof value === 'string' ? `S3CRET${value}` : value,
				);
				expect(textOf('mongodb', `{"find":${marked}}`)).not.toContain('S3CRET');
			}),
		);
	});
	test('nesting without end is neither followed nor fatal', () => {
		expect(textOf('mongodb', '{"a":'.repeat(6_000))).toMatch(/^\{"a":\{"a":/);
		expect(textOf('elasticsearch', '['.repeat(32_000)).length).toBeLessThan(100);
	});
});

describe('an unknown system', () => {
	test.each([
		['select * from t where a = 1', 'select * from t where a = ?'],
		['/* c */ DELETE FROM t', 'DELETE FROM t'],
		['({"a": 1})', '?'],
		['{"a": 1}', '{"a":?}'],
		['MATCH (n:Person {name: "Joe"}) RETURN n', 'MATCH ?'],
		['g.V(12).out()', '?'],
		['CREATE (n {name: "Joe", age: 3})', 'CREATE (n {name: ?, age: ?})'],
		['SET key secret', 'SET ?'],
	])('%s → %s', (query, text) => {
		expect(textOf('', query)).toBe(text);
		expect(textOf('neo4j', query)).toBe(text);
	});
});

describe('fingerprints', () => {
	test('are the same for other values, other blanks, comments and lists of other lengths', () => {
		const queries = [
			'SELECT a FROM t WHERE b = 1 AND c IN (1, 2)',
			"SELECT a  FROM t\nWHERE b='x' AND c IN(3)",
			'SELECT a FROM t WHERE b = $1 AND c IN ($2, $3, $4) /* caller=x */',
			'SELECT a FROM t WHERE b = ? AND c IN (?)',
		];
		expect(new Set(queries.map((query) => fingerprintOf('postgresql', query))).size).toBe(1);
	});
	test('differ by system, by table and by operator', () => {
		const all = [
			fingerprintOf('postgresql', 'SELECT a FROM t WHERE b = 1'),
			fingerprintOf('mysql', 'SELECT a FROM t WHERE b = 1'),
			fingerprintOf('postgresql', 'SELECT a FROM u WHERE b = 1'),
			fingerprintOf('postgresql', 'SELECT a FROM t WHERE b > 1'),
			fingerprintOf('redis', 'GET a'),
			fingerprintOf('redis', 'GET b'),
		];
		expect(new Set(all).size).toBe(all.length);
	});
	test('stay what they are from version to version, since they are stored', () => {
		expect(fingerprintOf('postgresql', 'SELECT a FROM t WHERE b = 1')).toMatch(/^[0-9a-f]{16}$/);
		expect(fingerprintOf('postgresql', 'SELECT a FROM t WHERE b = 1')).toBe('c6d37f2c93b1b06d');
	});
	test('are those of the sanitised text', () => {
		fc.assert(
			fc.property(fc.string(), fc.constantFrom('postgresql', 'mysql', 'other_sql'), (query, system) => {
				const { text, fingerprint } = sanitiseQuery(system, `SELECT 1 ${query}`);
				expect(fingerprintOf(system, text)).toBe(fingerprint);
			}),
			{ numRuns: 1000 },
		);
	});
	test('are FNV-1a with 64 bits', () => {
		// Source: draft-eastlake-fnv, test vectors.
		expect(new QueryHash().digest()).toBe('cbf29ce484222325');
		expect(new QueryHash().add('a').digest()).toBe('af63dc4c8601ec8c');
		expect(new QueryHash().add('foo').add('bar').digest()).toBe('85944171f73967e8');
		expect(new QueryHash().add('é').digest()).not.toBe(new QueryHash().add('ǩ').digest());
	});
});

test('a batch of one kind bears its summary, another one none', () => {
	const summaryOf = (query: string, size: number) => batchSummary(sanitiseQuery('postgresql', query), size);
	expect(summaryOf('INSERT INTO t VALUES (?)', 3)).toBe('BATCH INSERT t');
	expect(summaryOf('INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)', 2)).toBe('BATCH INSERT t');
	expect(summaryOf('INSERT INTO t VALUES (1); INSERT INTO u VALUES (2)', 2)).toBe('BATCH');
	expect(summaryOf('INSERT INTO t VALUES (?)', 0)).toBe('INSERT t');
});

test('a text that comes again is not read again, unless it goes to another system', () => {
	const sanitiser = new QuerySanitiser();
	const first = sanitiser.sanitise('mysql', 'SELECT "a"');
	expect(sanitiser.sanitise('mysql', 'SELECT "a"')).toBe(first);
	expect(sanitiser.sanitise('postgresql', 'SELECT "a"').text).toBe('SELECT "a"');
	expect(sanitiser.cacheHits).toBe(2);
	expect(sanitiser.cacheMisses).toBe(1);
});

test('working space that is used again leaves nothing of the query before', () => {
	const sanitiser = new QuerySanitiser({ maxEntries: 1, maxBytes: 1 });
	fc.assert(
		fc.property(fc.array(fc.constantFrom('SELECT', 'a', '1', '(', ')', ',', 'IN', 'FROM', '/*x*/', ';')), (words) => {
			const query = words.join(' ');
			expect(sanitiser.sanitise('mysql', query)).toEqual(sanitiseQuery('mysql', query));
		}),
	);
});
