import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
	choiceParameter,
	flagParameter,
	integerParameter,
	readQuery,
	textParameter,
	unreadable,
	writeQuery,
} from './query-state.ts';

const spec = {
	q: textParameter(),
	sort: choiceParameter(['-end', 'end', 'duration'], '-end'),
	live: flagParameter(),
	at: integerParameter(0, 8.64e15),
};

const values = fc.record({
	q: fc.string({ unit: 'binary' }),
	sort: fc.constantFrom('-end', 'end', 'duration'),
	live: fc.boolean(),
	at: fc.option(fc.integer({ min: 0, max: 2 ** 52 }), { nil: undefined }),
});

test('what is written into an address is read from it again', () => {
	fc.assert(
		fc.property(values, (wanted) => {
			// A lone surrogate has no UTF-8, so no address can carry it.
			fc.pre(wanted.q.isWellFormed());
			const search = writeQuery(spec, new URLSearchParams('other=1'), wanted);
			expect({ ...readQuery(spec, new URLSearchParams(search.toString())) }).toEqual(wanted);
			expect(search.get('other')).toBe('1');
			expect(unreadable(spec, search)).toEqual([]);
		}),
	);
});

test('defaults are not written', () => {
	const search = new URLSearchParams('q=x&sort=end&live=1&at=5');
	const empty = writeQuery(spec, search, { q: '', sort: '-end', live: false, at: undefined });
	expect(empty.toString()).toBe('');
});

test('any text leaves a screen with valid values, and the bad ones are named', () => {
	fc.assert(
		fc.property(fc.dictionary(fc.constantFrom('q', 'sort', 'live', 'at', '__proto__'), fc.string()), (junk) => {
			const search = new URLSearchParams(Object.entries(junk));
			const read = readQuery(spec, search);
			expect(['-end', 'end', 'duration']).toContain(read.sort);
			expect(typeof read.live).toBe('boolean');
			for (const name of unreadable(spec, search))
				expect(Reflect.get(read, name)).toBe(Reflect.get(spec, name).fallback);
		}),
	);
	expect(unreadable(spec, new URLSearchParams('sort=up&live=yes&at=1.5&q='))).toEqual(['sort', 'live', 'at']);
});

test('a text longer than a link may be is dropped', () => {
	expect(unreadable(spec, new URLSearchParams({ q: 'x'.repeat(5000) }))).toEqual(['q']);
});
