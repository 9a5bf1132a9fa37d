import { expect, test } from 'vitest';
import { csvOf, MOST_EXPORTED, readAll } from './export-rows.ts';
import type { Api } from '../../lib/api.ts';

test('cells are quoted where they have to be, and no cell is a formula', () => {
	const rows = [
		{ name: 'a,b', text: 'say "hi"\nthere', run: '=HYPERLINK("http://x")', minus: '-1+1', number: -5, none: undefined },
	];
	expect(csvOf(rows)).toBe(
		'name,text,run,minus,number,none\r\n"a,b","say ""hi""\nthere","\'=HYPERLINK(""http://x"")",\'-1+1,-5,\r\n',
	);
	expect(csvOf([])).toBe('\r\n');
});

const window = { fromMs: 1, toMs: 2 };
const span = { traceId: 'a', columns: ['eu', ''] };

test('all pages are read within the window of the first, up to the bound, and what is cut is told', async () => {
	const asked: unknown[] = [];
	const get = async (path: string, query: object) => {
		asked.push([path, query]);
		return { window, spans: Array.from({ length: 1000 }, () => span), nextCursor: 'next' };
	};
	const api = { get } as unknown as Api;
	const { rows, isCut } = await readAll(api, 'spans', { q: 'x', columns: 'region,k' }, new AbortController().signal);
	expect([rows.length, isCut]).toEqual([MOST_EXPORTED, true]);
	expect(rows[0]).toEqual({ traceId: 'a', region: 'eu', k: '' });
	expect(asked[1]).toEqual(['/spans', { q: 'x', columns: 'region,k', cursor: 'next', from: 1, to: 2, limit: 1000 }]);
});
