import { expect, test } from 'vitest';
import { IssueMerges } from './issue-merges.ts';

const into = (name: string, issueId?: string) => ({
	name,
	value: issueId === undefined ? {} : { mergedInto: { issueId, title: name } },
});

// a ◀── b ◀── c     e ◀── d
//       ▲
//       └── f
test('what is merged into a merged issue goes along with it', () => {
	const merges = new IssueMerges([into('c', 'b'), into('a'), into('b', 'a'), into('f', 'b'), into('d', 'e')]);
	expect(['a', 'b', 'c', 'd', 'e', 'f', 'x'].map((id) => merges.rootOf(id))).toEqual([
		'a',
		'a',
		'a',
		'e',
		'e',
		'a',
		'x',
	]);
	expect(merges.withMembers('a')).toEqual(['a', 'b', 'c', 'f']);
	expect(merges.withMembers('x')).toEqual(['x']);
	expect(merges.allWith(['c', 'x', 'b'])).toEqual(['a', 'b', 'c', 'f', 'x']);
	expect(merges.pairs()).toEqual({ members: ['b', 'c', 'f', 'd'], roots: ['a', 'a', 'a', 'e'] });
});

test('a circle merges nothing, and ends', () => {
	const merges = new IssueMerges([into('a', 'b'), into('b', 'c'), into('c', 'a'), into('d', 'c')]);
	expect(['a', 'b', 'c', 'd'].map((id) => merges.rootOf(id))).toEqual(['a', 'b', 'c', 'd']);
	expect(merges.pairs()).toEqual({ members: [], roots: [] });
});
