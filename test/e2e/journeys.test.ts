import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sendLargeTrace } from '../bench/large-trace.ts';
import { startProduct, until } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import { launchBrowser, openPage } from './browser.ts';

let product: Product;
let browser: Browser;

const SLOW = 'SELECT total FROM orders WHERE customer = ?';
const TRACES = 12;
const LARGE = 250_000;

beforeAll(async () => {
	[product, browser] = await Promise.all([startProduct(), launchBrowser()]);
	await sendCheckouts(product.ready.otlpHttp);
	await untilStored('service:till', 3 * TRACES);
});
afterAll(async () => {
	await browser?.close();
	await product?.stop();
});

async function untilStored(q: string, spans: number): Promise<void> {
	const count = async () => {
		const answer = await fetch(`${product.ready.ui}/api/v1/count?q=${encodeURIComponent(q)}`);
		return ((await answer.json()) as { spans: number }).spans;
	};
	await until(async () => (await count()) === spans || undefined, q, 120_000);
}

/** Until it holds, however busy the machine is. */
const waiting = <Value>(read: () => Value) => expect.poll(read, { timeout: 60_000 });

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

test('a server that refuses, fails, dawdles or is gone is said, what was there stays, and Retry brings it back', async () => {
	const { page, context } = await openPage(browser, product.ready.ui);
	const row = page.getByRole('rowheader', { name: 'till' });
	const api = /\/api\/v1\/services\?/;
	const problem = (status: number, code: string) => ({
		status,
		contentType: 'application/problem+json',
		body: JSON.stringify({ type: 'about:blank', title: code, status, code, detail: `told ${status}` }),
	});
	await page.goto('/services');
	await row.waitFor();

	await page.route(api, (route) => route.fulfill(problem(500, 'UNEXPECTED')));
	await page.keyboard.press('r');
	await page.getByText('told 500').waitFor();
	expect(await row.isVisible()).toBe(true);
	await page.unroute(api);
	await page.getByRole('button', { name: 'Retry' }).click();
	await page.getByText('told 500').waitFor({ state: 'hidden' });

	await context.setOffline(true);
	await page.keyboard.press('r');
	await page.getByRole('alert').first().waitFor();
	expect(await row.isVisible()).toBe(true);
	await context.setOffline(false);
	await page.getByRole('button', { name: 'Retry' }).click();
	await page.getByRole('alert').first().waitFor({ state: 'hidden' });

	const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
	await page.route(api, async (route) => {
		await held;
		await route.continue().catch(() => undefined);
	});
	await page.keyboard.press('r');
	await page.getByRole('button', { name: 'Cancel' }).click();
	expect(await row.isVisible()).toBe(true);
	letGo();
	await page.unroute(api);

	await page.route(api, (route) => route.fulfill(problem(401, 'NOT_LOGGED_IN')));
	await page.goto('/services');
	await page.waitForURL((url) => url.pathname === '/login' && url.searchParams.get('next') === '/services');
	await context.close();
});

test(`a trace of ${LARGE.toLocaleString('en-US')} spans is opened, searched, folded and zoomed`, async () => {
	const traceId = await sendLargeTrace(product.ready.otlpHttp, LARGE);
	await untilStored(`traceId:${traceId}`, LARGE);
	const { page, context, troubles } = await openPage(browser, product.ready.ui);
	await page.goto(`/trace/${traceId}`);
	const tree = page.getByRole('treegrid');
	await tree.getByRole('row').first().waitFor();
	const rows = async () => Number(await tree.getAttribute('aria-rowcount'));
	expect(await rows()).toBeGreaterThan(LARGE / 2);
	expect(await tree.getByRole('row').count()).toBeLessThan(100);

	await page.getByRole('textbox', { name: 'Filter spans' }).fill('error:true');
	const failed = Math.ceil(LARGE / 97);
	await page.getByText(`${failed.toLocaleString('en-US')} matches`, { exact: true }).waitFor({ state: 'attached' });
	await page.keyboard.press('Enter');
	await page.keyboard.press('ArrowDown');
	const whole = await rows();
	await page.getByRole('button', { name: 'Collapse all' }).click();
	await waiting(rows).toBeLessThan(whole);
	await tree.getByRole('row').first().focus();
	await page.keyboard.press('w');
	await waiting(() => new URL(page.url()).searchParams.get('z')).toMatch(/^\d+-\d+$/);
	await page.keyboard.press('0');
	await waiting(() => new URL(page.url()).searchParams.get('z')).toBeNull();
	expect(troubles).toEqual([]);
	await context.close();
});
