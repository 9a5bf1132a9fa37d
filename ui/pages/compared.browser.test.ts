import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { operationsAnswer, redAnswer, servicesAnswer } from '../testing/answers.ts';
import { operationPathAnswer } from '../testing/path-answers.ts';
import { expectAccessible, focus, openApp } from '../testing/open-app.ts';
import type { FakeServer } from '../testing/fake-server.ts';

const answers = {
	'/services': () => servicesAnswer(),
	'/red': () => redAnswer(),
	'/operations': () => operationsAnswer(),
	'/operations/critical-path': () => operationPathAnswer(),
};
const SERVICE = '/services/shop%2Fcheckout';
const comparedOf = ({ asked }: FakeServer, path: string) =>
	asked.findLast((url) => url.pathname === `/api/v1${path}`)?.searchParams.get('compare');

test('services are compared with the window before, or with seven days earlier', async () => {
	const { screen, history, server } = await openApp('/services', answers);
	const choice = screen.getByRole('combobox', { name: 'Compared with' });
	await expect.element(screen.getByText('2026-11-23 10:00 – 11:00 UTC')).toBeVisible();
	expect(comparedOf(server, '/services')).toBeNull();
	// 700 requests a step before, 1,000 to 1,400 now: half as high.
	const before = document.querySelector('tbody svg path.before')?.getAttribute('d');
	expect(before).toMatch(/^M1\.0 9\.0h0\.01L.*L95\.0 9\.0$/);
	focus(choice.element());
	await userEvent.keyboard('{ArrowDown}');
	await expect.poll(() => history.text).toBe('/services?cmp=7d');
	await expect.element(screen.getByText('2026-11-16 11:00 – 12:00 UTC')).toBeVisible();
	await expect.poll(() => comparedOf(server, '/services')).toBe('7d');
	const title = () => document.querySelector('tbody .change[title]')?.getAttribute('title');
	await expect.poll(title).toBe('against the same window 7 days earlier');
	await expectAccessible();
	await screen.getByRole('link', { name: 'shop/cart', exact: true }).click();
	expect(history.text).toBe('/services/shop/cart?cmp=7d&env=production');
	history.go(-2);
	await expect.element(choice).toHaveValue('prev');
	await expect.element(screen.getByText('2026-11-23 10:00 – 11:00 UTC')).toBeVisible();
});

test('all that a service and an operation show is compared with the same window', async () => {
	const { screen, server } = await openApp(`${SERVICE}?cmp=7d&op=POST%20%2Fcheckout`, answers);
	for (const path of ['/services', '/red', '/operations', '/operations/critical-path'])
		await expect.poll(() => comparedOf(server, path), { message: path }).toBe('7d');
	await expect.element(screen.getByText('2026-11-16 11:00 – 12:00 UTC')).toBeVisible();
	await expect
		.poll(() => document.querySelector('[data-basis]')?.textContent)
		.toContain('against the same window 7 days earlier');
	const legends = () => [...document.querySelectorAll('figure dl')].map((list) => list.textContent);
	await expect.poll(() => legends()[2]).toMatch(/7 d ago/);
	focus(screen.getByRole('slider', { name: 'Latency over time' }).element());
	await userEvent.keyboard('{Home}');
	await expect.poll(() => legends()[2]).toMatch(/7 d ago\s*50\sms/);
	await screen.getByRole('button', { name: 'Latency as table' }).click();
	const table = screen.getByRole('region', { name: 'Latency as table' });
	await expect.element(table.getByRole('columnheader', { name: 'p95 7 d ago' })).toBeVisible();
	await expectAccessible();
});

test('a path that nothing can be compared with says so', async () => {
	const { typical, slow } = operationPathAnswer();
	const none = { traces: 0, of: 0, fromNano: 0, toNano: 0, meanNano: 0 };
	await openApp(`${SERVICE}?cmp=7d&op=POST%20%2Fcheckout`, {
		...answers,
		'/operations/critical-path': () =>
			operationPathAnswer({ typical: { ...typical, before: none }, slow: { ...slow, before: none } }),
	});
	await expect
		.poll(() => document.querySelector('[data-basis]')?.textContent)
		.toContain('7 days earlier, of which no spans are kept');
});

test('windows that overlap are compared by their figures, and not span by span', async () => {
	const month = { fromMs: Date.UTC(2026, 9, 24), toMs: Date.UTC(2026, 10, 23) };
	const { screen } = await openApp(`${SERVICE}?cmp=7d`, {
		...answers,
		'/operations': () => ({ ...operationsAnswer(), window: month }),
	});
	await expect.element(screen.getByText('2026-10-17 00:00 – 2026-11-16 00:00 UTC')).toBeVisible();
	await expect.element(screen.getByRole('link', { name: 'What is different' })).not.toBeInTheDocument();
});

test('what means nothing is dropped from the address, and told', async () => {
	const { history, screen } = await openApp('/services?cmp=8d', answers);
	expect(history.text).toBe('/services');
	await expect.element(screen.getByText(/cmp/)).toBeVisible();
});

test('a narrow screen keeps the choice within its width', async () => {
	await page.viewport(390, 844);
	const { screen } = await openApp(`${SERVICE}?cmp=7d`, answers);
	await expect.element(screen.getByRole('combobox', { name: 'Compared with' })).toBeVisible();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await page.viewport(1440, 900);
});
