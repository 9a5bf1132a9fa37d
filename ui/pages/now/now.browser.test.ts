import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { operationsAnswer, service, servicesAnswer, statusAnswer } from '../../testing/answers.ts';
import { firing, firingsAnswer } from '../../testing/alert-answers.ts';
import { change, changesAnswer, deployAnswer, flagChange } from '../../testing/change-answers.ts';
import { never, storeAway } from '../../testing/fake-server.ts';
import { issue, issuesAnswer, nPlusOne } from '../../testing/issue-answers.ts';
import { NOW_MS } from '../../testing/now.ts';
import { expectAccessible, openApp } from '../../testing/open-app.ts';

const MS = 1e6;
const quiet = { requests: 3600, errors: 4, p50Nano: 9 * MS, p95Nano: 60 * MS, p99Nano: 200 * MS };
const operation = (name: string, now: object, before: object = quiet) => ({
	...operationsAnswer().operations[0],
	operation: name,
	spans: 3600,
	...quiet,
	...now,
	before,
});
const services = () =>
	servicesAnswer({
		services: [
			service('checkout', { errors: 2520, errorRatio: 0.07, p95Nano: 180 * MS }),
			service('cart', { before: { ...quiet, requests: 36_000, errors: 36, p95Nano: 90 * MS } }),
		],
	});
const full = {
	'/status': () => statusAnswer(),
	'/services': services,
	'/operations': (url: URL) => ({
		...operationsAnswer(),
		operations:
			url.searchParams.get('service') === 'shop/checkout'
				? [operation('POST /checkout', { errors: 360, p95Nano: 240 * MS }), operation('GET /checkout/{id}', {})]
				: [],
	}),
	'/firings': () => firingsAnswer({ firings: [] }),
	'/issues': () =>
		issuesAnswer({
			issues: [issue('a'), nPlusOne(), issue('c', { state: 'regressed', title: 'came back', kind: 'exception' })],
		}),
	'/changes': () => changesAnswer(),
	'/deploys/shop%2Fcheckout/2.14.0': () => deployAnswer(),
};
const part = (name: string) => page.getByRole('region', { name, exact: true });

test('full: what got worse, issues and changes with their verdict, all with ways on', async () => {
	const { server } = await openApp('/?env=production', full);
	const failing = part('Failing more');
	await expect
		.element(failing.getByRole('row', { name: /POST \/checkout/ }))
		.toMatchTextContent(/0\.111\s% before→10\s%/);
	await expect
		.element(failing.getByRole('link', { name: /POST \/checkout/ }))
		.toHaveAttribute('href', '/services/shop%2Fcheckout?env=production&op=POST+%2Fcheckout');
	await expect
		.element(part('Slower').getByRole('row', { name: /POST \/checkout/ }))
		.toMatchTextContent(/60\sms before→240\sms.*×4/);
	const issues = part('New, regressed and escalating issues');
	await expect.poll(() => issues.getByRole('row').elements().length).toBe(2);
	await expect.element(issues.getByRole('row').first()).toMatchTextContent(/came back.*Regressed/);
	const changes = part('Last changes');
	await expect.element(changes.getByRole('row', { name: /2\.13\.9 → 2\.14\.0/ })).toMatchTextContent(/worse/);
	await expect.element(changes.getByRole('row', { name: /New basket/ })).toMatchTextContent(/flag/);
	await expect.element(page.getByText(/2 services/)).toMatchTextContent(/20\/s requests · 3\.55\s% errors/);
	expect(document.title).toBe('Now – Spanhouse');
	expect(server.asked.filter((url) => url.pathname.endsWith('/operations'))).toHaveLength(2);
	await expectAccessible();
});

test('a flag among the last changes leads to its spans, and is not compared', async () => {
	const changes = [flagChange({ tMs: NOW_MS - 60_000 }), change()];
	const { screen } = await openApp('/', { ...full, '/changes': () => changesAnswer({ changes }) });
	const row = part('Last changes').getByRole('row', { name: /new-till: off → on/ });
	await expect.element(row).toMatchTextContent(/flag/);
	await expect.element(row.getByRole('link')).toHaveAttribute('href', expect.stringContaining('/traces?q=service'));
	// Its mark on the chart.
	await expect.element(screen.getByRole('link', { name: 'checkout new-till', exact: true })).toHaveAttribute('href', expect.stringContaining('/traces?q=service')); // prettier-ignore
});

test('changes are looked for in the 7 days before the end of the window', async () => {
	const { server } = await openApp('/', full);
	const asked = () => server.asked.find((url) => url.pathname.endsWith('/changes'))?.searchParams.get('from');
	await expect.poll(asked).toBe('now-7d');
	const fixed = await openApp(`/?from=${NOW_MS - 3_600_000}&to=${NOW_MS}`, full);
	const fixedFrom = () => fixed.server.asked.find((url) => url.pathname.endsWith('/changes'))?.searchParams.get('from');
	await expect.poll(fixedFrom).toBe(String(NOW_MS - 7 * 86_400_000));
});

