import { chromium } from 'playwright';
import type { CDPSession, Page } from 'playwright';
import { findChromium } from '../support/chromium.ts';
import { startProduct, until } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import type { BenchOptions, Figures } from './main.ts';
import { medianAndSpread, quantile } from './statistics.ts';
import { sendLargeTrace } from './large-trace.ts';

const SIZES = [1_000, 50_000, 250_000];
const FRAMES = 120;
const ROW_PX = 24;
const SCROLLER = '[role="treegrid"][aria-label="Spans"]';

/** What a trace of 50,000 spans may take; CPU times are of the main thread, so that a busy machine changes them little. */
const MEASURES = [
	{ name: 'paintedMs', label: 'response end to painted, ms', budget: 150 },
	{ name: 'scrollMs', label: 'main thread a frame, 5 rows each, ms', budget: 5 },
	{ name: 'flingMs', label: 'main thread a frame, 125 rows each, ms', budget: 10 },
	{ name: 'keyMs', label: 'key to next paint, p98, ms', budget: 100 },
	{ name: 'heapMb', label: 'JavaScript heap with its buffers, MB', budget: 60 },
] as const;
type Measured = Record<(typeof MEASURES)[number]['name'], number>;

/** A trace in the waterfall, in a real Chromium, through the real product: opened, scrolled, walked by keys. */
export async function ui({ runs }: BenchOptions): Promise<Figures> {
	const { executablePath, args, env } = await findChromium();
	const product = await startProduct();
	const browser = await chromium.launch({ executablePath, args, env });
	const figures: Figures = {};
	try {
		for (const size of SIZES) {
			const traceId = await storedTrace(product, size);
			for (let run = 0; run < runs; run++) {
				const context = await browser.newContext({
					baseURL: product.ready.ui,
					locale: 'en-US',
					viewport: { width: 1600, height: 1000 },
				});
				const measured = await measure(await context.newPage(), traceId);
				for (const { name } of MEASURES) (figures[`${name}.${size}`] ??= []).push(measured[name]);
				await context.close();
			}
			for (const { name, label, budget } of MEASURES) {
				console.log(
					`  ${size.toLocaleString('en-US').padStart(7)} spans  ${label.padEnd(40)} ${medianAndSpread(figures[`${name}.${size}`] ?? []).padStart(20)}   budget at 50,000: ${budget}`,
				);
			}
		}
	} finally {
		await browser.close();
		await product.stop();
	}
	return figures;
}

async function storedTrace({ ready }: Product, size: number): Promise<string> {
	const traceId = await sendLargeTrace(ready.otlpHttp, size);
	const stored = async () => {
		const answer = await fetch(`${ready.ui}/api/v1/count?q=traceId:${traceId}`);
		return ((await answer.json()) as { spans: number }).spans === size ? true : undefined;
	};
	await until(stored, `${size} spans in ClickHouse`, 120_000);
	return traceId;
}

async function measure(page: Page, traceId: string): Promise<Measured> {
	await page.addInitScript(WATCH);
	const devtools = await page.context().newCDPSession(page);
	await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
	// The code of the screen and the answer of the server are apart from what is measured: both are there the second time.
	await open(page, traceId);
	const paintedMs = await open(page, traceId);
	await page.waitForTimeout(500);
	const scrollMs = await frameMs(page, devtools, 5 * ROW_PX);
	const flingMs = await frameMs(page, devtools, 125 * ROW_PX);
	const keyMs = await keyLatency(page);
	await devtools.send('HeapProfiler.collectGarbage');
	const { usedSize, backingStorageSize } = await devtools.send('Runtime.getHeapUsage');
	return { paintedMs, scrollMs, flingMs, keyMs, heapMb: (usedSize + backingStorageSize) / 1e6 };
}

/** Notes when the first bars are on the screen: in the frame after they are drawn. */
const WATCH = `
	localStorage.setItem('spanhouse.test-hooks', 'on');
	window.benchKeys = [];
	new PerformanceObserver((list) => {
		for (const entry of list.getEntries()) if (entry.name === 'keydown') window.benchKeys.push(entry.duration);
	}).observe({ type: 'event', durationThreshold: 16, buffered: true });
	(function watch() {
		if (window.__waterfall && window.__waterfall.rects().length > 0) requestAnimationFrame((now) => (document.documentElement.dataset.paintedMs = now));
		else requestAnimationFrame(watch);
	})();`;

async function open(page: Page, traceId: string): Promise<number> {
	await page.goto(`/trace/${traceId}`);
	// The page's own policy allows no waiting for a function.
	await page.locator('html[data-painted-ms]').waitFor({ state: 'attached', timeout: 120_000 });
	return page.evaluate<number>(`
		Number(document.documentElement.dataset.paintedMs) - performance.getEntriesByType('resource')
			.filter(({ name }) => new URL(name).pathname.endsWith('/traces/${traceId}'))
			.at(-1).responseEnd`);
}

/** CPU of the main thread for a frame in which the list moves so far, back and forth so that it never ends. */
async function frameMs(page: Page, devtools: CDPSession, pixels: number): Promise<number> {
	const before = await taskSeconds(devtools);
	await page.evaluate(`new Promise((resolve) => {
		const scroller = document.querySelector(${JSON.stringify(SCROLLER)});
		let left = ${FRAMES}, step = ${pixels};
		requestAnimationFrame(function move() {
			const before = scroller.scrollTop;
			scroller.scrollTop += step;
			if (scroller.scrollTop === before) step = -step;
			if (--left > 0) requestAnimationFrame(move); else requestAnimationFrame(resolve);
		});
	})`);
	return ((await taskSeconds(devtools)) - before) * (1_000 / FRAMES);
}

async function taskSeconds(devtools: CDPSession): Promise<number> {
	const { metrics } = await devtools.send('Performance.getMetrics');
	return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
}

const KEYS = ['ArrowDown', 'ArrowDown', 'PageDown', 'ArrowLeft', 'ArrowRight', 'w', 'd', 's', 'PageUp', 'ArrowDown'];
/** The browser tells only of presses that took longer, and in steps of 8 ms. */
const QUICK_MS = 16;

async function keyLatency(page: Page): Promise<number> {
	await page.evaluate(`document.querySelector(${JSON.stringify(SCROLLER)}).scrollTop = 0`);
	await page.locator(`${SCROLLER} [role="row"][tabindex="0"]`).first().focus();
	await page.evaluate('window.benchKeys.length = 0');
	const presses = [...KEYS, ...KEYS, ...KEYS, ...KEYS, ...KEYS];
	for (const key of presses) {
		await page.keyboard.press(key);
		await page.waitForTimeout(60);
	}
	const told = await page.evaluate<number[]>('window.benchKeys');
	return quantile(
		[...told, ...Array.from({ length: Math.max(0, presses.length - told.length) }, () => QUICK_MS)],
		0.98,
	);
}
