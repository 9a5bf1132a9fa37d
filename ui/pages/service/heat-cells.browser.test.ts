import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { histogramAnswer, operationsAnswer, redAnswer, servicesAnswer } from '../../testing/answers.ts';
import { queryAnswer } from '../../testing/database-answers.ts';
import { storeAway } from '../../testing/fake-server.ts';
import { spanRow } from '../../testing/search-answers.ts';
import { NOW_MS } from '../../testing/now.ts';
import { expectAccessible, focus, openApp } from '../../testing/open-app.ts';
import type { SpanRow } from '../../../schema/api.ts';

const spansOf = (spans: readonly SpanRow[]) => () => ({ window: { fromMs: NOW_MS - 3_600_000, toMs: NOW_MS }, spans });
const full = {
	'/services': () => servicesAnswer(),
	'/red': () => redAnswer(),
	'/operations': () => operationsAnswer(),
	'/latency-histogram': () => histogramAnswer(),
	'/spans': spansOf([spanRow(4)]),
};
const ADDRESS = '/services/shop%2Fcheckout?lat=heat';
const OPENED = `/trace/${'5'.padStart(32, '0')}`;

async function heatmap(): Promise<HTMLElement> {
	const find = () => document.querySelector<HTMLElement>('[aria-label*="slowest of a single cell"]');
	await expect.poll(() => find()?.querySelector('canvas') ?? null, { timeout: 10_000 }).not.toBeNull();
	const box = find();
	if (box === null) throw new Error('there is no heatmap');
	return box;
}
function pointerAt(box: HTMLElement, x: number, y: number) {
	const place = box.getBoundingClientRect();
	const at = { clientX: place.left + x, clientY: place.top + y, bubbles: true, pointerId: 1, button: 0 };
	return (type: string, more: PointerEventInit = {}) => box.dispatchEvent(new PointerEvent(type, { ...at, ...more }));
}

test('a click on a cell opens the slowest trace of its time and durations, at the span that it counts', async () => {
	const { history, server } = await openApp(ADDRESS, full);
	const box = await heatmap();
	const { width } = box.getBoundingClientRect();
	// The last but one of 60 columns, in the top row.
	const point = pointerAt(box, 64 + ((width - 64) * 58.5) / 60, 2);
	point('pointerdown');
	point('pointerup');
	await expect.poll(() => history.read().pathname).toBe(OPENED);
	expect(history.read().searchParams.get('span')).toBe('5'.padStart(16, '0'));
	const query = server.asked.find((url) => url.pathname.endsWith('/spans'))?.searchParams;
	expect(query?.get('q')).toBe('service:shop/checkout entry:true');
	expect([query?.get('sort'), query?.get('limit')]).toEqual(['-duration', '1']);
	expect([Number(query?.get('from')), Number(query?.get('to'))]).toEqual([NOW_MS - 120_000, NOW_MS - 60_000]);
	// The top row is open to longer durations; it holds bucket 960, up to about 1.1 s.
	expect(Number(query?.get('minNano'))).toBeLessThanOrEqual(2 ** (961 / 32));
	expect(Number(query?.get('minNano'))).toBeGreaterThan(2 ** (830 / 32));
	expect(query?.get('maxNano')).toBeNull();
});

test('by keyboard: Enter opens a cell, a rectangle is selected and led on from', async () => {
	const { screen, history } = await openApp(ADDRESS, full);
	focus(await heatmap());
	await userEvent.keyboard('{ArrowLeft}{Shift>}{ArrowLeft}{ArrowUp}{/Shift}{Enter}');
	const brush = history.read().searchParams.get('brush')?.split(',').map(Number) ?? [];
	expect(brush.slice(0, 2)).toEqual([NOW_MS - 180_000, NOW_MS - 60_000]);
	const link = screen.getByRole('link', { name: 'What is different', exact: true }).last();
	const sides = new URL((link.element() as HTMLAnchorElement).href).searchParams;
	expect([sides.get('q'), sides.get('brush')]).toEqual(['service:shop/checkout entry:true', brush.join(',')]);
	await expectAccessible();
	await userEvent.keyboard('{Escape}');
	expect(history.read().searchParams.has('brush')).toBe(false);
	await userEvent.keyboard('{ArrowLeft}{Enter}');
	await expect.poll(() => history.read().pathname).toBe(OPENED);
});

test('a pointer that leaves takes the cell along, but not one to which keys led while it rested', async () => {
	await openApp(ADDRESS, full);
	const box = await heatmap();
	const spoken = () => box.querySelector('#heat-spoken')?.textContent ?? '';
	const point = pointerAt(box, 200, 100);
	point('pointermove');
	await expect.poll(spoken).not.toBe('');
	point('pointerleave');
	await expect.poll(spoken).toBe('');
	point('pointermove');
	await expect.poll(spoken).not.toBe('');
	const pointed = spoken();
	focus(box);
	await userEvent.keyboard('{Home}');
	await expect.poll(spoken).not.toBe(pointed);
	const led = spoken();
	point('pointerleave');
	await new Promise(requestAnimationFrame);
	expect(spoken()).toBe(led);
	expect(led).not.toBe('');
	point('pointermove');
	point('pointerleave');
	await expect.poll(spoken).toBe('');
});

test('a finger opens a cell; where there is no span, or no answer, that is said and nothing moves', async () => {
	const { screen, history, server } = await openApp(ADDRESS, { ...full, '/spans': spansOf([]) });
	const box = await heatmap();
	const tap = () => pointerAt(box, 200, 100)('click', { pointerType: 'touch' });
	tap();
	await expect.element(screen.getByText(/No span of this cell is there/)).toBeVisible();
	server.answers = { ...full, '/spans': storeAway };
	tap();
	await expect.element(screen.getByText(/could not be looked for: ClickHouse did not answer/)).toBeVisible();
	expect(history.text).toBe('/services/shop/checkout?lat=heat');
	server.answers = full;
	tap();
	await expect.poll(() => history.read().pathname).toBe(OPENED);
});

test('the heatmap of a database query opens its calls', async () => {
	const { query } = queryAnswer();
	const path = `/db/queries/${query.fingerprint}`;
	const { history, server } = await openApp(`/db/${query.fingerprint}`, { ...full, [path]: () => queryAnswer() });
	focus(await heatmap());
	await userEvent.keyboard('{ArrowLeft}{Enter}');
	await expect.poll(() => history.read().pathname).toBe(OPENED);
	expect(server.asked.find((url) => url.pathname.endsWith('/spans'))?.searchParams.get('q')).toBe(query.query);
});
