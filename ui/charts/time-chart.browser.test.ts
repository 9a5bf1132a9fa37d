import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { operationsAnswer, redAnswer, servicesAnswer } from '../testing/answers.ts';
import { NOW_MS } from '../testing/now.ts';
import { focus, openApp } from '../testing/open-app.ts';

const answers = {
	'/services': () => servicesAnswer(),
	'/red': () => redAnswer(),
	'/operations': () => operationsAnswer(),
};

function pointer(target: Element, type: string, share: number) {
	const box = target.getBoundingClientRect();
	const clientX = box.left + 52 + (box.width - 52) * share;
	target.dispatchEvent(
		new PointerEvent(type, {
			clientX,
			clientY: box.top + 50,
			bubbles: true,
			pointerId: 1,
			button: 0,
			pointerType: 'mouse',
		}),
	);
}

test('dragging over a chart zooms the time to the steps it covers', async () => {
	const { screen, history } = await openApp('/services/cart', answers);
	const slider = screen.getByRole('slider', { name: 'Errors over time' });
	await expect.element(slider).toBeVisible();
	const plot = slider.element();
	// A synthetic pointer cannot be captured.
	plot.setPointerCapture = () => {};
	pointer(plot, 'pointerdown', 0.26);
	pointer(plot, 'pointermove', 0.49);
	await expect.poll(() => document.querySelectorAll('.selection').length).toBe(3);
	pointer(plot, 'pointerup', 0.49);
	const from = NOW_MS - 3_600_000;
	expect(history.text).toBe(`/services/cart?from=${from + 15 * 60_000}&to=${from + 30 * 60_000}`);
});

test('a click alone selects nothing', async () => {
	const { screen, history } = await openApp('/services/cart', answers);
	const slider = screen.getByRole('slider', { name: 'Errors over time' });
	await expect.element(slider).toBeVisible();
	const plot = slider.element();
	plot.setPointerCapture = () => {};
	pointer(plot, 'pointerdown', 0.5);
	pointer(plot, 'pointerup', 0.5);
	expect(history.text).toBe('/services/cart');
});

test('a pointer that rests does not take the cursor of the keys away when the page changes below it', async () => {
	const { screen } = await openApp('/services/cart', answers);
	const slider = screen.getByRole('slider', { name: 'Errors over time' });
	await expect.element(slider).toHaveAttribute('aria-valuemax', '59');
	await userEvent.hover(slider);
	await expect.element(slider).not.toHaveAttribute('aria-valuenow', '59');
	focus(slider.element());
	await userEvent.keyboard('{Home}');
	await expect.element(slider).toHaveAttribute('aria-valuenow', '0');
	// It has left already where the page changed by itself.
	const left = slider.element().matches(':hover')
		? new Promise((resolve) => slider.element().addEventListener('pointerleave', resolve))
		: undefined;
	const cover = document.createElement('div');
	cover.setAttribute('style', 'position: fixed; inset: 0; z-index: 1000');
	document.body.append(cover);
	await left;
	await new Promise(requestAnimationFrame);
	await expect.element(slider).toHaveAttribute('aria-valuenow', '0');
	cover.remove();
});
