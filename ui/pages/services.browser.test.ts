import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { service, servicesAnswer } from '../testing/answers.ts';
import { never, storeAway } from '../testing/fake-server.ts';
import { NOW_MS } from '../testing/now.ts';
import { expectAccessible, openApp } from '../testing/open-app.ts';

const full = { '/services': () => servicesAnswer() };
const rowNames = () => [...document.querySelectorAll('tbody [data-row-link]')].map((link) => link.textContent?.trim());

test('full: a real table, worst first, that axe finds nothing in', async () => {
	const { screen } = await openApp('/services', full);
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();
	expect(rowNames()).toEqual(['shop/checkout', 'shop/cart', 'search']);
	await expect.element(screen.getByRole('columnheader', { name: 'Impact' })).toHaveAttribute('aria-sort', 'descending');
	await expect.element(screen.getByText(/3 services/)).toMatchTextContent('2026-11-23 11:00 – 12:00 UTC');
	expect(document.title).toBe('Services – Spanhouse');
	await expectAccessible();
});

test('counts that a sampler thinned say how many spans they are made of; others say nothing', async () => {
	const services = [service('thin', { spans: 12, requests: 1200 }), service('one', { spans: 1, requests: 100 })];
	const { screen } = await openApp('/services', {
		'/services': () => servicesAnswer({ services: [...services, service('whole')] }),
	});
	const mark = (name: RegExp) => screen.getByRole('row', { name }).getByRole('img', { name: /requests$/ });
	await expect.element(mark(/shop\/thin/)).toHaveAttribute('title', '12 spans stand for 1,200 requests');
	await expect.element(mark(/shop\/one/)).toHaveAttribute('aria-label', '1 span stands for 100 requests');
	await expect.element(mark(/shop\/whole/)).not.toBeInTheDocument();
	await expectAccessible();
});

test('names that an SDK made up are shown as one service: how to give each its own', async () => {
	const services = [service('unknown_service:node', { namespace: '' }), service('cart')];
	const { screen } = await openApp('/services', { '/services': () => servicesAnswer({ services }) });
	const hint = screen.getByText(/unknown_service:node may be several services without a name/);
	await expect.element(hint).toMatchTextContent(/set OTEL_SERVICE_NAME/);
	await expectAccessible();
});

test('where every service has a name, nothing is said about names', async () => {
	const { screen } = await openApp('/services', full);
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();
	await expect.element(screen.getByText(/OTEL_SERVICE_NAME/)).not.toBeInTheDocument();
});

test('loading: twelve rows of the final geometry', async () => {
	await openApp('/services', { '/services': never });
	await expect.poll(() => document.querySelectorAll('tbody tr').length).toBe(12);
	await expectAccessible();
});

test('empty: the time of the last span is one press away', async () => {
	const lastSpanMs = NOW_MS - 3 * 3_600_000;
	const { screen, history } = await openApp('/services', {
		'/services': () => servicesAnswer({ services: [], lastSpanMs }),
	});
	await expect.element(screen.getByText(/The last span ended 3/)).toBeVisible();
	await expectAccessible();
	await screen.getByRole('button', { name: 'Go to the last span' }).click();
	expect(history.read().searchParams.get('to')).toBe(String(lastSpanMs + 300_000));
});

test('without any span the way leads to sending some', async () => {
	const { screen } = await openApp('/services', {
		'/services': () => servicesAnswer({ services: [], lastSpanMs: null, environments: [] }),
	});
	await expect
		.element(screen.getByRole('main').getByRole('link', { name: 'Send data' }))
		.toHaveAttribute('href', '/welcome');
});

test('error: the reason, the query id and Retry', async () => {
	const { screen, server } = await openApp('/services', { '/services': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer.*query-7f3c/s);
	await expectAccessible();
	server.answers = full;
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();
});

test('an error after data keeps the data, dimmed', async () => {
	const { screen, server } = await openApp('/services', full);
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();
	server.answers = { '/services': storeAway };
	await screen.getByRole('button', { name: 'Refresh (r)' }).click();
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/from before/);
	expect(rowNames()).toHaveLength(3);
	expect(document.querySelector('.stale')).not.toBeNull();
});

test('of many versions also those are counted that are not listed', async () => {
	const answer = () => servicesAnswer({ services: [service('checkout', { versionsOf: 23 })] });
	const { screen } = await openApp('/services', { '/services': answer });
	const row = screen.getByRole('row', { name: /shop\/checkout/ });
	await expect.element(row).toMatchTextContent(/2\.14\.0.*, \+22/s);
	await expect.element(row.getByTitle('2.14.0, 22 older')).toBeVisible();
});

test('partial: says what of how much', async () => {
	const partial = { reason: 'The rest has little traffic.', seen: 3, of: 4100 };
	const { screen } = await openApp('/services', { '/services': () => servicesAnswer({ partial }) });
	await expect.element(screen.getByText('Showing 3 of 4,100 services.')).toBeVisible();
	await expectAccessible();
});

