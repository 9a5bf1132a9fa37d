import { expect, test } from 'vitest';
import { formatSql } from './format-sql.ts';

test.each([
	['postgresql', 'SELECT a, b FROM t JOIN u ON u.id = t.u WHERE x = $1 AND y IN (?) LIMIT ?'],
	['mysql', 'SELECT `a` FROM `t` WHERE x = ?'],
	['unheard-of', 'INSERT INTO t (a) VALUES (?) -- note'],
	['postgresql', "SELECT data->>'x', n::int FROM t WHERE tags @> ? ORDER BY 1"],
])('of %s, nothing but blanks changes: %s', async (system, text) => {
	const formatted = await formatSql(text, system);
	expect(formatted.replaceAll(/\s+/g, '')).toBe(text.replaceAll(/\s+/g, ''));
	expect(formatted).toContain('\n');
});

test.each([
	['redis', 'GET ?'],
	['mongodb', '{"find":"orders","filter":{"id":"?"}}'],
	['postgresql', 'SELECT ((('],
	['postgresql', `SELECT ${'?, '.repeat(10_000)}?`],
])('what %s says that is no SQL stays as it is', async (system, text) => {
	const formatted = await formatSql(text, system);
	expect(formatted.replaceAll(/\s+/g, '')).toBe(text.replaceAll(/\s+/g, ''));
});
