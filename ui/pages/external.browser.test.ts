import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { servicesAnswer } from '../testing/answers.ts';
import { never, storeAway } from '../testing/fake-server.ts';
import { mapAnswer, mapEdge, mapNode, mapWindow } from '../testing/map-answers.ts';
import { expectAccessible, openApp } from '../testing/open-app.ts';

const answer = () => {
	const { nodes, edges } = mapAnswer();
	return mapAnswer({
		nodes: [...nodes, mapNode('external:')],
		edges: [...edges, mapEdge('service:shop/cart', 'external:', 'request', { calls: 60, totalNano: 5 })],
	});
};
const full = { '/service-map': answer, '/services': () => servicesAnswer() };
const hosts = () => [...document.querySelectorAll('tbody [data-row-link]')].map((link) => link.textContent?.trim());

test('full: hosts with their callers, most time first', async () => {
	const { screen } = await openApp('/external', full);
	await expect.poll(hosts).toEqual(['api.stripe.com', 'unknown host']);
	await expect.element(screen.getByText(/hosts that send no spans/)).toBeVisible();
	await expectAccessible();
});

test('loading: rows of the final geometry', async () => {
	await openApp('/external', { ...full, '/service-map': never });
	await expect.poll(() => document.querySelectorAll('tbody tr').length).toBe(6);
	await expectAccessible();
});

test('failing, empty and partial', async () => {
	const { screen, server } = await openApp('/external', { ...full, '/service-map': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer/);
	await expectAccessible();
	server.answers = { ...full, '/service-map': () => mapAnswer({ edges: [] }) };
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.element(screen.getByRole('heading', { name: /No call left for a host/ })).toBeVisible();
	await expectAccessible();
	const partial = { reason: 'late', seen: 11, of: 12 };
	server.answers = { ...full, '/service-map': () => ({ ...answer(), partial }) };
	await screen.getByRole('button', { name: 'Refresh (r)' }).click();
	await expect.element(screen.getByText('Showing 11 of 12 parts.')).toBeVisible();
	await expectAccessible();
});

test('the filter narrows; by keyboard a row leads to the calls that it counts', async () => {
	const { screen, history } = await openApp('/external', full);
	await screen.getByRole('searchbox').fill('payment');
	expect(hosts()).toEqual(['api.stripe.com']);
	expect(history.text).toBe('/external?f=payment');
	await userEvent.keyboard('{Escape}jo');
	expect(Object.fromEntries(history.read().searchParams)).toEqual({
		from: String(mapWindow.fromMs),
		to: String(mapWindow.toMs),
		q: '{kind:server} !< {service:"shop/payment" kind:client -type:db -type:messaging ((service.peer.name:"api.stripe.com") OR (-has:service.peer.name server.address:"api.stripe.com"))}',
	});
});