test('headers sort, the address keeps it, and Back undoes it', async () => {
	const { screen, history } = await openApp('/services', full);
	await screen.getByRole('button', { name: 'Service', exact: true }).click();
	expect(history.text).toBe('/services?sort=service');
	expect(rowNames()).toEqual(['search', 'shop/cart', 'shop/checkout']);
	history.go(-1);
	await expect.poll(rowNames).toEqual(['shop/checkout', 'shop/cart', 'search']);
});

test('the filter narrows while typing, without a step of history', async () => {
	const { screen, history } = await openApp('/services', full);
	await screen.getByRole('searchbox', { name: 'Filter services' }).fill('cart');
	expect(rowNames()).toEqual(['shop/cart']);
	expect(history.text).toBe('/services?f=cart');
	await screen.getByRole('searchbox', { name: 'Filter services' }).fill('nothing');
	await screen.getByRole('button', { name: 'Clear the filter' }).click();
	await expect.poll(rowNames).toHaveLength(3);
});

test('j, k and the arrows walk the rows; o opens the traces, e the errors, Enter the service', async () => {
	const { screen, history } = await openApp('/services?t=3h&env=production', full);
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();
	await userEvent.keyboard('j');
	await expect.element(screen.getByRole('link', { name: 'shop/checkout', exact: true })).toHaveFocus();
	await userEvent.keyboard('{ArrowDown}');
	await expect.element(screen.getByRole('link', { name: 'shop/cart', exact: true })).toHaveFocus();
	await userEvent.keyboard('k');
	await userEvent.keyboard('e');
	expect(history.text).toBe('/traces?t=3h&env=production&q=service:shop/checkout error:true entry:true');
});

test('Enter follows the link of the row, with time and environment', async () => {
	const { screen, history } = await openApp('/services?t=3h', full);
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();
	await userEvent.keyboard('j{Enter}');
	expect(history.text).toBe('/services/shop/checkout?t=3h&env=production');
});

test('a narrow screen scrolls the table, not the page', async () => {
	await page.viewport(390, 844);
	const { screen } = await openApp('/services', full);
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await expectAccessible();
	await page.viewport(1440, 900);
});

test('names from strangers are text and nothing else', async () => {
	const name = '<img src=x onerror="alert(1)">__proto__\u0000';
	const { service } = await import('../testing/answers.ts');
	const { screen } = await openApp('/services', {
		'/services': () => servicesAnswer({ services: [service(name, { namespace: '' })] }),
	});
	await expect.element(screen.getByText(/<img src=x/)).toBeVisible();
	expect(document.querySelector('img')).toBeNull();
});

test('all spans may count instead of the requests that come in, and the address keeps it', async () => {
	const { screen, history, server } = await openApp('/services', full);
	const all = screen.getByRole('button', { name: 'All spans' });
	await expect.element(all).toHaveAttribute('aria-pressed', 'false');
	await all.click();
	expect(history.text).toBe('/services?kind=all');
	await expect.poll(() => server.asked.some((url) => url.searchParams.get('spans') === 'all')).toBe(true);
	await expect.element(all).toHaveAttribute('aria-pressed', 'true');
	await expectAccessible();
});

test('services in groups, each with its figures, and the address keeps it', async () => {
	const { screen, history } = await openApp('/services', full);
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();
	await screen.getByRole('combobox', { name: 'Groups' }).selectOptions('ns');
	expect(history.text).toBe('/services?group=ns');
	await expect.element(screen.getByRole('row', { name: /^shop 2 services/ })).toMatchTextContent(/20\/s/);
	await expect.element(screen.getByRole('row', { name: /no namespace/ })).toBeVisible();
	expect(rowNames()).toEqual(['shop/checkout', 'shop/cart', 'search']);
	await expectAccessible();
});

test('Apdex is asked for with its threshold, shown as a column and sorted by', async () => {
	const { service } = await import('../testing/answers.ts');
	const rated = (name: string, apdex: number | null) => service(name, { apdex });
	const { screen, history, server } = await openApp('/services', {
		'/services': (url) =>
			url.searchParams.has('apdex')
				? servicesAnswer({ services: [rated('cart', 0.945), rated('checkout', 0.71), rated('idle', null)] })
				: servicesAnswer(),
	});
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();
	await expect.element(screen.getByRole('columnheader', { name: 'Apdex' })).not.toBeInTheDocument();
	await screen.getByRole('combobox', { name: 'Threshold of Apdex' }).selectOptions('250ms');
	expect(history.text).toBe('/services?apdex=250ms');
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toMatchTextContent(/0\.71/);
	expect(server.asked.some((url) => url.searchParams.get('apdex') === '250ms')).toBe(true);
	await screen.getByRole('button', { name: 'Apdex', exact: true }).click();
	await expect.poll(rowNames).toEqual(['shop/cart', 'shop/checkout', 'shop/idle']);
});
