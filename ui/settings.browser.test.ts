import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { ingestAnswer, statusAnswer } from './testing/answers.ts';
import { storageAnswers } from './testing/storage-answers.ts';
import { never, storeAway } from './testing/fake-server.ts';
import { expectAccessible, openApp } from './testing/open-app.ts';

const redactions = [{ key: 'password', rule: 'attribute', count: 9 }];
const full = {
	'/ingest': () => ingestAnswer(),
	'/status': () => statusAnswer({ ingest: { redactions } }),
	...storageAnswers(),
};

test('ingest in full: who sends, what was refused, cut and taken out', async () => {
	const { screen } = await openApp('/settings/ingest', full);
	const row = screen.getByRole('row', { name: /shop\/checkout/ });
	await expect
		.element(row)
		.toMatchTextContent(/120,400.*12\.5.*4.*nodejs opentelemetry 2\.1\.0.*http 0\.57\.0.*and 1 more/s);
	await expect
		.element(screen.getByRole('region', { name: 'Table: Rejected' }))
		.toMatchTextContent(/span id is not 8 bytes.*GET \/orders.*12/s);
	await expect
		.element(screen.getByRole('region', { name: 'Table: Secrets taken out' }))
		.toMatchTextContent(/password.*attribute.*9/s);
	await expect.element(screen.getByText('Nothing was rejected.')).not.toBeInTheDocument();
	await expect.element(screen.getByText('60 GiB')).toBeVisible();
	await expectAccessible();
});

test('of many SDKs and instrumentations it is said how many more there are', async () => {
	const [first] = ingestAnswer().services;
	const services = [{ ...first, sdksOf: 1_201, scopesOf: 2_003 }];
	const { screen } = await openApp('/settings/ingest', { ...full, '/ingest': () => ingestAnswer({ services }) });
	await expect
		.element(screen.getByRole('row', { name: /shop\/checkout/ }))
		.toMatchTextContent(/2\.1\.0\s+and 1,200 more.*0\.57\.0\s+and 2,000 more/s);
});

test('what is answered before what it is shown with is shown as soon as that comes', async () => {
	const ingest = Promise.withResolvers<object>();
	const status = [statusAnswer({ ingest: { redactions } })];
	const { screen, server } = await openApp('/settings/ingest', {
		...full,
		'/ingest': () => ingest.promise,
		// Once: it is not the next answer that brings it to the screen.
		'/status': () => status.pop() ?? never(),
	});
	await expect.poll(() => server.asked.some(({ pathname }) => pathname.endsWith('/status'))).toBe(true);
	// Time for the answer to be taken in.
	await new Promise((resolve) => setTimeout(resolve, 100));
	ingest.resolve(ingestAnswer());
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();
	await expect.element(screen.getByText('60 GiB')).toBeVisible();
});

test('loading', async () => {
	await openApp('/settings/ingest', { '/ingest': never, '/status': never });
	await expect.poll(() => document.querySelectorAll('tbody tr').length).toBe(5);
	await expectAccessible();
});

test('empty: the way leads to sending some', async () => {
	const answers = {
		...full,
		'/ingest': () => ingestAnswer({ services: [], rejections: [], marks: {}, droppedAttributes: 0 }),
	};
	const { screen } = await openApp('/settings/ingest', answers);
	await expect.element(screen.getByText('Nothing arrived in the last 24 hours')).toBeVisible();
	await expect.element(screen.getByText('Nothing was rejected.')).toBeVisible();
	await expectAccessible();
});

