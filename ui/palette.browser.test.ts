import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { servicesAnswer, statusAnswer, tracesAnswer } from './testing/answers.ts';
import { storeAway } from './testing/fake-server.ts';
import { expectAccessible, openApp } from './testing/open-app.ts';

const full = {
	'/services': () => servicesAnswer(),
	'/traces': () => tracesAnswer(),
	'/status': () => statusAnswer(),
};
const ready = () => expect.element(page.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();
const palette = page.getByRole('dialog', { name: 'Jump to anything' });
const field = palette.getByRole('combobox');

async function openPalette() {
	const opened = await openApp('/services?t=3h', full);
	await ready();
	await userEvent.keyboard('{Control>}k{/Control}');
	await expect.element(field).toHaveFocus();
	return opened;
}

test('screens, services, times and actions are listed, and axe finds nothing', async () => {
	await openPalette();
	await expect.element(palette.getByRole('option', { name: 'Traces g t' })).toBeVisible();
	await expect.element(palette.getByRole('option', { name: 'Service shop/checkout' })).toBeInTheDocument();
	await expectAccessible();
});

test('a service is found by a few letters and opened with Enter', async () => {
	const { history } = await openPalette();
	await userEvent.keyboard('checko');
	await expect.element(palette.getByRole('option', { name: 'Service shop/checkout' })).toHaveAttribute('data-selected');
	await userEvent.keyboard('{Enter}');
	await expect.poll(() => history.text).toBe('/services/shop/checkout?t=3h');
	await expect.element(palette).not.toBeInTheDocument();
});

test('a pasted trace id, or a traceparent with its span, opens the trace', async () => {
	const { history } = await openPalette();
	await userEvent.fill(field, '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01');
	await palette.getByRole('option', { name: 'Open trace 0af7651916cd43dd8448eb211c80319c' }).click();
	await expect.poll(() => history.text).toBe('/trace/0af7651916cd43dd8448eb211c80319c?t=3h&span=b7ad6b7169203331');
});

test('any other text can be searched for', async () => {
	const { history } = await openPalette();
	await userEvent.fill(field, 'duration>1s error:true');
	await userEvent.keyboard('{Enter}');
	await expect.poll(() => history.read().searchParams.get('q')).toBe('duration>1s error:true');
	expect(history.read().pathname).toBe('/traces');
});

test('an action changes what is shown: the theme, the zone, the time', async () => {
	const { history, app } = await openPalette();
	await userEvent.keyboard('dark theme{Enter}');
	expect(app.preferences.theme).toBe('dark');
	await userEvent.keyboard('{Control>}k{/Control}');
	await expect.element(field).toHaveFocus();
	await userEvent.keyboard('last 15m{Enter}');
	await expect.poll(() => history.text).toBe('/services?t=15m');
});

test('Escape closes it, and the focus is where it was', async () => {
	await openPalette();
	await userEvent.keyboard('{Escape}');
	await page.getByRole('button', { name: /^Jump to/ }).click();
	await expect.element(field).toHaveFocus();
	await userEvent.keyboard('{Escape}');
	await expect.element(palette).not.toBeInTheDocument();
	await expect.element(page.getByRole('button', { name: /^Jump to/ })).toHaveFocus();
});

test('it opens while one types, but not over another dialog', async () => {
	await openApp('/services', full);
	await ready();
	await page.getByRole('searchbox', { name: 'Filter services' }).click();
	await userEvent.keyboard('{Control>}k{/Control}');
	await expect.element(field).toHaveFocus();
	await userEvent.keyboard('{Escape}{Tab}?');
	await expect.element(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
	await userEvent.keyboard('{Control>}k{/Control}');
	await expect.element(palette).not.toBeInTheDocument();
});

test('without a server the rest of it works', async () => {
	const { history } = await openApp('/services', { ...full, '/services': storeAway });
	await userEvent.keyboard('{Control>}k{/Control}');
	await expect.element(field).toHaveFocus();
	await userEvent.keyboard('send data{Enter}');
	await expect.poll(() => history.text).toBe('/welcome');
});
