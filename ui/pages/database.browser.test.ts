import { expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { histogramAnswer, service, servicesAnswer } from '../testing/answers.ts';
import { queriesAnswer, queryAnswer } from '../testing/database-answers.ts';
import { queryGroup } from '../testing/query-group.ts';
import { never, problem, storeAway } from '../testing/fake-server.ts';
import { mapWindow } from '../testing/map-answers.ts';
import { seriesAnswer } from '../testing/series-answers.ts';
import type { SeriesBody } from '../../schema/api-measures.ts';
import { expectAccessible, openApp } from '../testing/open-app.ts';

const list = { '/db/queries': () => queriesAnswer(), '/services': () => servicesAnswer() };
const PATH = '/db/queries/00c0ffee00c0ffee';
const detail = { ...list, [PATH]: () => queryAnswer() };
const ADDRESS = '/db/00c0ffee00c0ffee?sys=postgresql&ns=shop';
const texts = () => [...document.querySelectorAll('tbody [data-row-link]')].map((link) => link.textContent?.trim());

test('full: a table by the time that queries take', async () => {
	const { screen } = await openApp('/db', list);
	await expect.element(screen.getByRole('row', { name: /SELECT qty FROM stock/ })).toBeVisible();
	expect(texts()).toEqual(['SELECT qty FROM stock WHERE sku = ?', 'UPDATE cart WHERE id = ?', 'GET']);
	await expect.element(screen.getByRole('columnheader', { name: 'Time' })).toHaveAttribute('aria-sort', 'descending');
	await expect.element(screen.getByText('×214')).toBeVisible();
	expect(document.title).toBe('Database – Spanhouse');
	await expectAccessible();
});

test('p99 is compared with the window before, or with seven days earlier', async () => {
	const { screen, history, server } = await openApp('/db', list);
	const rose = screen.getByRole('row', { name: /SELECT qty FROM stock/ }).getByTitle('against the window before');
	// 40 ms after 25 ms.
	await expect.element(rose).toMatchTextContent(/^↑\s*\+60\s%$/);
	await screen.getByRole('combobox', { name: 'Compared with' }).selectOptions('7 days earlier');
	expect(history.text).toBe('/db?cmp=7d');
	const asked = () => server.asked.findLast((url) => url.pathname.endsWith('/db/queries'))?.searchParams.get('compare');
	await expect.poll(asked).toBe('7d');
});

test('loading: rows of the final geometry', async () => {
	await openApp('/db', { ...list, '/db/queries': never });
	await expect.poll(() => document.querySelectorAll('tbody tr').length).toBe(8);
	await expectAccessible();
});

test('empty: says what a database call is, and the ways on', async () => {
	const { screen, history } = await openApp('/db?sys=redis', { ...list, '/db/queries': () => queriesAnswer({ queries: [] }) }); // prettier-ignore
	await expect
		.element(screen.getByRole('heading', { name: 'No service called redis in this time range' }))
		.toBeVisible();
	await expectAccessible();
	await screen.getByRole('button', { name: 'All systems' }).click();
	expect(history.text).toBe('/db');
});

test('empty everywhere: says what sends database spans, by language', async () => {
	const none = () => queriesAnswer({ queries: [], systems: [] });
	const { screen } = await openApp('/db', { ...list, '/db/queries': none });
	await expect.element(screen.getByRole('heading', { name: 'No service called a database in this time range' })).toBeVisible();
	await expect.element(screen.getByRole('region', { name: 'What sends database spans' })).toMatchTextContent(/Node\.js.*@spanhouse\/sdk\/register.*Java/);
	await expectAccessible();
}); // prettier-ignore

test('error: the reason and Retry; after data the data stays', async () => {
	const { screen, server } = await openApp('/db', { ...list, '/db/queries': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer.*query-7f3c/s);
	await expectAccessible();
	server.answers = list;
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.poll(texts).toHaveLength(3);
	server.answers = { ...list, '/db/queries': storeAway };
	await screen.getByRole('button', { name: 'Refresh (r)' }).click();
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/from before/);
	expect(texts()).toHaveLength(3);
});

test('of many services of a query also those are counted that are not listed', async () => {
	const queries = [queryGroup('SELECT stock', { servicesOf: 130 })];
	const { screen } = await openApp('/db', { ...list, '/db/queries': () => queriesAnswer({ queries }) });
	await expect.element(screen.getByRole('row', { name: /SELECT stock/ })).toMatchTextContent(/shop\/inventory \+129/);
});

test('partial: says what of how much', async () => {
	const partial = { reason: 'queries that take the least time are left out', seen: 3, of: 4100 };
	const { screen } = await openApp('/db', { ...list, '/db/queries': () => queriesAnswer({ partial }) });
	await expect.element(screen.getByText('Showing 3 of 4,100 queries.')).toBeVisible();
	await expectAccessible();
});

test('headers sort, the text and N+1 narrow, and the address keeps it', async () => {
	const { screen, history } = await openApp('/db', list);
	await expect.poll(texts).toHaveLength(3);
	await screen.getByRole('button', { name: 'Errors', exact: true }).click();
	expect(texts()[0]).toBe('UPDATE cart WHERE id = ?');
	await screen.getByRole('checkbox', { name: 'N+1 only' }).click();
	expect(texts()).toEqual(['SELECT qty FROM stock WHERE sku = ?']);
	expect(history.text).toBe('/db?sort=-errors&n1=1');
	await screen.getByRole('searchbox', { name: 'Filter queries' }).fill('nothing');
	await screen.getByRole('button', { name: 'Clear the filter' }).click();
	expect(history.text).toBe('/db?sort=-errors');
});

test('rows that a call returned, on average of those of which it is known; of none it says so', async () => {
	const { screen, history } = await openApp('/db', list);
	const cell = (name: RegExp) => screen.getByRole('row', { name }).getByTitle(/how many rows|rows of/);
	await expect.element(cell(/SELECT qty/)).toMatchTextContent(/^1\.4$/);
	await expect.element(cell(/SELECT qty/)).toHaveAttribute('title', '28,000 rows of 20,000 of 36,000 calls, at most 90 by one'); // prettier-ignore
	await expect.element(cell(/UPDATE cart/)).toMatchTextContent(/^15$/);
	await expect.element(cell(/^GET/)).toMatchTextContent(/^–$/);
	await expect.element(cell(/^GET/)).toHaveAttribute('title', 'It is not known of any call how many rows it returned');
	await screen.getByRole('button', { name: 'Rows', exact: true }).click();
	expect(texts()).toEqual(['UPDATE cart WHERE id = ?', 'SELECT qty FROM stock WHERE sku = ?', 'GET']);
	expect(history.text).toBe('/db?sort=-rows');
});

test('system and service are asked of the server', async () => {
	const { screen, history, server } = await openApp('/db', list);
	await expect.poll(texts).toHaveLength(3);
	await screen.getByRole('combobox', { name: 'System' }).selectOptions('redis');
	await screen.getByRole('combobox', { name: 'Service' }).selectOptions('shop/cart');
	expect(history.text).toBe('/db?sys=redis&svc=shop/cart');
	const asked = () => server.asked.filter((url) => url.pathname.endsWith('/db/queries')).at(-1)?.searchParams;
	await expect.poll(() => asked()?.get('service')).toBe('shop/cart');
	expect(asked()?.get('system')).toBe('redis');
});

test('by keyboard: j and k walk, o opens the calls in the window that was counted, Enter the query', async () => {
	const { history } = await openApp('/db?t=3h', list);
	await expect.poll(texts).toHaveLength(3);
	await userEvent.keyboard('jo');
	expect(history.read().pathname).toBe('/traces');
	expect(Object.fromEntries(history.read().searchParams)).toEqual({
		from: String(mapWindow.fromMs),
		to: String(mapWindow.toMs),
		q: 'type:db db.query.fingerprint:"00c0ffee00c0ffee"',
	});
	history.go(-1);
	await expect.poll(texts).toHaveLength(3);
	await userEvent.keyboard('s');
	expect(history.text).toBe('/db?t=3h&sort=-calls');
	await expect.poll(texts).toHaveLength(3);
	const copied = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
	await userEvent.keyboard('jjc');
	expect(copied.mock.lastCall?.[0]).toBe(document.activeElement?.textContent?.trim());
	copied.mockRestore();
	await userEvent.keyboard('kk{Enter}');
	expect(history.read().pathname).toBe('/db/00000000000000c3');
});

test('one query: laid out, in numbers, over time, with callers, repeats and samples', async () => {
	const { screen, server } = await openApp(ADDRESS, detail);
	const callers = screen.getByRole('region', { name: 'Callers by request and code' });
	await expect.element(callers.getByRole('link', { name: 'POST /reserve' })).toHaveAttribute('href', '/services/shop%2Finventory?op=POST+%2Freserve'); // prettier-ignore
	await expect.element(callers.getByRole('row', { name: /repo\.findStock src\/repo\.ts:88 75 %/ })).toBeVisible();
	await expect
		.element(
			screen.getByText(/Known by.*db\.query\.text.*35,600.*the older.*db\.statement.*400 calls of shop\/legacy/s),
		)
		.toBeVisible();
	await expect.element(screen.getByRole('list', { name: 'Repeats for each request' })).toMatchTextContent(/×214 at p95, ×180 at p50 for each POST \/reserve of shop\/inventory, in 120 requests.*shorter by about 800 ms or more/); // prettier-ignore
	await expect.poll(() => document.querySelector('pre')?.textContent).toContain('\nFROM\n');
	await expect.element(screen.getByRole('link', { name: /Slowest/ })).toHaveAttribute('href', `/trace/${'a'.repeat(32)}?at=${mapWindow.toMs - 1000}&span=${'1'.repeat(16)}`); // prettier-ignore
	await expect.element(screen.getByText('1.4 a call, at most 90')).toBeVisible();
	await expect.element(screen.getByText('one after the other')).toBeVisible();
	await expect
		.element(screen.getByRole('link', { name: 'Issue', exact: true }).first())
		.toHaveAttribute('href', expect.stringContaining('/issues?state=all&kind=n-plus-one&trace='));
	await expect.element(screen.getByText('taking turns with other queries')).toBeVisible();
	expect(document.title).toBe('SELECT stock – Spanhouse');
	const asked = server.asked.find((url) => url.pathname.endsWith(PATH));
	expect(asked?.searchParams.get('system')).toBe('postgresql');
	expect(asked?.searchParams.get('namespace')).toBe('shop');
	await expectAccessible();
});

test('one caller alone, in the address, and the traces in which it asks', async () => {
	const { screen, history } = await openApp(ADDRESS, detail);
	const callers = screen.getByRole('region', { name: 'Callers by request and code' });
	const rows = () => document.querySelectorAll('[aria-label="Callers by request and code"] tbody tr').length;
	await expect.poll(rows).toBe(9);
	const traces = callers.getByRole('row', { name: /POST \/reserve/ }).getByRole('link', { name: 'Traces' });
	expect(new URL(traces.element().getAttribute('href') ?? '', location.origin).searchParams.get('q')).toBe(
		'{service:shop/inventory operation:"POST /reserve"} >> {type:db db.query.fingerprint:"00c0ffee00c0ffee" service:shop/inventory}',
	);
	await screen.getByRole('button', { name: 'Only this: shop/inventory › POST /reserve' }).click();
	expect(history.read().searchParams.get('caller')).toBe('shop/inventory › POST /reserve');
	await expect.poll(rows).toBe(5);
	await expectAccessible();
	await screen.getByRole('button', { name: 'All callers' }).click();
	await expect.poll(rows).toBe(9);
	expect(history.text).toBe(ADDRESS);
});

test('queries in the same traces: their share, over how many traces, and the way to them', async () => {
	const { screen } = await openApp(ADDRESS, detail);
	const together = screen.getByRole('region', { name: 'Queries in the same traces' });
	await expect
		.element(together)
		.toMatchTextContent(/Counted over 4,812 traces of this query; the 2 in most of them, of 14/);
	await expect.element(together.getByRole('row', { name: /^GET .*redis 58\.4 % 24\.9 % 9,001/ })).toBeVisible();
	await expect
		.element(together.getByRole('link', { name: 'GET' }))
		.toHaveAttribute('href', '/db/00000000000000c3?sys=redis');
	const both = together.getByRole('link', { name: 'Traces with both' }).first();
	expect(new URL(both.element().getAttribute('href') ?? '', location.origin).searchParams.get('q')).toMatch(
		/^\{type:db db\.query\.fingerprint:"00c0ffee00c0ffee"\} && \{.*\}$/,
	);
});

test('by keyboard: c copies the query, o opens its slowest sample', async () => {
	const { screen, history } = await openApp(ADDRESS, detail);
	await expect.element(screen.getByRole('link', { name: /Slowest/ })).toBeVisible();
	const copied = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
	await userEvent.keyboard('c');
	expect(copied.mock.lastCall?.[0]).toBe(queryAnswer().query.text);
	copied.mockRestore();
	await userEvent.keyboard('o');
	expect(history.read().pathname).toBe(`/trace/${'a'.repeat(32)}`);
});

test('one query: every call by duration, and each version apart, in the address', async () => {
	const bodies: SeriesBody[] = [];
	const answers = {
		...detail,
		'/latency-histogram': () => histogramAnswer(),
		'/series': (_: URL, init: RequestInit | undefined) => {
			bodies.push(JSON.parse(init?.body as string) as SeriesBody);
			const group = (version: string) => ({ ...seriesAnswer().series[0], group: { version } });
			return seriesAnswer({ series: [group('2.0.0'), group('1.4.2')], unit: 'nanoseconds' });
		},
	};
	const { screen, history, server } = await openApp(`${ADDRESS}&svc=shop/cart`, answers);
	const q = 'type:db db.query.fingerprint:"00c0ffee00c0ffee" service:shop/cart';
	await expect.element(screen.getByRole('heading', { name: 'Latency of every call' })).toBeVisible();
	const asked = server.asked.find((url) => url.pathname.endsWith('/latency-histogram'));
	expect(asked?.searchParams.get('q')).toBe(q);
	const versions = screen.getByRole('region', { name: 'By version' });
	await expect.element(versions.getByRole('rowheader', { name: '2.0.0' })).toBeVisible();
	expect(bodies.at(-1)).toMatchObject({ query: q, spans: 'all', measure: 'p95', by: ['version'] });
	await expectAccessible();
	await versions.getByRole('combobox', { name: 'Measure of each version' }).selectOptions('Share of errors');
	expect(history.read().searchParams.get('versions')).toBe('errorPercent');
	await expect.poll(() => bodies.at(-1)?.measure).toBe('errorPercent');
	await versions.getByRole('button', { name: '1.4.2' }).click();
	expect(history.read().searchParams.get('q')).toBe(
		'type:db db.query.fingerprint:00c0ffee00c0ffee service:shop/cart version:1.4.2',
	);
});

test('one query loading: room for what comes', async () => {
	await openApp(ADDRESS, { ...list, [PATH]: never });
	await expect.poll(() => document.querySelector('.waiting')).not.toBeNull();
	await expectAccessible();
});

test('one query missing and failing', async () => {
	const missing = { ...list, [PATH]: () => problem(404, 'NO_SUCH_QUERY', 'nothing') };
	const { screen, server, history } = await openApp(ADDRESS, missing);
	await expect.element(screen.getByRole('heading', { name: /was not called in this time range/ })).toBeVisible();
	await expectAccessible();
	server.answers = { ...list, [PATH]: storeAway };
	await screen.getByRole('button', { name: 'Widen to 24 h' }).click();
	expect(history.read().searchParams.get('t')).toBe('24h');
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer/);
	await expectAccessible();
});

