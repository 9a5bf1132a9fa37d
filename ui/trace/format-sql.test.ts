import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSql } from './format-sql.ts';

const textOf = (sql: string): string =>
	formatSql(sql)
		.map(({ text }) => text)
		.join('');

test('a clause a line, joins and conditions too', () => {
	expect(
		textOf(
			'select a, b from t left join u on t.id = u.id where x = ? and (y = 1 or z in (select q from r)) order by a limit 5',
		),
	).toBe(
		[
			'select a, b ',
			'from t ',
			'left join u on t.id = u.id ',
			'where x = ? ',
			'  and (y = 1 ',
			'    or z in (',
			'    select q ',
			'    from r)) ',
			'order by a ',
			'limit 5',
		].join('\n'),
	);
});

test('what stands in quotes and comments is left alone', () => {
	expect(textOf("SELECT 'from where ''and' AS \"order by\" -- select\n FROM t")).toBe(
		"SELECT 'from where ''and' AS \"order by\" -- select\n\nFROM t",
	);
});

test('nothing but space changes, whatever the text', () => {
	const words = fc.array(
		fc.constantFrom('SELECT', 'from', "'a b'", '(', ')', 'and', '"', "'", '--x', '/*', ',', 'ж', ' ', '\n', 'x'),
	);
	const bare = (text: string) => text.replaceAll(/\s/g, '');
	fc.assert(
		fc.property(
			fc.oneof(
				fc.string(),
				words.map((list) => list.join(' ')),
			),
			(sql) => {
				expect(bare(textOf(sql))).toBe(bare(sql));
			},
		),
	);
});
