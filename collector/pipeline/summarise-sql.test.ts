import { expect, test } from 'vitest';
import { sanitiseSql } from './sanitise-sql.ts';
import { sqlDialect, standardSql } from './sql-dialect.ts';

const summaryOf = (query: string, system = 'other_sql') =>
	sanitiseSql(query, sqlDialect(system) ?? standardSql).summary;

test.each([
	// Examples of the semantic conventions, docs/db/database-spans.md.
	['SELECT *\nFROM   wuser_table\nWHERE  username = ?', 'SELECT wuser_table'],
	['SELECT * FROM songs, artists WHERE songs.artist_id == artists.id', 'SELECT songs artists'],
	['SELECT * FROM "song list", \'artists\'', 'SELECT "song list" \'artists\''],
	['{call some_stored_procedure}', 'call some_stored_procedure'],
	['{? = call f(?)}', 'call f'],
	// Queries within queries.
	[
		'WITH a AS (SELECT x FROM t), b AS (DELETE FROM u RETURNING *) UPDATE v SET x = 1 FROM a',
		'SELECT t DELETE u UPDATE v a',
	],
	['WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n FROM r) SELECT * FROM r', 'SELECT SELECT r SELECT r'],
	['SELECT a FROM t UNION SELECT b FROM u', 'SELECT t SELECT u'],
	['(SELECT a FROM t) EXCEPT (SELECT b FROM u)', 'SELECT t SELECT u'],
	['SELECT a FROM t WHERE b IN (SELECT c FROM u) ORDER BY (SELECT 1), d', 'SELECT t SELECT u SELECT'],
	['SELECT * FROM (a JOIN b ON a.x = b.x), c', 'SELECT a b c'],
	['SELECT * FROM a x LEFT JOIN b USING (id), LATERAL (SELECT 1 FROM c) y', 'SELECT a b SELECT c'],
	['SELECT * FROM generate_series(1, 10)', 'SELECT generate_series'],
	// FROM that names no table.
	['SELECT EXTRACT(year FROM created), a IS DISTINCT FROM b FROM t', 'SELECT t'],
	['SELECT a, b FROM t GROUP BY a, b', 'SELECT t'],
	['SELECT a FROM t FOR UPDATE', 'SELECT t'],
	['SELECT a FROM "x"."y z" JOIN [db]..[t] ON 1 = 1', 'SELECT "x"."y z" [db]..[t]'],
	['SELECT a FROM $1 JOIN @t', 'SELECT'],
	// Changes.
	['INSERT INTO t (delete, update) VALUES (1, 2) ON CONFLICT (a) DO UPDATE SET a = 1', 'INSERT t'],
	['INSERT OR REPLACE INTO t VALUES (1)', 'INSERT t'],
	['REPLACE INTO t VALUES (1)', 'REPLACE t'],
	['insert t values (1)', 'insert t'],
	['INSERT OVERWRITE TABLE t SELECT * FROM u', 'INSERT t SELECT u'],
	['UPDATE ONLY t SET a = 1, b = 2 WHERE c IN (3)', 'UPDATE t'],
	['DELETE a FROM orders a JOIN users u ON 1 = 1', 'DELETE orders users'],
	['DELETE FROM a USING b WHERE a.x = b.x', 'DELETE a b'],
	[
		'MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = 1 WHEN NOT MATCHED THEN INSERT (a) VALUES (1)',
		'MERGE t s',
	],
	// Definitions and commands.
	['CREATE TABLE IF NOT EXISTS a.b (c int REFERENCES d, e int)', 'CREATE TABLE a.b'],
	['CREATE OR REPLACE FUNCTION f(a int) RETURNS int AS $$ SELECT 1 FROM x $$', 'CREATE FUNCTION f'],
	['CREATE UNIQUE INDEX CONCURRENTLY i ON t (a, b)', 'CREATE INDEX i'],
	['CREATE TABLE a AS SELECT * FROM b', 'CREATE TABLE a SELECT b'],
	['ALTER TABLE t ADD a int, ADD b int', 'ALTER TABLE t'],
	['DROP TABLE IF EXISTS a, b CASCADE', 'DROP TABLE a b'],
	['TRUNCATE t', 'TRUNCATE t'],
	['TRUNCATE TABLE t', 'TRUNCATE TABLE t'],
	['EXEC @rc = dbo.p @a = 1', 'EXEC dbo.p'],
	['EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM t', 'EXPLAIN SELECT t'],
	['COPY t (a, b) FROM STDIN', 'COPY t'],
	['USE shop', 'USE shop'],
	['SET search_path = a, b', 'SET'],
	['SHOW TABLES FROM x', 'SHOW'],
	['GRANT SELECT, INSERT ON t TO u', 'GRANT'],
	['SAVEPOINT s1', 'SAVEPOINT'],
	['VACUUM FULL t', 'VACUUM'],
	['SUMMARIZE t', 'SUMMARIZE'],
	['BEGIN', 'BEGIN'],
	['WITH BATCH', ''],
	['', ''],
	['42', ''],
	// Several statements.
	['BEGIN; UPDATE t SET a = 1; COMMIT;', 'BEGIN UPDATE t COMMIT'],
	['INSERT INTO a VALUES (1); INSERT INTO a VALUES (now()); INSERT INTO b VALUES (3)', 'INSERT a INSERT b'],
	['BEGIN UNLOGGED BATCH INSERT INTO a (b) VALUES (1); INSERT INTO a (c) VALUES (2); APPLY BATCH', 'BATCH INSERT a'],
])('%s → %s', (query, expected) => {
	expect(summaryOf(query)).toBe(expected);
});

test('names in MySQL quotes are targets where a table stands', () => {
	expect(summaryOf('SELECT "x" FROM `a b` JOIN "c" ON 1', 'mysql')).toBe('SELECT `a b` "c"');
});

test('the summary ends before the first name that does not fit', () => {
	const long = 'n'.repeat(100);
	expect(summaryOf(`SELECT * FROM a${long}, b${long}, c${long}, d`)).toBe(`SELECT a${long} b${long}`);
});

test('statements are counted as they stand in the sanitised text', () => {
	const statementsIn = (query: string) => sanitiseSql(query, standardSql).statements;
	expect(statementsIn('SELECT 1; SELECT 2; SELECT a;')).toBe(2);
	expect(statementsIn('SELECT 1')).toBe(1);
	expect(statementsIn('')).toBe(0);
});
