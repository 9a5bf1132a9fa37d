import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { alertAnswer, alertsAnswer, groupState } from '../testing/alert-answers.ts';
import { never, storeAway } from '../testing/fake-server.ts';
import { expectAccessible, openApp } from '../testing/open-app.ts';

const full = { '/alerts': () => alertsAnswer() };
const names = () => [...document.querySelectorAll('tbody tr')].map((row) => row.getAttribute('data-alert'));

test('full: state, condition in words, value against threshold, what it tells', async () => {
	const { screen } = await openApp('/alerts', full);
	await expect
		.element(screen.getByRole('row', { name: /checkout-is-slow/ }))
		.toMatchTextContent(
			/Firing.*Page.*p95 above 800 ms for 5 of 6 of service:shop\/checkout.*1\.24 s.*\/ 800 ms.*12 m ago.*4.*oncall/s,
		);
	expect(names()).toEqual(['checkout-is-slow', 'payments-by-route', 'cart-errors']);
	await expect
		.element(screen.getByRole('row', { name: /cart-errors/ }))
		.toMatchTextContent(/Normal.*error rate above 5 % for 10 m.*0\.4 %.*\/ 5 %.*by route/s);
	await expect.element(screen.getByRole('img', { name: 'Fired for 31 m in 7 days' })).toBeVisible();
	await expect.element(screen.getByRole('button', { name: 'Firing 1' })).toBeVisible();
	await expect.element(screen.getByRole('button', { name: 'Muted 1' })).toBeVisible();
	await expectAccessible();
});

test('loading: rows of the final geometry', async () => {
	await openApp('/alerts', { '/alerts': never });
	await expect.poll(() => document.querySelectorAll('tbody tr').length).toBe(6);
	await expectAccessible();
});

test('error: the reason and Retry', async () => {
	const { screen, server } = await openApp('/alerts', { '/alerts': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer.*query-7f3c/s);
	await expectAccessible();
	server.answers = full;
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.element(screen.getByRole('row', { name: /checkout-is-slow/ })).toBeVisible();
});

test('empty: the way leads to a first one', async () => {
	const { screen } = await openApp('/alerts', { '/alerts': () => alertsAnswer({ alerts: [] }) });
	await expect.element(screen.getByText('No alert is set')).toBeVisible();
	await expectAccessible();
});

test('of many groups that fire it is said how many more there are than are listed', async () => {
	const groups = [groupState({ group: { 'http.route': '/cart' } })];
	const alert = alertAnswer('by-route', { groups, groupsOf: 1_500, groupsFiring: 1_240 });
	const { screen } = await openApp('/alerts', { '/alerts': () => alertsAnswer({ alerts: [alert] }) });
	await expect.element(screen.getByText(/\/cart and 1,239 more/)).toBeVisible();
});

test('an evaluation that is behind says so', async () => {
	const { screen } = await openApp('/alerts', { '/alerts': () => alertsAnswer({ blind: true }) });
	await expect.element(screen.getByText(/Evaluation is blind/)).toBeVisible();
});

test('state and text filter, and stand in the address', async () => {
	const { screen, history } = await openApp('/alerts?state=error', full);
	await expect.element(screen.getByRole('row', { name: /payments-by-route/ })).toBeVisible();
	expect(names()).toEqual(['payments-by-route']);
	await screen.getByRole('searchbox', { name: 'Filter alerts' }).fill('nothing like it');
	expect(history.text).toBe('/alerts?state=error&f=nothing like it');
	await screen.getByRole('button', { name: 'Clear the filters' }).click();
	expect(history.text).toBe('/alerts');
	await screen.getByRole('button', { name: 'Rule' }).click();
	expect(names()).toEqual(['cart-errors', 'checkout-is-slow', 'payments-by-route']);
});

test('keys: j and Enter open, n begins a new one, Shift M mutes with Undo', async () => {
	const asked: string[] = [];
	const { screen, history } = await openApp('/alerts', {
		...full,
		'/silences': (_, init) => {
			asked.push(`${init?.method} ${init?.body as string}`);
			return {
				document: { apiVersion: 'spanhouse.dev/v1', kind: 'Silence', metadata: { name: 'muted-1' }, spec: {} },
				version: 1,
			};
		},
		'/config/Silence/muted-1': (_, init) => {
			asked.push(`${init?.method} ${new Headers(init?.headers).get('if-match')}`);
			return new Response(null, { status: 204 });
		},
	});
	await expect.element(screen.getByRole('row', { name: /checkout-is-slow/ })).toBeVisible();
	await userEvent.keyboard('j{Shift>}M{/Shift}');
	await expect.element(screen.getByText('Muted for 1 h: checkout-is-slow')).toBeVisible();
	await screen.getByRole('button', { name: 'Undo' }).click();
	await expect
		.poll(() => asked)
		.toEqual([
			'POST {"match":{"alert":"checkout-is-slow"},"forMs":3600000,"reason":"Muted on the screen"}',
			'DELETE "1"',
		]);
	await userEvent.keyboard('jj{Enter}');
	expect(history.text).toBe('/alerts/payments-by-route');
	history.go(-1);
	await expect.element(screen.getByRole('row', { name: /checkout-is-slow/ })).toBeVisible();
	await userEvent.keyboard('n');
	// The editor adds what it begins with.
	expect(history.text).toMatch(/^\/alerts\/new(\?|$)/);
});

test('hostile names are text, and a narrow screen scrolls the table', async () => {
	await page.viewport(390, 844);
	try {
		const evil = `<img src=x onerror="alert(1)">${'x'.repeat(5_000)}\u202E`;
		const alert = alertAnswer('evil', { groups: [] });
		if (alert.document.kind === 'Alert') alert.document.spec.query = evil;
		const { screen } = await openApp('/alerts', { '/alerts': () => alertsAnswer({ alerts: [alert] }) });
		await expect.element(screen.getByRole('row', { name: /evil/ })).toBeInTheDocument();
		expect(document.querySelector('main img')).toBeNull();
		expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
		await expectAccessible();
	} finally {
		await page.viewport(1440, 900);
	}
});
