import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { sqlPieces } from './sql-pieces.ts';

const keywords = (sql: string): string[] => sqlPieces(sql).flatMap(({ text, isKeyword }) => (isKeyword ? [text] : []));

test('keywords are told apart, in whatever case', () => {
	expect(keywords('select a FROM t Where x = 1 order by fromage')).toEqual(['select', 'FROM', 'Where', 'order', 'by']);
});

test('what stands in quotes and comments is none', () => {
	expect(keywords("SELECT 'from where ''and' AS \"order by\" -- select\n FROM t /* or */")).toEqual([
		'SELECT',
		'AS',
		'FROM',
	]);
});

test('the pieces together are the text, whatever it is', () => {
	const words = fc.array(
		fc.constantFrom('SELECT', 'from', "'a b'", '(', ')', 'and', '"', "'", '--x', '/*', '-', '/', 'ж', ' ', '\n', '`'),
	);
	fc.assert(
		fc.property(
			fc.oneof(
				fc.string(),
				words.map((list) => list.join(' ')),
			),
			(sql) => {
				expect(
					sqlPieces(sql)
						.map(({ text }) => text)
						.join(''),
				).toBe(sql);
			},
		),
	);
});
