import { afterEach, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { histogramAnswer, operationsAnswer, redAnswer, servicesAnswer } from '../testing/answers.ts';
import { openApp, THEMES } from '../testing/open-app.ts';

const full = {
	'/services': () => servicesAnswer(),
	'/red': () => redAnswer(),
	'/operations': () => operationsAnswer(),
	'/latency-histogram': () => histogramAnswer(),
};

/** What is put into the clipboard from here on, as the browser would show it. */
function clipboard() {
	const items: ClipboardItem[] = [];
	vi.spyOn(navigator.clipboard, 'write').mockImplementation(async (written) => void items.push(...written));
	return async () => createImageBitmap((await items.at(-1)?.getType('image/png')) ?? new Blob());
}

/** The colour of its ground, near a corner, and how many of its pixels have each other colour. */
function coloursOf(image: ImageBitmap) {
	const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
	if (context === null) throw new Error('there is no canvas');
	context.drawImage(image, 0, 0);
	const pixels = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
	const ground = pixels[10 * image.width + 10] ?? 0;
	const counts = new Map<number, number>();
	for (const pixel of pixels) if (pixel !== ground) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
	return { ground, counts };
}

afterEach(() => void vi.restoreAllMocks());

test.each(THEMES)('a chart and a heatmap, in %s, are copied as they are drawn, twice as sharp', async (theme) => {
	const { screen } = await openApp('/services/shop%2Fcheckout?lat=heat', full, theme);
	const read = clipboard();
	for (const title of ['Requests', 'Latency of every request']) {
		const button = screen.getByRole('button', { name: `Copy ${title} as an image` });
		await button.click();
		await expect.element(page.getByText(`${title} copied as an image`)).toBeVisible();
		const figure = button.element().closest('figure')?.getBoundingClientRect();
		const image = await read();
		expect(Math.abs(image.width - 2 * (figure?.width ?? 0))).toBeLessThanOrEqual(2);
		expect(Math.abs(image.height - 2 * (figure?.height ?? 0))).toBeLessThanOrEqual(2);
		const { ground, counts } = coloursOf(image);
		// Light paper or a dark screen below, as it was; bars or cells, lines and words on it.
		expect((ground & 255) > 128).toBe(theme === 'light');
		expect(counts.size).toBeGreaterThan(20);
		expect(Math.max(...counts.values())).toBeGreaterThan(1_000);
	}
});

test('where there is no clipboard for pictures, the picture is saved', async () => {
	const { screen } = await openApp('/services/shop%2Fcheckout', full);
	vi.spyOn(navigator.clipboard, 'write').mockRejectedValue(new DOMException('not allowed', 'NotAllowedError'));
	let saved = '';
	vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
		saved = this.download;
	});
	await screen.getByRole('button', { name: 'Copy Errors as an image' }).click();
	await expect.element(page.getByText('Errors saved as an image')).toBeVisible();
	expect(saved).toBe('errors.png');
});
