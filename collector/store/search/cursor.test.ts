import { expect, test } from 'vitest';
import type { Page, WindowScope } from '../reader-types.ts';
import { CursorError, startOfPage } from './cursor.ts';

const scope: WindowScope = { project: 'default', window: { fromMs: 1_000, toMs: 2_000 } };
const query = { where: 'service = {q0:String}', parameters: { q0: 'cart' } };
const page: Page = { sort: '-end', limit: 10 };
const id = 'ab'.repeat(16);

test('a cursor continues the same search where it ended, in the window of its first page', () => {
	const cursor = startOfPage('traces', scope, query, page).cursorAfter('1500', id);
	const moved = { ...scope, window: { fromMs: 1_100, toMs: 2_100 } };
	const next = startOfPage('traces', moved, query, { ...page, cursor });
	expect(next.window).toEqual(scope.window);
	expect(next.after).toEqual({ key: '1500', id });
	expect(cursor).toMatch(/^[\w-]+$/);
});

test.each([
	['sort', 'traces', scope, query, { ...page, sort: 'end' }],
	['query', 'traces', scope, { ...query, parameters: { q0: 'other' } }, page],
	['project', 'traces', { ...scope, project: 'other' }, query, page],
	['environment', 'traces', { ...scope, environment: 'production' }, query, page],
	['list', 'spans', scope, query, page],
] as const)('a cursor of another %s is refused', (_, what, otherScope, otherQuery, otherPage) => {
	const cursor = startOfPage('traces', scope, query, page).cursorAfter('1500', id);
	expect(() => startOfPage(what, otherScope, otherQuery, { ...otherPage, cursor })).toThrow(CursorError);
});

test.each([
	['', 'empty'],
	['%%%', 'not base64url'],
	[Buffer.from('null').toString('base64url'), 'not an object'],
	[Buffer.from('{"asked":"x"}').toString('base64url'), 'incomplete'],
])('a damaged cursor is refused: %s (%s)', (cursor) => {
	expect(() => startOfPage('traces', scope, query, { ...page, cursor })).toThrow('the cursor is damaged');
});

test('a cursor with values that no page hands out is refused', () => {
	const cursor = startOfPage('traces', scope, query, page).cursorAfter("0' OR 1", id);
	expect(() => startOfPage('traces', scope, query, { ...page, cursor })).toThrow(CursorError);
});