test('loading: every part keeps its place', async () => {
	await openApp('/', { '/status': () => statusAnswer(), '/services': never, '/issues': never, '/changes': never });
	await expect.poll(() => document.querySelectorAll('table[aria-busy="true"]').length).toBe(4);
	await expectAccessible();
});

test('quiet: says so, part by part', async () => {
	const calm = service('cart', { before: { ...quiet, requests: 36_000, errors: 36, p95Nano: 90 * MS } });
	const answers = {
		...full,
		'/services': () => servicesAnswer({ services: [calm] }),
		'/operations': () => operationsAnswer([]),
		'/issues': () => issuesAnswer({ issues: [] }),
		'/changes': () => changesAnswer({ changes: [] }),
	};
	const { screen } = await openApp('/', answers);
	await expect.element(screen.getByText('No p95 rose by 20 % or more.')).toBeVisible();
	await expect.element(screen.getByText(/No share of errors rose/)).toBeVisible();
	await expect.element(screen.getByText(/No issue in this window is new/)).toBeVisible();
	await expect.element(screen.getByText(/Nothing changed/)).toBeVisible();
	await expectAccessible();
});

test('error: the part that failed says why, the others stay, and Retry helps', async () => {
	const { screen, server } = await openApp('/', { ...full, '/issues': storeAway });
	const issues = part('New, regressed and escalating issues');
	await expect.element(issues.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer/);
	await expect.element(part('Last changes').getByRole('row', { name: /2\.14\.0/ })).toBeVisible();
	await expectAccessible();
	server.answers = full;
	await issues.getByRole('button', { name: 'Retry' }).click();
	await expect.element(screen.getByRole('row', { name: /came back/ })).toBeVisible();
});

test('partial: says how many services of how many', async () => {
	const partial = { reason: 'The rest has little traffic.', seen: 2, of: 4100 };
	const { screen } = await openApp('/', { ...full, '/services': () => ({ ...services(), partial }) });
	await expect.element(screen.getByText('Showing 2 of 4,100 services.')).toBeVisible();
});

test('j walks all rows of the page; e opens the errors, g n comes back', async () => {
	const { history } = await openApp('/?t=3h', full);
	await expect.element(part('Failing more').getByRole('row', { name: /POST \/checkout/ })).toBeVisible();
	await userEvent.keyboard('j');
	await expect.element(part('Failing more').getByRole('link', { name: /POST \/checkout/ })).toHaveFocus();
	await userEvent.keyboard('e');
	expect(history.text).toBe(
		'/traces?t=3h&env=production&q=service:shop/checkout operation:"POST /checkout" error:true',
	);
	await userEvent.keyboard('gn');
	await expect
		.element(page.getByRole('navigation').getByRole('link', { name: 'Now' }))
		.toHaveAttribute('aria-current', 'page');
});

test('a deploy that cannot be compared says so', async () => {
	const answers = { ...full, '/changes': () => changesAnswer({ changes: [change({ revision: '9' })] }) };
	await openApp('/', answers);
	await expect.element(part('Last changes').getByText('not compared')).toBeVisible();
});

test('a narrow screen holds it without scrolling sideways', async () => {
	await page.viewport(390, 844);
	await openApp('/', full);
	await expect.element(part('Failing more').getByRole('row', { name: /POST \/checkout/ })).toBeVisible();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await expectAccessible();
	await page.viewport(1440, 900);
});

test('what fires stands first, what nobody has taken on before the rest', async () => {
	const note = { tMs: NOW_MS, author: 'mara', text: '' };
	const firings = [
		firing({ firingId: 'taken', acknowledged: note, title: 'Taken on already' }),
		firing({ firingId: 'ticket', severity: 'ticket', title: 'Less urgent', group: { service: 'shop/cart' } }),
		firing({ firingId: 'page', title: 'Most urgent' }),
	];
	const { screen, server } = await openApp('/?t=3h', { ...full, '/firings': () => firingsAnswer({ firings }) });
	const alerts = screen.getByRole('region', { name: 'Firing alerts' });
	await expect.element(alerts.getByRole('row').first()).toMatchTextContent(/Most urgent/);
	await expect.element(alerts.getByRole('row').last()).toMatchTextContent(/Taken on already.*acknowledged by mara/);
	await expect.element(alerts.getByRole('link', { name: 'Most urgent' })).toHaveAttribute('href', '/firings/page?t=3h');
	const traces = new URL(
		alerts.getByRole('link', { name: 'Traces' }).first().element().getAttribute('href') ?? '',
		location.origin,
	);
	expect(Object.fromEntries(traces.searchParams)).toEqual({
		q: firing().query,
		from: String(firing().startedMs - 900_000),
		to: String(NOW_MS),
	});
	expect(server.asked.find((url) => url.pathname.endsWith('/firings'))?.search).toBe('?state=firing');
	await expectAccessible();
});

test('alerts that cannot be read are told, and the rest of the page stands', async () => {
	const { screen } = await openApp('/', { ...full, '/firings': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/Firing alerts could not be read/);
	await expect.element(part('Failing more').getByRole('row', { name: /POST \/checkout/ })).toBeVisible();
});
