import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProduct, until } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import { launchBrowser, openPage } from './browser.ts';

let product: Product;
let browser: Browser;

const SLOW = 'SELECT total FROM orders WHERE customer = ?';
const TRACES = 12;

beforeAll(async () => {
	[product, browser] = await Promise.all([startProduct(), launchBrowser()]);
	await sendCheckouts(product.ready.otlpHttp);
	const count = async (q: string) =>
		((await (await fetch(`${product.ready.ui}/api/v1/count?q=${encodeURIComponent(q)}`)).json()) as { spans: number })
			.spans;
	await until(async () => (await count('service:till')) === 3 * TRACES || undefined, 'the checkouts', 60_000);
});
afterAll(async () => {
	await browser?.close();
	await product?.stop();
});

/** Checkouts that spend most of their time in one query, and some in another. */
async function sendCheckouts(endpoint: string): Promise<void> {
	const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
	const spans = Array.from({ length: TRACES }, (_, i) => {
		const [traceId, began] = [(i + 1).toString(16).padStart(32, 'c'), Date.now() - 60_000 + i * 1_000];
		const span = (id: number, more: object, from: number, to: number) => ({
			traceId,
			spanId: (i * 16 + id).toString(16).padStart(16, '0'),
			startTimeUnixNano: `${began + from}000000`,
			endTimeUnixNano: `${began + to}000000`,
			...more,
		});
		const parentSpanId = (i * 16 + 1).toString(16).padStart(16, '0');
		const query = (sql: string) => ({
			parentSpanId,
			kind: 3,
			name: 'query',
			attributes: [text('db.system.name', 'postgresql'), text('db.namespace', 'shop'), text('db.query.text', sql)],
		});
		return [
			span(1, { kind: 2, name: 'POST /pay', attributes: [text('http.route', '/pay')] }, 0, 700),
			span(2, query('SELECT price FROM items WHERE id = ?'), 10, 30),
			span(3, query(SLOW), 40, 690),
		];
	}).flat();
	const resource = { attributes: [text('service.name', 'till')] };
	const answer = await fetch(`${endpoint}/v1/traces`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }),
	});
	expect(answer.status).toBe(200);
}

async function expectGuilty(page: Page): Promise<void> {
	const selected = page.getByRole('treegrid').locator('[role=row][aria-selected=true]');
	await selected.waitFor();
	expect(await selected.getAttribute('aria-label')).toMatch(/SELECT orders, till/);
	await expect
		.poll(() => page.getByLabel('Query', { exact: true }).textContent(), { timeout: 30_000 })
		.toMatch(/WHERE\s+customer = \?/);
}

test('from the start page to the guilty query, by mouse', async () => {
	const { page, context, troubles } = await openPage(browser, product.ready.ui);
	await page.goto('/');
	await page.getByRole('link', { name: /^Services/ }).click();
	await page.getByRole('link', { name: 'till', exact: true }).click();
	await page.getByRole('region', { name: 'Slowest queries', exact: true }).getByRole('link', { name: SLOW }).click();
	await page.getByRole('link', { name: /^Slowest/ }).click();
	await expectGuilty(page);
	expect(troubles).toEqual([]);
	await context.close();
});

test('from the start page to the guilty query, by keyboard alone', async () => {
	const { page, context, troubles } = await openPage(browser, product.ready.ui);
	await page.goto('/');
	await page.getByRole('heading', { name: 'Now', exact: true }).waitFor();
	await page.keyboard.press('Control+k');
	await page.getByRole('dialog', { name: 'Jump to anything' }).waitFor();
	await page.keyboard.press('Escape');
	await page.getByRole('dialog', { name: 'Jump to anything' }).waitFor({ state: 'hidden' });
	// The second key counts while it comes soon, which a busy machine can't promise.
	const goToDatabase = async () => {
		await page.keyboard.press('g');
		await page.keyboard.press('d');
		return new URL(page.url()).pathname;
	};
	await expect.poll(goToDatabase, { timeout: 30_000, interval: 500 }).toBe('/db');
	await page.getByRole('rowheader', { name: /SELECT total/ }).waitFor();
	await page.keyboard.press('j');
	await page.keyboard.press('Enter');
	await page.getByRole('link', { name: /^Slowest/ }).waitFor();
	const focused = () => page.evaluate<string>('document.activeElement?.textContent ?? ""');
	for (let step = 0; step < 60 && !/^\s*Slowest/.test(await focused()); step++) await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await expectGuilty(page);
	await page.keyboard.press('Escape');
	await expect.poll(() => page.getByLabel('Query', { exact: true }).count(), { timeout: 30_000 }).toBe(0);
	expect(troubles).toEqual([]);
	await context.close();
});
