import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright';
import { launchBrowser } from '../e2e/browser.ts';
import { runDemo } from '../e2e/demo-traffic.ts';
import { projectRoot, startProduct, until } from '../support/product.ts';
import { declareExamples, isShopKnown, readExamples } from './examples.ts';
import { screensOf } from './screens.ts';
import type { Screen } from './screens.ts';

const HELP = `Usage: npm run screenshots -- [options]

Pictures of every screen, light and dark, at 1440 × 900 and 390 × 844, of a shop that was open for a few minutes.

  --out FOLDER   where they go (screenshots)
  --only TEXT    screens whose name contains it
  --theme NAME   light or dark alone
  --size NAME    wide or phone alone
  --minutes N    how long the shop is open (3)
  --ui URL       of a running Spanhouse that has the shop's traffic already, instead of one of its own
`;

const SIZES = [
	{ name: 'wide', width: 1440, height: 900 },
	{ name: 'phone', width: 390, height: 844 },
] as const;
const THEMES = ['light', 'dark'] as const;

const { values } = parseArgs({
	options: {
		out: { type: 'string', default: 'screenshots' },
		only: { type: 'string', default: '' },
		theme: { type: 'string' },
		size: { type: 'string' },
		minutes: { type: 'string', default: '3' },
		ui: { type: 'string' },
		help: { type: 'boolean', short: 'h', default: false },
	},
});
if (values.help) console.log(HELP);
else if (values.ui === undefined) await photographShop();
else await photographAll(values.ui);

async function photographShop(): Promise<void> {
	const product = await startProduct();
	try {
		const { ui, otlpHttp } = product.ready;
		await photograph(ui, [{ name: 'welcome-waiting', path: '/welcome' }]);
		console.log(`The shop is open for ${values.minutes} minutes …`);
		const shop = runDemo({ endpoint: otlpHttp, ui, minutes: Number(values.minutes), rate: 8 });
		// Rules are there for most of the traffic, so that they have something to say about it; in its project, which begins with it.
		await Promise.race([until(() => isShopKnown(ui), 'spans of the shop', 60_000), shop]);
		await declareExamples(ui);
		await shop;
		await photographAll(ui);
	} finally {
		await product.stop();
	}
}

async function photographAll(ui: string): Promise<void> {
	await photograph(ui, screensOf(await readExamples(ui)));
}

/** Every screen once for each theme and size, in one tab each: what is loaded once is there for all. */
async function photograph(ui: string, screens: readonly Screen[]): Promise<void> {
	const folder = resolve(projectRoot, values.out);
	mkdirSync(folder, { recursive: true });
	const wanted = screens.filter(({ name }) => name.includes(values.only));
	const browser = await launchBrowser();
	let taken = 0;
	try {
		for (const { name: size, ...viewport } of SIZES.filter(({ name }) => name === (values.size ?? name))) {
			for (const colorScheme of THEMES.filter((name) => name === (values.theme ?? name))) {
				const page = await openTab(browser, ui, { viewport, colorScheme });
				for (const screen of wanted) {
					await show(page, screen);
					await page.screenshot({ path: join(folder, `${screen.name}-${colorScheme}-${size}.png`) });
					taken++;
				}
				await page.context().close();
			}
		}
	} finally {
		await browser.close();
	}
	console.log(`${taken} pictures in ${folder}`);
}

interface Look {
	viewport: { width: number; height: number };
	colorScheme: 'light' | 'dark';
}

async function openTab(browser: Browser, ui: string, look: Look): Promise<Page> {
	const context = await browser.newContext({ baseURL: ui, locale: 'en-US', reducedMotion: 'reduce', ...look });
	const page = await context.newPage();
	page.on('pageerror', (error) => console.error(`${page.url()}: ${error.message}`));
	page.on('console', (message) => {
		if (message.type() === 'error') console.error(`${page.url()}: ${message.text()}`);
	});
	return page;
}

async function show(page: Page, screen: Screen): Promise<void> {
	try {
		await page.goto(screen.path);
		await page.waitForLoadState('networkidle', { timeout: 10_000 });
		await screen.act?.(page);
		await page.locator('[aria-busy="true"], .skeleton').first().waitFor({ state: 'hidden', timeout: 5_000 });
		// Canvases are drawn in the frames after the last answer.
		await page.waitForTimeout(300);
	} catch (error) {
		console.error(`${screen.name} (${screen.path}): ${String(error).split('\n')[0]}`);
	}
}
