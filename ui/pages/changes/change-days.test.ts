import { expect, test } from 'vitest';
import { change } from '../../testing/change-answers.ts';
import { changesByDay, deployPath, headline } from './change-days.ts';

test('changes are parted by the day of the zone, and by a part of the name', () => {
	const late = change({ tMs: Date.UTC(2026, 10, 23, 0, 30), service: 'shop/checkout' });
	const early = change({ tMs: Date.UTC(2026, 10, 22, 23, 30), service: 'shop/cart' });
	expect(changesByDay([late, early], '', 'utc')).toEqual([
		{ date: '2026-11-23', changes: [late] },
		{ date: '2026-11-22', changes: [early] },
	]);
	expect(changesByDay([late, early], 'CART', 'utc')).toEqual([{ date: '2026-11-22', changes: [early] }]);
});

test.each([
	[change({ previous: '1.0', revision: '1.1' }), '1.0 → 1.1'],
	[change({ previous: null, revision: '1.1' }), 'First seen with 1.1'],
	[change({ kind: 'flag', revision: 'new-till' }), 'flag new-till'],
	[change({ kind: 'migration', revision: '', previous: null }), 'migration'],
	[change({ title: 'Roll out the till' }), 'Roll out the till'],
])('%o is told as %s', (told, line) => {
	expect(headline(told)).toBe(line);
});

test('names with slashes stay one part of the path', () => {
	expect(deployPath({ service: 'shop/checkout', revision: 'a/b' })).toBe('/deploys/shop%2Fcheckout/a%2Fb');
});
