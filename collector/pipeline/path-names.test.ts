import { expect, test } from 'vitest';
import { PathNames } from './path-names.ts';

const named = (names: PathNames, service: string, path: string, verb = 'GET') => {
	const bytes = new TextEncoder().encode(`xx${path}yy`);
	return names.operation(service, verb, { bytes, start: 2, end: bytes.length - 2 });
};
const word = (n: number) => [0, 1, 2].map((at) => String.fromCharCode(97 + (Math.floor(n / 26 ** at) % 26))).join('');

test('a path of any length is a name of bounded length, and one without a method has the path alone', () => {
	const names = new PathNames();
	expect(named(names, 's', `/${'a'.repeat(1_000_000)}`).length).toBeLessThan(300);
	expect(named(names, 's', '/a/9', '')).toBe('/a/{id}');
});

test('ids that never repeat are one name, however many there are', () => {
	const names = new PathNames();
	for (let id = 0; id < 30_000; id += 1) expect(named(names, 's', `/orders/${id}`)).toBe('GET /orders/{id}');
	expect(named(names, 's', '/a')).toBe('GET /a');
});

test('methods count among the names of a service; who has used up its names has them still', () => {
	const names = new PathNames();
	for (let n = 0; n < 200; n += 1) named(names, 's', '/a', `M${word(n)}`);
	expect(named(names, 's', '/a', 'GET')).toBe('GET *');
	expect(named(names, 's', '/a', 'Maaa')).toBe('Maaa /a');
	expect(named(names, 's', '/b', '')).toBe('*');
});

test('too many names of all services together begin to count anew', () => {
	const names = new PathNames();
	for (let n = 0; n < 200; n += 1) named(names, 'first', `/${word(n)}`);
	expect(named(names, 'first', '/new')).toBe('GET *');
	for (let n = 0; n <= 19_800; n += 1) named(names, `s${n}`, '/a');
	expect(named(names, 'first', '/new')).toBe('GET /new');
});
