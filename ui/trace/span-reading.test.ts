import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyValue } from '../../schema/api.ts';
import { parseQuery } from '../../schema/query-language.ts';
import { readQuery, writeQuery } from '../lib/query-state.ts';
import { dedent, searchAttributes, showValue } from './any-value.ts';
import { isLibraryFrame, readException } from './exception.ts';
import { hasTerm, toggleTerm } from './filter-text.ts';
import { similarQuery } from './find-similar.ts';
import { shortServices } from './short-services.ts';
import { traceQuery } from './trace-query.ts';

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });

describe('a value is shown as it was sent', () => {
	test.each<[AnyValue, string, string]>([
		[{ stringValue: '' }, '', 'string'],
		[{ intValue: '9223372036854775807' }, '9223372036854775807', 'int'],
		[{ doubleValue: 'NaN' }, 'NaN', 'double'],
		[{ boolValue: false }, 'false', 'bool'],
		[{ bytesValue: 'AQI=' }, 'AQI=', 'bytes'],
		[{ arrayValue: { values: [{ intValue: '1' }, { stringValue: 'a' }] } }, '[\n  "1",\n  "a"\n]', 'array'],
		[{ kvlistValue: { values: [text('__proto__', 'x')] } }, '{\n  "__proto__": "x"\n}', 'map'],
		[{}, '', 'empty'],
	])('%j', (value, shown, type) => {
		expect(showValue(value)).toEqual({ text: shown, type });
	});
});

test('attributes are searched by key and by value', () => {
	const attributes = [text('http.route', '/cart'), text('user', 'Carla'), text('x', 'y')];
	expect(searchAttributes(attributes, ' CAR').map(({ key }) => key)).toEqual(['http.route', 'user']);
});

describe('an exception', () => {
	const stack = 'Boom: no stock\n    at reserve (/srv/src/stock.ts:4:2)\n    at run (/srv/node_modules/x/y.js:1:1)\n';
	const event = {
		name: 'exception',
		attributes: [
			text('exception.type', 'Boom'),
			text('exception.message', 'no stock'),
			text('exception.stacktrace', stack),
			text('sku', '7'),
		],
	};

	test('is told without repeating its message', () => {
		expect(readException(event)).toMatchObject({
			type: 'Boom',
			message: 'no stock',
			frames: ['    at reserve (/srv/src/stock.ts:4:2)', '    at run (/srv/node_modules/x/y.js:1:1)'],
			others: [text('sku', '7')],
		});
	});

	test('other events are none', () => {
		expect(readException({ name: 'cache.miss', attributes: [] })).toBeUndefined();
	});

	test('frames of libraries are told apart', () => {
		expect(readException(event)?.frames.map(isLibraryFrame)).toEqual([false, true]);
	});
});

test('the search for the same attribute is read back as exactly that, whatever key and value are', () => {
	const keys = fc.oneof(
		fc.string({ minLength: 1 }),
		fc.constantFrom('http.route', 'name', 'error', 'span.x', 'has', '__proto__'),
	);
	fc.assert(
		fc.property(keys, fc.oneof(fc.string(), fc.constantFrom('500', 'true', 'a*b', '5ms', '"')), (key, value) => {
			const query = similarQuery('any', key, { stringValue: value });
			if (query === undefined) return;
			const parsed = parseQuery(query);
			expect(parsed.kind === 'query' && parsed.query.where).toMatchObject({
				key: { kind: 'attribute', key },
				values: [{ kind: 'text', text: value }],
			});
		}),
	);
});

test('there is no search for values that the language has no words for', () => {
	expect(similarQuery('any', 'k', { arrayValue: { values: [] } })).toBeUndefined();
	expect(similarQuery('any', 'k', { doubleValue: 'NaN' })).toBeUndefined();
	expect(similarQuery('any', 'k', { stringValue: 'x'.repeat(2000) })).toBeUndefined();
});

test('a button of the filter is a word of its text', () => {
	expect(toggleTerm('cart', 'error:true')).toBe('cart error:true');
	expect(toggleTerm('cart error:true', 'error:true')).toBe('cart');
	expect(hasTerm('-error:true', 'error:true')).toBe(false);
});

test('a namespace that all services share is not repeated', () => {
	expect(shortServices(['shop/a', 'shop/b'])).toEqual(['a', 'b']);
	expect(shortServices(['shop/a', 'b'])).toEqual(['shop/a', 'b']);
	expect(shortServices([])).toEqual([]);
});

describe('the address of a trace', () => {
	test('says the same after writing and reading', () => {
		const values = {
			at: 1_763_884_802_000,
			span: '00f067aa0ba902b7',
			z: { from: 12, to: 3400 },
			f: 'error:true "a b"',
			only: true,
			root: '00f067aa0ba902b8',
			mark: { from: 5, to: 9 },
			pin: ['00f067aa0ba902b7', '00f067aa0ba902b8'],
			list: 'errors' as const,
			moment: '1763884802000000001',
			v: 'table' as const,
			by: 'attribute:a b',
			sort: '-p95' as const,
			twin: true,
		};
		expect(readQuery(traceQuery, writeQuery(traceQuery, new URLSearchParams(), values))).toEqual(values);
	});

	test.each(['span=xyz', 'z=5-2', 'z=-4', 'z=1e3-2e3', 'at=soon', 'only=yes'])(
		'%s means nothing and is left out',
		(search) => {
			const { at, span, z, only } = readQuery(traceQuery, new URLSearchParams(search));
			expect({ at, span, z, only }).toEqual({ at: undefined, span: '', z: undefined, only: false });
		},
	);
});

test.each([
	['one line', '  one line ', '  one line '],
	[
		'the indent of a template literal',
		'\n\t\tSELECT a\n\t\t  FROM t\n\n\t\tWHERE x\n\t',
		'SELECT a\n  FROM t\n\nWHERE x',
	],
	['a first line that stands by itself', 'SELECT a\n    FROM t\n      WHERE x', 'SELECT a\nFROM t\n  WHERE x'],
	['lines without an indent', 'a\n  b\nc', 'a\n  b\nc'],
])('of %s only the shared indent is left out', (_, text, shown) => {
	expect(dedent(text)).toBe(shown);
});