test('a query without repeats, rows or callers says so', async () => {
	const plain = queryAnswer({ query: { ...queryAnswer().query, rows: null }, callers: [], callersOf: 0, names: [], together: [], togetherOf: 0, repeated: [], requestRepeats: [], samples: [] }); // prettier-ignore
	const { screen } = await openApp(ADDRESS, { ...list, [PATH]: () => plain });
	await expect
		.element(screen.getByText('No other query was called in the 4,812 traces that were looked at.'))
		.toBeVisible();
	await expect.element(screen.getByText(/No span in this time range has this query/)).toBeVisible();
	expect(document.querySelector('dl')?.textContent).not.toContain('Rows');
	await expectAccessible();
});

test('narrow screens scroll tables, not the page', async () => {
	await page.viewport(390, 844);
	const long = () => servicesAnswer({ services: [service('x'.repeat(10_000))] });
	const { screen } = await openApp('/db', { ...list, '/services': long });
	await expect.element(screen.getByRole('row', { name: /SELECT qty/ })).toBeVisible();
	await expect.poll(() => document.querySelectorAll('[aria-label="Service"] option').length).toBe(2);
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await expectAccessible();
	await userEvent.keyboard('j{Enter}');
	await expect.element(screen.getByRole('heading', { name: /Sample traces|This query/ })).toBeVisible();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await page.viewport(1440, 900);
});

test('queries from strangers are text and nothing else', async () => {
	const text = '<img src=x onerror="alert(1)">\u0000__proto__';
	const { screen } = await openApp('/db', { ...list, '/db/queries': () => queriesAnswer({ queries: [queryGroup('x', { text })] }) }); // prettier-ignore
	await expect.element(screen.getByText(/<img src=x/)).toBeVisible();
	expect(document.querySelector('img')).toBeNull();
});
