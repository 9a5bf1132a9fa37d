import { describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { checkoutTrace } from '../../test/support/sample-traces.ts';
import { never, problem } from '../testing/fake-server.ts';
import { logRow } from '../testing/log-answers.ts';
import { expectAccessible, focus, openApp } from '../testing/open-app.ts';
import { idOf, TRACE_ID, traceAnswers } from '../testing/trace-answers.ts';

const ADDRESS = `/trace/${TRACE_ID}`;
const OTLP = `/traces/${TRACE_ID}/otlp`;
const opened = async (search: string, more: object = {}) => {
	const app = await openApp(`${ADDRESS}${search}`, { ...traceAnswers(), ...more });
	await expect.element(app.screen.getByRole('tablist', { name: 'View' })).toBeVisible();
	return app;
};
const press = (...keys: string[]) =>
	userEvent.keyboard(keys.map((key) => (key.length > 1 ? `{${key}}` : key)).join(''));
const rowsOfTable = () =>
	[...document.querySelectorAll('tbody tr')].map((row) => row.textContent.replaceAll(/\s+/g, ' ').trim());

describe('a view', () => {
	test.each([
		['flame', () => window.__flame!.rects().length > 20],
		['flame&twin=1', () => rowsOfTable().length === 49],
		['table', () => rowsOfTable().length > 15],
		['table&by=attribute:http.route', () => rowsOfTable().length === 1],
		['logs', () => rowsOfTable().length === 7],
		['graph', () => rowsOfTable().length === 6],
		['json', () => document.querySelector('pre')?.textContent.includes('resourceSpans') === true],
		['waterfall&list=path', () => document.querySelectorAll('.side-list li').length > 5],
		['waterfall&list=errors', () => document.querySelectorAll('.side-list li').length === 7],
		['waterfall&list=mark&mark=100000000-300000000', () => document.querySelectorAll('.side-list li').length > 3],
	])('the view %s is whole, and axe finds nothing in it', async (view, isThere) => {
		await opened(`?v=${view}`);
		await expect.poll(isThere).toBe(true);
		await expectAccessible();
	});

	test.each(['logs', 'json', 'table&by=attribute:http.route'])(
		'the view %s loads, and says when it cannot',
		async (view) => {
			const { screen, server } = await opened(`?v=${view}`, { [OTLP]: never });
			await expect.element(screen.getByRole('status', { name: /^Reading/ })).toBeInTheDocument();
			await expectAccessible();
			await screen.unmount();
			const failing = await opened(`?v=${view}`, { [OTLP]: () => problem(503, 'STORE_AWAY', 'ClickHouse is away') });
			await expect.element(failing.screen.getByRole('alert').getByText(/ClickHouse is away/)).toBeVisible();
			await expectAccessible();
			failing.server.answers = traceAnswers();
			await failing.screen.getByRole('button', { name: 'Retry' }).click();
			await expect.poll(() => document.querySelectorAll('tbody tr, pre').length).toBeGreaterThan(0);
			expect(server.asked.some((url) => url.pathname.endsWith('/otlp'))).toBe(true);
		},
	);

	test('a trace without events says so', async () => {
		const quiet = checkoutTrace().map((span) => ({ ...span, error: false }));
		const app = await openApp(`${ADDRESS}?v=logs`, traceAnswers(quiet));
		await expect.element(app.screen.getByText('Nothing was logged in this trace')).toBeVisible();
		await expectAccessible();
	});
});

test('views are tabs: chosen by click, by arrow and by digit, kept in the address, and Back goes back', async () => {
	const { screen, history } = await opened('');
	await screen.getByRole('tab', { name: 'Flame' }).click();
	await expect.poll(() => history.text).toBe(`${ADDRESS}?v=flame`);
	await press('ArrowRight');
	await expect.element(screen.getByRole('tab', { name: 'Table' })).toHaveFocus();
	await expect.element(screen.getByRole('tabpanel', { name: 'Table' })).toBeVisible();
	await press('5');
	await expect.poll(() => history.text).toBe(`${ADDRESS}?v=graph`);
	history.go(-1);
	await expect.element(screen.getByRole('tab', { name: 'Table' })).toHaveAttribute('aria-selected', 'true');
});

describe('the flame chart', () => {
	test('draws a span where its time is, below its caller', async () => {
		await opened('?v=flame');
		await expect.poll(() => window.__flame?.rects().length ?? 0).toBeGreaterThan(20);
		const rects = window.__flame!.rects();
		const [root, call] = [0, 2].map((row) => rects.find((rect) => rect.row === row)!);
		const canvas = document.querySelector('.flame canvas')!.getBoundingClientRect();
		const perMs = canvas.width / 1985;
		expect(root!.x).toBeCloseTo(canvas.x, 0);
		expect(root!.width).toBeCloseTo(1842.3 * perMs, -1);
		expect((call!.x - root!.x) / perMs).toBeCloseTo(12, -1);
		expect(call!.y).toBeGreaterThan(root!.y);
	});

	test('is walked by keys, told by voice, and opens details', async () => {
		const { screen, history } = await opened('?v=flame');
		await expect.poll(() => window.__flame?.rects().length ?? 0).toBeGreaterThan(20);
		focus(screen.getByRole('application').element());
		await press('ArrowDown', 'ArrowDown', 'ArrowDown');
		await expect.element(screen.getByText(/^POST, shop\/frontend, error/)).toBeInTheDocument();
		await press('Enter');
		await expect.poll(() => history.text).toContain(`span=${idOf(checkoutTrace()[2])}`);
		await press('w');
		await expect.poll(() => history.text).toMatch(/z=\d+-\d+/);
	});

	test('a click opens the span under it', async () => {
		const { screen } = await opened('?v=flame');
		await expect.poll(() => window.__flame?.rects().length ?? 0).toBeGreaterThan(20);
		const rect = window.__flame!.rects().find(({ row }) => row === 3)!;
		const box = screen.getByRole('application').element().getBoundingClientRect();
		await screen
			.getByRole('application')
			.click({ position: { x: rect.x - box.x + rect.width / 2, y: rect.y - box.y + 6 } });
		await expect.element(screen.getByRole('complementary', { name: 'POST /api/checkout' })).toBeVisible();
	});
});

describe('the table', () => {
	test('sums what one sums by hand, sorts, and leads to the spans of a group', async () => {
		const { screen, history } = await opened('?v=table&sort=-count');
		await expect.poll(() => rowsOfTable()[0]).toMatch(/^shop\/inventory SELECT stock24– 454 ms454 ms/);
		await screen.getByRole('button', { name: 'p95' }).click();
		await expect.poll(() => history.text).toContain('sort=-p95');
		await screen.getByRole('button', { name: /SELECT stock/ }).click();
		await expect.poll(() => document.querySelector('[role=treegrid]')?.getAttribute('aria-rowcount')).toBe('6');
		expect(history.text).toContain('f=service:shop/inventory operation:"SELECT stock"&only=1');
	});

	test('groups by any attribute, which is offered by name', async () => {
		const { screen, history } = await opened('?v=table');
		const box = screen.getByRole('combobox', { name: 'Group by attribute' });
		await expect.element(box).toBeVisible();
		focus(box.element());
		await expect.poll(() => document.querySelector('datalist option[value="http.route"]')).not.toBeNull();
		await box.fill('server.port');
		await press('Enter', 'Tab');
		await expect.poll(() => history.text).toContain('by=attribute:server.port');
		await expect.poll(() => rowsOfTable()[0]).toMatch(/^8443\s?49/);
	});
});

describe('the filter', () => {
	test('knows any attribute, which it fetches once', async () => {
		const { screen, server } = await opened('?f=http.route:/api/*+-error:true&only=1');
		await expect.element(screen.getByText('42 matches')).toBeInTheDocument();
		await screen.getByRole('textbox', { name: 'Filter spans' }).fill('server.port>8000 statusMessage:*timed*');
		await expect.element(screen.getByText('7 matches')).toBeInTheDocument();
		expect(server.asked.filter((url) => url.pathname.endsWith('/otlp'))).toHaveLength(1);
	});

	test('says when attributes cannot be had', async () => {
		const { screen } = await opened('?f=http.route:x', { [OTLP]: () => problem(500, 'X', 'disk on fire') });
		await expect.element(screen.getByText(/Attributes could not be read: disk on fire/)).toBeVisible();
	});

	test('a service is chosen from a list and is a term like any other', async () => {
		const { screen, history } = await opened('?f=error:true');
		await screen.getByRole('combobox', { name: 'Service' }).selectOptions('payment');
		await expect.poll(() => history.text).toBe(`${ADDRESS}?f=error:true service:shop/payment`);
		await screen.getByRole('combobox', { name: 'Service' }).selectOptions('');
		await expect.poll(() => history.text).toBe(`${ADDRESS}?f=error:true`);
	});
});

describe('the details', () => {
	const span = `span=${idOf(checkoutTrace()[3])}`;
	test('filter by an attribute, without it, and group by it', async () => {
		const { screen, history } = await opened(`?${span}`);
		const route = screen.getByText('http.route');
		await route.hover();
		await screen.getByRole('button', { name: 'Only these in this trace' }).first().click();
		await expect.poll(() => history.text).toContain('f=http.route:"/api/checkout"');
		await screen.getByRole('button', { name: 'Without these in this trace' }).first().click();
		await expect.poll(() => history.text).toContain('-http.route:"/api/checkout"');
		await screen.getByRole('button', { name: 'Group by http.route' }).click();
		await expect.poll(() => history.text).toContain('v=table');
	});

	test('a pinned attribute stands first from then on', async () => {
		const { screen, memory } = await opened(`?${span}`);
		const keys = () => [...document.querySelectorAll('aside dt[title]')].map((key) => key.textContent.trim());
		await expect.poll(() => keys()[0]).toBe('http.route');
		await screen.getByRole('button', { name: 'Pin server.port' }).click({ force: true });
		await expect.poll(() => keys()[0]).toBe('server.port');
		expect(memory.get('spanhouse.trace.attribute-pins')).toBe('["server.port"]');
	});
});

test("log records stand among the events, on the trace's own time, with the span that they belong to", async () => {
	const log = logRow(1_763_884_800_700_000_000n, 'charging the card', { spanId: idOf(checkoutTrace()[3]) });
	await opened('?v=logs', { [`/traces/${TRACE_ID}/logs`]: () => ({ logs: [log], truncated: false }) });
	await expect.poll(() => rowsOfTable().length).toBe(8);
	expect(rowsOfTable()[3]?.replaceAll('\u00a0', ' ')).toMatch(
		/^700 ms\s*INFO\s*POST \/api\/checkout\s*charging the card$/,
	);
});

test('an address that names a moment leads to the line there, among the logs around it', async () => {
	const base = 1_763_884_800_000_000_000n;
	const logs = Array.from({ length: 450 }, (_, i) => logRow(base + BigInt(i) * 1_000_000n, `line ${i}`));
	const moment = String(base + 430_500_000n);
	const { server } = await opened(`?v=logs&moment=${moment}`, {
		[`/traces/${TRACE_ID}/logs`]: () => ({ logs, truncated: true }),
	});
	const pointed = () => document.querySelector('tr[aria-current=location]');
	await expect.poll(() => pointed()?.textContent).toMatch(/line 431$/);
	await expect
		.poll(() => pointed()?.getBoundingClientRect().top)
		.toSatisfy((top: number) => top > 0 && top < window.innerHeight);
	expect(server.asked.find((url) => url.pathname.endsWith('/logs'))?.searchParams.get('around')).toBe(moment);
});

test('the lists lead to their spans, and the origin of an error is told', async () => {
	const { screen, history } = await opened('');
	await screen.getByRole('button', { name: 'Error list' }).click();
	await expect.poll(() => history.text).toBe(`${ADDRESS}?list=errors`);
	const list = screen.getByRole('complementary', { name: 'Errors' });
	await expect.element(list.getByText('began here').first()).toBeVisible();
	await expect.element(list.getByText('charge timed out').first()).toBeVisible();
	await list
		.getByRole('button', { name: /POST api.stripe.test/ })
		.first()
		.click();
	await expect
		.poll(() => document.querySelector('[aria-selected=true][role=row]')?.ariaLabel)
		.toMatch(/^POST api.stripe/);
	await screen.getByRole('button', { name: 'Path list' }).click();
	await expect.element(screen.getByRole('complementary', { name: 'Critical path' })).toBeVisible();
});

test.each(['flame', 'table', 'logs', 'graph', 'json', 'waterfall&list=path'])('%s fits on a phone', async (view) => {
	await page.viewport(390, 844);
	await opened(`?v=${view}`);
	await expect
		.poll(() => document.querySelectorAll('#trace-view canvas, #trace-view tbody, #trace-view pre').length)
		.toBeGreaterThan(0);
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await expectAccessible();
	await page.viewport(1440, 900);
});
