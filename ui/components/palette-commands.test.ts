import { expect, test } from 'vitest';
import { matching } from './palette-commands.ts';
import type { Command, CommandGroup } from './palette-commands.ts';

const command = (name: string): Command => ({ name, icon: 'search', run: () => {} });
const groups: readonly CommandGroup[] = [
	{ title: 'Screens', commands: [command('Services'), command('Traces')] },
	{ title: 'Services', commands: [command('cart'), command('trace-archive')] },
];
/** How much of the name was typed, from its start. */
const prefixScore = (name: string, typed: string) =>
	name.toLowerCase().startsWith(typed) ? typed.length / name.length : 0;
const names = (found: readonly CommandGroup[]) => found.map(({ commands }) => commands.map(({ name }) => name));

test('all is listed while nothing is typed', () => {
	expect(matching(groups, '  ', prefixScore)).toBe(groups);
});

test('what does not match is left out, and the group with the best match comes first', () => {
	expect(names(matching(groups, 'trace', prefixScore))).toEqual([['Traces'], ['trace-archive']]);
	expect(names(matching(groups, 'cart', prefixScore))).toEqual([['cart']]);
	expect(matching(groups, 'nothing like it', prefixScore)).toEqual([]);
});
