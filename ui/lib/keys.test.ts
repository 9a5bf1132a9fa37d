import { expect, test } from 'vitest';
import { clashesOf, KEY_BINDINGS } from './keys.ts';

test('no key means two things at once', () => {
	expect(clashesOf(KEY_BINDINGS)).toEqual([]);
});

test('a clash is found within a scope, with the global keys, and between a key and a sequence that starts with it', () => {
	const help = { scope: 'global', keys: ['?'], action: 'a', does: '' } as const;
	const other = { scope: 'list', keys: ['x', '?'], action: 'b', does: '' } as const;
	expect(clashesOf([help, other])).toEqual([[help, other]]);
	expect(clashesOf([help, { ...other, overrides: true }])).toEqual([]);
	expect(
		clashesOf([
			{ ...help, keys: ['g'] },
			{ ...other, scope: 'global', keys: ['g s'] },
		]),
	).toHaveLength(1);
	expect(clashesOf([other, { ...other, scope: 'trace' }])).toEqual([]);
});

test('every action is bound once', () => {
	const actions = KEY_BINDINGS.map((binding) => binding.action);
	expect(new Set(actions).size).toBe(actions.length);
});
