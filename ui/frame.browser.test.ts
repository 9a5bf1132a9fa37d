import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { servicesAnswer, statusAnswer, tracesAnswer } from './testing/answers.ts';
import { storeAway } from './testing/fake-server.ts';
import { NOW_MS } from './testing/now.ts';
import { expectAccessible, openApp } from './testing/open-app.ts';

const full = {
	'/services': () => servicesAnswer(),
	'/traces': () => tracesAnswer(),
	'/status': () => statusAnswer(),
};
const ready = () => expect.element(page.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();

test('the start shows what matters now, or leads to sending data while there is none', async () => {
	const { screen } = await openApp('/', full);
	await expect.element(screen.getByRole('heading', { name: 'Now', exact: true })).toBeVisible();
	const empty = await openApp('/', { ...full, '/status': () => statusAnswer({ rows: 0 }) });
	await expect.poll(() => empty.history.text).toBe('/welcome');
});

test('who has left the start is not led away by its late answer', async () => {
	const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
	const late = answered.then(() => statusAnswer({ rows: 0 }));
	const { screen, history } = await openApp('/', { ...full, '/status': () => late });
	await screen.getByRole('link', { name: 'Services', exact: true }).first().click();
	await ready();
	answer();
	await late;
	// What follows from the answer has followed once later work has had its turn.
	await new Promise((done) => setTimeout(done));
	await new Promise((done) => requestAnimationFrame(done));
	expect(history.text).toBe('/services');
});

test('a start without a server says so and tries again', async () => {
	const { screen, server } = await openApp('/', { '/status': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent('Spanhouse could not be reached');
	server.answers = full;
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.element(screen.getByRole('heading', { name: 'Now', exact: true })).toBeVisible();
});

test('an unknown address offers the screens there are', async () => {
	const { screen } = await openApp('/nowhere/at/all', full);
	await expect.element(screen.getByRole('heading', { name: 'There is no page at this address' })).toBeVisible();
	await expectAccessible();
	await screen.getByRole('main').getByRole('link', { name: 'Services' }).click();
	await ready();
});

test('what an address says wrongly is dropped, and told', async () => {
	const { screen, history } = await openApp('/services?t=soon&sort=up&f=cart', full);
	await expect.element(screen.getByText(/left out: t, sort/)).toBeVisible();
	expect(history.text).toBe('/services?f=cart');
});

test('g s, g t and g w go to the screens, and the navigation says where one is', async () => {
	const { screen, history } = await openApp('/services?t=3h', full);
	await ready();
	await userEvent.keyboard('gt');
	expect(history.text).toBe('/traces?t=3h');
	await expect
		.element(screen.getByRole('navigation').getByRole('link', { name: 'Traces' }))
		.toHaveAttribute('aria-current', 'page');
	await userEvent.keyboard('gw');
	expect(history.text).toBe('/welcome?t=3h');
	await userEvent.keyboard('gs');
	expect(history.text).toBe('/services?t=3h');
});

test('keys never fire while one types, nor once they are switched off', async () => {
	const { screen, history, memory } = await openApp('/services', full);
	await ready();
	await screen.getByRole('searchbox', { name: 'Filter services' }).click();
	await userEvent.keyboard('gt[[r');
	expect(history.text).toBe('/services?f=gt[r');
	await userEvent.keyboard('{Escape}?');
	await screen.getByRole('checkbox', { name: 'Single-key shortcuts' }).click();
	await userEvent.keyboard('{Escape}');
	await userEvent.keyboard('gt');
	expect(history.read().pathname).toBe('/services');
	expect(memory.get('spanhouse.single-keys')).toBe('off');
});

test('? lists the keys, and Escape closes the list', async () => {
	const { screen } = await openApp('/services', full);
	await ready();
	await userEvent.keyboard('?');
	await expect.element(screen.getByRole('dialog', { name: 'Keyboard' })).toMatchTextContent(/Go to traces/);
	await expectAccessible();
	await userEvent.keyboard('{Escape}');
	await expect.element(screen.getByRole('dialog')).not.toBeInTheDocument();
});

test('t opens the time range; text, presets and the zone work', async () => {
	const { screen, history, memory } = await openApp('/services', full);
	await ready();
	await userEvent.keyboard('t');
	const field = screen.getByRole('textbox', { name: 'Time range' });
	await expect.element(field).toHaveFocus();
	await expectAccessible();
	await field.fill('next week');
	await expect.element(field).toHaveAttribute('aria-invalid', 'true');
	await field.fill('2026-11-23 09:00 to 10:00');
	await userEvent.keyboard('{Enter}');
	const nine = Date.UTC(2026, 10, 23, 9);
	expect(history.text).toBe(`/services?from=${nine}&to=${nine + 3_600_000}`);
	await expect
		.element(screen.getByRole('group', { name: 'Time range' }))
		.toMatchTextContent(/2026-11-23 09:00 – 10:00 UTC/);
	await userEvent.keyboard('t');
	await screen.getByRole('button', { name: 'Local (UTC)' }).click();
	expect(memory.has('spanhouse.zone')).toBe(false);
	await screen.getByRole('button', { name: '15m' }).click();
	expect(history.text).toBe('/services?t=15m');
});

test('[ and ] shift the range, and Back undoes it', async () => {
	const { history } = await openApp('/services', full);
	await ready();
	await userEvent.keyboard('[[[[');
	expect(history.text).toBe(`/services?from=${NOW_MS - 3 * 3_600_000}&to=${NOW_MS - 2 * 3_600_000}`);
	await userEvent.keyboard(']');
	expect(history.text).toBe(`/services?from=${NOW_MS - 2 * 3_600_000}&to=${NOW_MS - 3_600_000}`);
	history.go(-2);
	expect(history.text).toBe(`/services?from=${NOW_MS - 2 * 3_600_000}&to=${NOW_MS - 3_600_000}`);
	history.go(-1);
	expect(history.text).toBe('/services');
});

test('the environment is asked of the server and kept over screens', async () => {
	const { screen, history, server } = await openApp('/services', full);
	await screen.getByRole('combobox', { name: 'Environment' }).selectOptions('staging');
	await expect.poll(() => server.asked.at(-1)?.searchParams.get('env')).toBe('staging');
	await screen.getByRole('navigation').getByRole('link', { name: 'Traces' }).click();
	expect(history.text).toBe('/traces?env=staging');
});

test('r asks again; l asks again and again, until the range is fixed', async () => {
	const { history, server } = await openApp('/services', full);
	await ready();
	const asked = () => server.asked.filter((url) => url.pathname.endsWith('/services')).length;
	const before = asked();
	await userEvent.keyboard('r');
	await expect.poll(asked).toBe(before + 1);
	await userEvent.keyboard('l');
	expect(history.text).toBe('/services?live=1');
	await expect.element(page.getByRole('button', { name: 'Live' })).toHaveAttribute('aria-pressed', 'true');
	await userEvent.keyboard('[[');
	expect(history.read().searchParams.has('live')).toBe(false);
});

test('paper is light and canvases are painted for it; afterwards the screen is as it was', async () => {
	const { app } = await openApp('/services', full, 'dark');
	const root = document.documentElement;
	const ground = () => getComputedStyle(document.body).backgroundColor;
	const [dark, painted] = [ground(), app.preferences.themeVersion];
	dispatchEvent(new Event('beforeprint'));
	expect(root.dataset.theme).toBeUndefined();
	expect(ground()).not.toBe(dark);
	expect(app.preferences.themeVersion).toBe(painted + 1);
	dispatchEvent(new Event('afterprint'));
	expect(root.dataset.theme).toBe('dark');
	expect(ground()).toBe(dark);
	expect(app.preferences.themeVersion).toBe(painted + 2);
	expect(app.preferences.theme).toBe('dark');
});

test('the theme turns, is remembered, and leaves for the system', async () => {
	const { screen, memory } = await openApp('/services', full, 'light');
	await screen.getByRole('button', { name: /Theme: light/ }).click();
	expect(document.documentElement.dataset.theme).toBe('dark');
	expect(memory.get('spanhouse.theme')).toBe('dark');
	await screen.getByRole('button', { name: /Theme: dark/ }).click();
	expect(document.documentElement.dataset.theme).toBeUndefined();
	expect(memory.has('spanhouse.theme')).toBe(false);
});

test('the first Tab offers to skip the navigation', async () => {
	await openApp('/services', full);
	await ready();
	await userEvent.tab();
	await expect.element(page.getByRole('link', { name: 'Skip to content' })).toHaveFocus();
});

test('a link that is copied has fixed ends', async () => {
	const { app } = await openApp('/services?t=15m&live=1&f=cart', full);
	const link = new URL(app.time.absoluteLink());
	expect(Object.fromEntries(link.searchParams)).toEqual({
		f: 'cart',
		from: String(NOW_MS - 900_000),
		to: String(NOW_MS),
	});
});
