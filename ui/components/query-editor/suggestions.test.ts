import { expect, test } from 'vitest';
import { suggest } from './suggestions.ts';
import { issue, issuesAnswer, nPlusOne } from '../../testing/issue-answers.ts';
import type { Api, QueryParameters } from '../../lib/api.ts';

const asked: { path: string; query: QueryParameters }[] = [];
const api = {
	get: async (path: string, query: QueryParameters) => {
		asked.push({ path, query });
		return issuesAnswer({ issues: [issue('a'), nPlusOne()] });
	},
} as unknown as Api;

test('issues are offered by what they are about, and written by their ids', async () => {
	const window = { from: 1, to: 2 };
	const offered = (typed: string) =>
		suggest(
			api,
			window,
			{ kind: 'value', key: 'trace.issue', typed } as Parameters<typeof suggest>[2],
			new AbortController().signal,
		);
	expect(await offered('')).toEqual([
		{
			label: 'StripeTimeout: charge timed out after {n} ms',
			text: 'a'.repeat(16),
			detail: 'shop/payment · 812',
			kind: 'value',
		},
		{ label: 'SELECT * FROM product WHERE id = ?', text: 'b'.repeat(16), detail: 'shop/cart · 44', kind: 'value' },
	]);
	expect((await offered('PRODUCT')).map(({ text }) => text)).toEqual(['b'.repeat(16)]);
	expect((await offered('aaa')).map(({ text }) => text)).toEqual(['a'.repeat(16)]);
	expect(asked[0]).toEqual({ path: '/issues', query: window });
});

test('that there are more keys or values than are offered is said in a last line; that counts are estimated is not', async () => {
	const cut = (what: string) => ({ partial: { reason: 'the most frequent only', seen: 1, of: 1_201, what } });
	const offered = async (kind: 'key' | 'value', more: object) => {
		const answer = { keys: [{ key: 'k', scope: 'span', type: 'text', spans: 2 }], values: [{ value: 'v', spans: 2 }] };
		const server = { get: async () => ({ ...answer, ...more }) } as unknown as Api;
		const context = { kind, key: 'k', typed: 'nothing like it' } as Parameters<typeof suggest>[2];
		return suggest(server, {}, context, new AbortController().signal);
	};
	const note = { label: '1,200 more', text: '', detail: 'type to find them', kind: 'note' };
	expect(await offered('key', cut('keys'))).toMatchObject([{ label: 'k' }, note]);
	expect(await offered('value', cut('values'))).toMatchObject([{ label: 'v' }, note]);
	expect(await offered('value', cut('spans'))).toMatchObject([{ label: 'v' }]);
	expect(await offered('value', {})).toMatchObject([{ label: 'v' }]);
});
