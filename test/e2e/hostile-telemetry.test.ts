import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProduct, until } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import { launchBrowser, openPage } from './browser.ts';
import type { Watched } from './browser.ts';

/** What would run, break out or break the layout if anything of it were taken for more than text. */
const HOSTILE = [
	'<script>window.pwned=1</script>',
	'<img src=x onerror="window.pwned=1">',
	'javascript:window.pwned=1',
	'"><svg/onload=window.pwned=1>',
	'\u202Egnp.exe\u202C \u2066abc\u2069',
	'__proto__',
	'constructor',
	'a\u0000b',
	'{{constructor.constructor("window.pwned=1")()}}',
	'x'.repeat(10_000),
	"'; DROP TABLE spans; --",
	'ﷺ'.repeat(200),
];
const TRACE_ID = 'bad1'.repeat(8);

let product: Product;
let browser: Browser;
beforeAll(async () => {
	product = await startProduct();
	browser = await launchBrowser();
	const sent = await fetch(`${product.ready.otlpHttp}/v1/traces`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(hostileTrace()),
	});
	if (!sent.ok) throw new Error(await sent.text());
	await until(async () => (await fetch(`${product.ready.ui}/api/v1/traces/${TRACE_ID}`)).ok || undefined, 'the trace');
});
afterAll(async () => {
	await browser?.close();
	await product?.stop();
});

function hostileTrace(): object {
	const nowMs = Date.now() - 2000;
	const nano = (ms: number) => String(BigInt(nowMs + ms) * 1_000_000n);
	const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
	const attributes = HOSTILE.map((hostile) => text(hostile, hostile));
	return {
		resourceSpans: HOSTILE.map((hostile, i) => ({
			resource: { attributes: [text('service.name', hostile), text('service.version', hostile), ...attributes] },
			scopeSpans: [
				{
					scope: { name: hostile, version: hostile },
					spans: [
						{
							traceId: TRACE_ID,
							spanId: (i + 1).toString(16).padStart(16, '0'),
							parentSpanId: i === 0 ? '' : i.toString(16).padStart(16, '0'),
							name: hostile,
							kind: i % 2 === 0 ? 2 : 3,
							startTimeUnixNano: nano(i * 10),
							endTimeUnixNano: nano(1000 - i * 10),
							traceState: 'a=b',
							attributes: [
								...attributes,
								text('db.system.name', hostile),
								text('db.query.text', hostile),
								text('url.full', hostile),
							],
							events: [
								{ timeUnixNano: nano(i * 10 + 1), name: hostile, attributes },
								{
									timeUnixNano: nano(i * 10 + 2),
									name: 'exception',
									attributes: [
										text('exception.type', hostile),
										text('exception.message', hostile),
										text('exception.stacktrace', hostile),
									],
								},
							],
							links: [{ traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), attributes }],
							status: { code: 2, message: hostile },
						},
					],
				},
			],
		})),
	};
}

/** A page that writes down what its content security policy forbids. */
async function watchedPage() {
	const watched = await openPage(browser, product.ready.ui);
	await watched.page.addInitScript({
		content: `document.addEventListener('securitypolicyviolation', (event) => console.error('CSP ' + event.violatedDirective))`,
	});
	return watched;
}

async function expectHarmless({ page, troubles, context }: Watched): Promise<void> {
	expect(await page.evaluate<unknown>('window.pwned ?? ({}).pwned')).toBeUndefined();
	expect(troubles).toEqual([]);
	await context.close();
}

const overflowOf = (page: Page) => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
const schemesOf = (page: Page) =>
	page.evaluate<string[]>('[...document.links].map((link) => new URL(link.href).protocol)');

const SCREENS = [
	'/',
	'/explore?by=service,version',
	'/services',
	`/services/${encodeURIComponent(HOSTILE[1] ?? '')}`,
	'/traces',
	'/traces?view=spans',
	'/map',
	'/map?as=table',
	'/db',
	'/external',
	'/issues',
	'/changes',
	'/settings/ingest',
];

test('whatever senders write is text on the screens of lists and the map: nothing runs, and the layout holds', async () => {
	const watched = await watchedPage();
	const { page } = watched;
	for (const width of [1440, 390]) {
		await page.setViewportSize({ width, height: 900 });
		for (const screen of SCREENS) {
			await page.goto(screen);
			await page.locator('#main').locator('table, h2, p, canvas').first().waitFor();
			await page.waitForLoadState('networkidle');
			expect(await overflowOf(page), `${screen} at ${width}`).toBeLessThanOrEqual(0);
			expect((await schemesOf(page)).filter((scheme) => !scheme.startsWith('http'))).toEqual([]);
		}
	}
	await expectHarmless(watched);
});

/** Each view of a trace, and what is there once it is drawn. */
const VIEWS = [
	['waterfall', '[role="treegrid"] [role="row"]'],
	['flame', 'section[aria-label="Flame chart"] canvas'],
	['table', 'section[aria-label="Spans by group"] tbody tr'],
	['logs', 'section[aria-label="Events and logs of the trace"] tbody tr'],
	['graph', 'section[aria-label="Services of this trace"] tbody tr'],
	['json', '[role="region"][aria-label="JSON"] pre'],
] as const;

test('nor does anything run in the views of a trace, the drawer of each of its spans, its preview and its comparison', async () => {
	const watched = await watchedPage();
	const { page } = watched;
	const drawn = (selector: string) => page.locator(selector).filter({ visible: true }).first().waitFor();
	const expectQuiet = async (where: string) => {
		expect(await overflowOf(page), where).toBeLessThanOrEqual(0);
		expect(
			(await schemesOf(page)).filter((scheme) => !/^(https?|vscode):$/.test(scheme)),
			where,
		).toEqual([]);
	};
	for (const width of [1440, 390]) {
		await page.setViewportSize({ width, height: 900 });
		for (const [view, content] of VIEWS) {
			await page.goto(`/trace/${TRACE_ID}?v=${view}`);
			await drawn(content);
			await expectQuiet(`${view} at ${width}`);
		}
	}
	await page.setViewportSize({ width: 1440, height: 900 });
	for (let i = 1; i <= HOSTILE.length; i++) {
		await page.goto(`/trace/${TRACE_ID}?span=${i.toString(16).padStart(16, '0')}`);
		const drawer = page.locator('aside.drawer');
		await drawer.getByText('exception.stacktrace').or(drawer.getByText('db.query.text')).first().waitFor();
		await expectQuiet(`span ${i}`);
	}
	await page.goto(`/traces?preview=${TRACE_ID}`);
	await page.locator('aside.drawer').getByRole('region', { name: 'Failed first' }).waitFor();
	await expectQuiet('preview');
	await page.goto(`/compare/${TRACE_ID}/${TRACE_ID}`);
	await page.getByRole('region', { name: 'Trace A' }).waitFor();
	await expectQuiet('compare');
	await expectHarmless(watched);
});
