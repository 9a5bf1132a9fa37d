import { expect, test } from 'vitest';
import { cameWith } from './came-with.ts';

const versions = ['v3', 'v2', 'v1'].map((version, index) => ({ version, firstSeenMs: 300 - index * 100 }));

test.each([
	['the newest version alone', ['v3'], { version: 'v3', isNewest: true }],
	['an older one, and what followed', ['v3', 'v2', 'v2'], { version: 'v2', isNewest: false }],
	['the oldest that is known: it may have been there before', ['v3', 'v1'], undefined],
	['a version that nobody knows', ['v3', 'v9'], undefined],
	['none that is named', ['v3', ''], undefined],
	['nothing', [], undefined],
])('an issue that was seen with %s', (_, seenWith, expected) => {
	expect(cameWith(seenWith, versions)).toEqual(expected);
});

test('of one version nothing is known', () => {
	expect(cameWith(['v1'], versions.slice(2))).toBeUndefined();
	expect(cameWith([''], [])).toBeUndefined();
});
