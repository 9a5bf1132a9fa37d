import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sendLargeTrace } from '../bench/large-trace.ts';
import { startProduct, until } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import { launchBrowser, openPage } from './browser.ts';
import { checkoutId, sendCheckouts, SLOW } from './checkouts.ts';

let product: Product;
let browser: Browser;

const TRACES = 12;
const LARGE = 250_000;

beforeAll(async () => {
	[product, browser] = await Promise.all([startProduct(), launchBrowser()]);
	await sendCheckouts(product.ready.otlpHttp, { service: 'till', traces: TRACES });
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
const waiting = <Value>(read: () => Value, message?: string) =>
	expect.poll(read, { timeout: 60_000, ...(message === undefined ? {} : { message }) });

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

const ROUTES = [
	'/welcome?lang=go',
	'/services?sort=service',
	'/services/till?tab=db&cmp=7d',
	'/services/till?op=POST+%2Fpay',
	'/traces?q=service%3Atill&view=spans&chart=rate',
	'/explore?by=operation',
	'/issues?state=all',
	'/db?sort=-calls',
	'/external',
	'/map?view=table',
	'/changes?kind=deploy',
	'/alerts?state=firing',
	'/alerts/new?q=service%3Atill',
	'/slos',
	'/slos/new?total=service%3Atill',
	'/config',
	'/open',
	`/trace/${checkoutId('till', 1)}?v=table`,
	`/compare/${checkoutId('till', 1)}/${checkoutId('till', 2)}`,
	'/settings/keys',
	'/settings/retention?days=3',
	'/settings/channels',
];

test('every address shows its screen when it is opened, after Back, and after a reload', async () => {
	const { page, context, troubles } = await openPage(browser, product.ready.ui);
	// A busy store is asked again for a while before a screen shows anything.
	page.setDefaultTimeout(90_000);
	for (const route of ROUTES) {
		const wanted = new URL(route, product.ready.ui);
		/** A screen may add what it chose itself, and drops nothing. */
		const isThere = ({ pathname, searchParams }: URL) =>
			pathname === wanted.pathname &&
			[...wanted.searchParams].every(([name, value]) => searchParams.get(name) === value);
		const first = page.locator('main :is(h1, h2, table, form, dl, p, ul)').filter({ visible: true }).first();
		await page.goto(route);
		await first.waitFor();
		await page.waitForURL(isThere);
		await waiting(() => page.title(), route).toMatch(/.+ – Spanhouse$/);
		const title = await page.title();
		await page.getByRole('link', { name: 'Now', exact: true }).click();
		await page.waitForURL(({ pathname }) => pathname !== wanted.pathname);
		for (const come of [() => page.goBack(), () => page.reload()]) {
			await come();
			await page.waitForURL(isThere);
			await first.waitFor();
			await waiting(() => page.title(), route).toBe(title);
		}
	}
	// Who leaves screen after screen at once may be told that the store is busy; that is another journey.
	expect(troubles.filter((trouble) => !trouble.includes('status of 503'))).toEqual([]);
	await context.close();
});

test('a rectangle on the heatmap, what is different in it, and a trace that shows it', async () => {
	const { page, context, troubles } = await openPage(browser, product.ready.ui);
	await page.goto('/traces?q=service:till');
	const heatmap = page.getByRole('application', { name: /^Latency/ });
	await heatmap.locator('canvas').waitFor();
	const box = await heatmap.boundingBox();
	if (box === null) throw new Error('the heatmap has no place');
	// The upper third, over the whole time: from 20 ms to 700 ms on a log scale these are the long ones.
	await page.mouse.move(box.x + 70, box.y + 2);
	await page.mouse.down();
	await page.mouse.move(box.x + box.width - 4, box.y + 60, { steps: 4 });
	await page.mouse.up();
	const panel = page.getByRole('region', { name: 'What is different', exact: true });
	// Of each checkout the request itself and its slow query; its quick query is among the others.
	await waiting(() => panel.getByRole('status').first().innerText()).toMatch(
		new RegExp(`${2 * TRACES}\\s+selected\\s+${TRACES}\\s+others`),
	);
	// Within the content security policy, which component tests know nothing of.
	await page.getByRole('button', { name: 'Copy Latency as an image' }).click();
	await page.getByText('Latency copied as an image').waitFor();
	await panel.getByRole('button', { name: /^Only db\.query\.summary: SELECT orders/ }).click();
	await page.waitForURL(
		({ searchParams }) => /SELECT orders/.test(searchParams.get('q') ?? '') && searchParams.has('brush'),
	);
	await page.getByRole('region', { name: 'Traces', exact: true }).getByRole('link').first().click();
	await page
		.getByRole('treegrid')
		.getByRole('row', { name: /SELECT orders/ })
		.waitFor();
	expect(troubles).toEqual([]);
	await context.close();
});

test('two traces of the search are compared, by keyboard alone', async () => {
	const { page, context, troubles } = await openPage(browser, product.ready.ui);
	await page.goto('/traces?q=service:till');
	await page.getByRole('region', { name: 'Traces', exact: true }).getByRole('link').first().waitFor();
	await page.keyboard.press('j');
	await page.keyboard.press('x');
	await page.getByText(/choose another trace/).waitFor();
	await page.keyboard.press('j');
	await page.keyboard.press('x');
	await page.waitForURL('**/compare/**');
	const ids = new URL(page.url()).pathname.split('/').slice(2);
	expect(ids).toEqual([checkoutId('till', TRACES), checkoutId('till', TRACES - 1)]);
	await page.getByRole('table').getByText('SELECT orders').first().waitFor();
	expect(troubles).toEqual([]);
	await context.close();
});

test('a trace that is sent while one looks on is on the screen', async () => {
	const { page, context, troubles } = await openPage(browser, product.ready.ui);
	await page.goto('/traces?q=service:late&live=1');
	await page.getByText('Live', { exact: true }).first().waitFor();
	await page.getByRole('heading', { name: /^No traces match/ }).waitFor();
	await sendCheckouts(product.ready.otlpHttp, { service: 'late', traces: 1 });
	await page.getByRole('rowheader', { name: /late.*POST \/pay/ }).waitFor();
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

	let isFailing = true;
	await page.route(api, (route) => (isFailing ? route.fulfill(problem(500, 'UNEXPECTED')) : route.continue()));
	// An answer that is on its way already is not asked for again: as one would, until it fails.
	const isTold = async (): Promise<boolean> => {
		await page.keyboard.press('r');
		return page
			.getByText('told 500')
			.waitFor({ timeout: 2_000 })
			.then(
				() => true,
				() => false,
			);
	};
	await waiting(isTold).toBe(true);
	expect(await row.isVisible()).toBe(true);
	isFailing = false;
	// Until it is answered: a request under way is neither refused by being offline nor asked a second time.
	const answered = page.waitForResponse((response) => api.test(response.url()) && response.ok());
	await page.getByRole('button', { name: 'Retry' }).click();
	await page.getByText('told 500').waitFor({ state: 'hidden' });
	await answered;
	await page.unroute(api);

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
	// Files that are on their way when a route is taken out are lost: first the whole page.
	const goOn = page.getByRole('button', { name: 'Go on' });
	await goOn.waitFor();
	await page.unroute(api);
	await goOn.click();
	await row.waitFor();
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
