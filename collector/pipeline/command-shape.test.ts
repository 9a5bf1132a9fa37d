import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CommandShape } from './command-shape.ts';
import { sanitiseQuery } from './sanitise-query.ts';

/** The text itself where it has no shape. */
function shapeOf(system: string, command: string): string {
	const around = Buffer.from(`12${command}34`);
	const shape = new CommandShape();
	const length = shape.write(system, around, 2, around.length - 2);
	return length === 0 ? command : Buffer.from(shape.bytes.subarray(0, length)).toString();
}

test.each([
	['GET session:48213', 'GET session:00000'],
	['GET session:48', 'GET session:48'],
	['  HSET cart:8f3123:items field12345 7 "a 100"', '  HSET cart:8f0000:items field00000 7 "a 000"'],
	['SET1234 key', 'SET1234 key'],
	['get 1234', 'get 0000'],
])('%s has the shape %s', (command, shape) => {
	expect(shapeOf('redis', command)).toBe(shape);
});

test.each([
	['lines, each with a name of its own', 'redis', 'GET a:123\nX123 b'],
	['what is not ASCII', 'redis', 'GET é:1234'],
	['other languages', 'postgresql', 'SELECT 1234'],
	['unknown systems, which may be SQL', '', 'SELECT 1234'],
	['long ones', 'redis', `SET a ${'1'.repeat(1_100)}`],
])('%s have none', (_, system, text) => {
	expect(shapeOf(system, text)).toBe(text);
});

const name = fc.constantFrom(
	'GET',
	'get',
	'MGET',
	'HSET',
	'HMGET',
	'MSET',
	'SET',
	'EVAL',
	'X123',
	'123',
	'A1234',
	'?',
	'',
);
const piece = fc.oneof(
	fc.constantFrom(
		'session',
		'user',
		'a_b',
		':',
		'/',
		'-',
		'"',
		"'",
		'\\',
		'.',
		'|',
		'{',
		'\t',
		'\u00a0',
		'é',
		'\n',
		'\u001c',
	),
	fc.nat(99_999).map(String),
	fc.string({ maxLength: 4 }),
);
const word = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
const command = fc
	.tuple(fc.constantFrom('', ' ', '\u00a0 ', '\n'), name, fc.array(word, { maxLength: 70 }))
	.map(([before, first, words]) => before + [first, ...words].join(' '));

test('a shape is sanitised to what the command is', () => {
	fc.assert(
		fc.property(fc.constantFrom('redis', 'valkey', 'memcached', 'mongodb', ''), command, (system, query) => {
			expect(sanitiseQuery(system, shapeOf(system, query))).toEqual(sanitiseQuery(system, query));
		}),
		{ numRuns: 2_000 },
	);
});
