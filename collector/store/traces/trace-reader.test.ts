import { expect, test } from 'vitest';
import { distinctTexts } from './trace-reader.ts';

test('a text of several dictionaries is one text, and what no row has is none', () => {
	const twoBlocks = { ids: Uint32Array.of(1, 2, 1, 4, 5, 5), dictionary: ['', 'web', 'cart', '', 'cart', 'web'] };
	const other = { ids: Uint32Array.of(0, 1), dictionary: ['cart', 'mail', 'web'] };
	expect(distinctTexts([twoBlocks, other])).toEqual({
		ids: [Uint32Array.of(0, 1, 0, 1, 0, 0), Uint32Array.of(1, 2)],
		texts: ['web', 'cart', 'mail'],
	});
});
