import { expect, test } from 'vitest';
import { distinctTexts } from './trace-reader.ts';

test('a text of several dictionaries is one text, and what no row has is none', () => {
	const twoBlocks = { ids: Uint32Array.of(1, 2, 1, 4, 5, 5), dictionary: ['', 'web', 'cart', '', 'cart', 'web'] };
	expect(distinctTexts(twoBlocks)).toEqual({ ids: Uint32Array.of(0, 1, 0, 1, 0, 0), texts: ['web', 'cart'] });
});