test('error: the reason and Retry', async () => {
	const { screen, server } = await openApp('/settings/ingest', { '/ingest': storeAway, '/status': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer/);
	await expectAccessible();
	server.answers = full;
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();
});

test('while ClickHouse is away: how far behind and when the spool is full, without the rest', async () => {
	const status = statusAnswer({ ready: false, ingest: { redactions } });
	const reason = "ClickHouse can't be reached";
	const spool = {
		...status.spool,
		spans: 1_200_000,
		oldestAgeMs: 300_000,
		bytes: 300 * 1024 ** 2,
		maxBytes: 10 * 1024 ** 3,
		storeFailure: reason,
		fillBytesPerSecond: 1024 ** 2,
		fullInMs: 9_940_000,
	};
	const { screen, server } = await openApp('/settings/ingest', {
		...full,
		'/ingest': storeAway,
		'/status': () => ({ ...status, spool }),
	});
	await expect
		.element(screen.getByText(/1,200,000 spans acknowledged and not stored yet: ClickHouse can't/))
		.toBeVisible();
	await expect.element(screen.getByText(/1\sMiB\/s in, 0\sB\/s out: full in 2\sh\s46\sm/)).toBeVisible();
	await expect.element(screen.getByText('60 GiB')).toBeVisible();
	await expect
		.element(screen.getByRole('alert'))
		.toMatchTextContent(/Who sends what can’t be told now.*did not answer/);
	await expect.element(screen.getByRole('region', { name: 'Table: Secrets taken out' })).toBeVisible();
	expect(document.querySelectorAll('[aria-busy=true]')).toHaveLength(0);
	await expect.element(screen.getByText('Nothing arrived in the last 24 hours')).not.toBeInTheDocument();
	expect(document.querySelector('.stale')).toBeNull();
	server.answers = full;
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();
});

test('partial: says what of how much', async () => {
	const partial = { reason: 'Those with the fewest spans are left out.', seen: 200, of: 950 };
	const { screen } = await openApp('/settings/ingest', { ...full, '/ingest': () => ingestAnswer({ partial }) });
	await expect.element(screen.getByText('Showing 200 of 950 services.')).toBeVisible();
});

test('it looks again by itself', async () => {
	const { screen, server } = await openApp('/settings/ingest', full);
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();
	await expect
		.poll(() => server.asked.filter(({ pathname }) => pathname.endsWith('/ingest')).length, { timeout: 8_000 })
		.toBeGreaterThan(1);
});

test('on a phone the tab and the screen that are open are scrolled to, also when there is less room than before', async () => {
	await page.viewport(700, 844);
	try {
		await openApp('/settings/about', full);
		const hidden = (name: string): number => {
			const link = document.querySelector(`nav[aria-label="${name}"] [aria-current]`);
			const row = link?.closest('ul') ?? link?.parentElement;
			return (link?.getBoundingClientRect().right ?? Infinity) - (row?.getBoundingClientRect().right ?? 0);
		};
		for (const width of [700, 390, 320]) {
			await page.viewport(width, 844);
			await expect.poll(() => hidden('Settings')).toBeLessThanOrEqual(0.5);
			await expect.poll(() => hidden('Screens')).toBeLessThanOrEqual(0.5);
		}
		await userEvent.tab();
		await expect.element(page.getByRole('link', { name: 'Skip to content' })).toHaveFocus();
	} finally {
		await page.viewport(1440, 900);
	}
});

test('on a phone, nothing is wider than the page', async () => {
	await page.viewport(390, 844);
	try {
		const { screen } = await openApp('/settings/ingest', full);
		await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toBeInTheDocument();
		expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
		await expectAccessible();
	} finally {
		await page.viewport(1440, 900);
	}
});

test('the tabs are links, each to a page of its own', async () => {
	const { screen, history } = await openApp('/settings', full);
	await screen.getByRole('link', { name: 'Retention' }).click();
	expect(history.text).toBe('/settings/retention');
	await expect.element(screen.getByText('Spans and logs are kept')).toBeVisible();
	await expectAccessible();
	await screen.getByRole('link', { name: 'About' }).click();
	await expect.element(screen.getByText('http://127.0.0.1:4318')).toBeVisible();
	await expectAccessible();
	expect(document.title).toBe('Settings: About – Spanhouse');
});

test('preferences are kept by the browser', async () => {
	const { screen, memory, app } = await openApp('/settings/preferences', full, 'dark');
	await expect.element(screen.getByRole('button', { name: 'Dark' })).toHaveAttribute('aria-pressed', 'true');
	await expectAccessible();
	await screen.getByRole('button', { name: 'Light' }).click();
	expect(memory.get('spanhouse.theme')).toBe('light');
	await screen.getByRole('button', { name: 'Off' }).click();
	expect(app.preferences.hasSingleKeys).toBe(false);
});

test('rows are as high as one chooses, and the choice is kept', async () => {
	const { screen, memory } = await openApp('/settings/preferences', full);
	const height = () => getComputedStyle(document.documentElement).getPropertyValue('--row');
	const normal = height();
	await screen.getByRole('button', { name: 'Compact' }).click();
	expect(memory.get('spanhouse.density')).toBe('compact');
	expect(Number.parseInt(height(), 10)).toBeLessThan(Number.parseInt(normal, 10));
	await screen.getByRole('button', { name: 'Comfortable' }).click();
	expect(Number.parseInt(height(), 10)).toBeGreaterThan(Number.parseInt(normal, 10));
	await screen.getByRole('button', { name: 'Normal' }).click();
	expect([memory.has('spanhouse.density'), height()]).toEqual([false, normal]);
});
