import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright';
import type { Browser, BrowserContext, Page } from 'playwright';
import { onTestFailed } from 'vitest';
import { findChromium } from '../support/chromium.ts';
import { projectRoot } from '../support/product.ts';

const folder = join(projectRoot, 'test/e2e/screenshots');

export async function launchBrowser(): Promise<Browser> {
	const { executablePath, args, env } = await findChromium();
	return chromium.launch({ executablePath, args, env });
}

export interface Watched {
	context: BrowserContext;
	page: Page;
	/** Errors of the page and its console, dialogs and breaches of its content security policy: none is expected. */
	troubles: string[];
}

/** A page in a context of its own whose troubles are written down, and shown with a picture when the test fails. */
export async function openPage(browser: Browser, baseUrl: string): Promise<Watched> {
	const context = await browser.newContext({
		baseURL: baseUrl,
		locale: 'en-US',
		viewport: { width: 1440, height: 900 },
	});
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	const page = await context.newPage();
	const troubles: string[] = [];
	page.on('pageerror', (error) => troubles.push(`page error: ${error.message}`));
	page.on('dialog', (dialog) => {
		troubles.push(`dialog: ${dialog.message()}`);
		void dialog.dismiss();
	});
	const refusals: string[] = [];
	page.on('response', (response) => {
		if (response.status() < 500) return;
		void response.text().then(
			(body) => refusals.push(`${response.url()}: ${body}`),
			() => refusals.push(`${response.url()}: its body is gone`),
		);
	});
	page.on('console', (message) => {
		if (message.type() === 'error') troubles.push(`console: ${message.text()} ${message.location().url}`);
	});
	onTestFailed(async () => {
		process.stderr.write(refusals.map((refusal) => `${refusal}\n`).join(''));
		if (page.isClosed()) return;
		mkdirSync(folder, { recursive: true });
		await page.screenshot({ path: join(folder, 'failed.png') });
		troubles.push(`at ${page.url()}: ${await page.locator('body').innerText()}`);
		process.stderr.write(`${troubles.join('\n')}\n`);
	});
	return { context, page, troubles };
}

/** The page in both themes, wide and narrow, as `NAME-THEME-WIDTH.png`; to be looked at, not compared. */
export async function photograph(page: Page, name: string): Promise<void> {
	mkdirSync(folder, { recursive: true });
	for (const [width, height] of [
		[390, 844],
		[1440, 900],
	] as const) {
		await page.setViewportSize({ width, height });
		for (const colorScheme of ['dark', 'light'] as const) {
			await page.emulateMedia({ colorScheme });
			await page.waitForTimeout(250); // Canvases redraw in the next frames.
			await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`) });
		}
	}
}
