import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { never, problem, storeAway } from '../../testing/fake-server.ts';
import { expectAccessible, openApp } from '../../testing/open-app.ts';
import { seriesAnswer } from '../../testing/series-answers.ts';
import type { SeriesBody } from '../../../schema/api-measures.ts';

const bodies: SeriesBody[] = [];
const full = {
	'/series': (_: URL, init: RequestInit | undefined) => {
		bodies.push(JSON.parse(init?.body as string) as SeriesBody);
		return seriesAnswer();
	},
	'/attributes/keys': () => ({ window: { fromMs: 0, toMs: 1 }, keys: [] }),
	'/services': () => ({ services: [], environments: [] }),
};
const ready = () => expect.element(page.getByRole('row', { name: /shop\/frontend/ })).toBeVisible();

test('full: a chart with its groups, and the figures as a table', async () => {
	const { screen } = await openApp('/explore?measure=requestsPerSecond&env=prod', full);
	await ready();
	expect(bodies.at(-1)).toEqual({
		query: '',
		spans: 'entry',
		measure: 'requestsPerSecond',
		by: ['service'],
		limit: 10,
		from: 'now-1h',
		to: 'now',
		env: 'prod',
	});
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toMatchTextContent(/31\/s.*114k/);
	await expect.element(screen.getByRole('row', { name: /\(none\)/ })).toBeVisible();
	await expect.element(screen.getByRole('row', { name: /all others/ })).toBeVisible();
	expect(document.querySelectorAll('svg path.line')).toHaveLength(5);
	await expectAccessible();
	await screen.getByRole('button', { name: 'Rate as table' }).click();
	await expect.element(screen.getByRole('region', { name: 'Rate as table' })).toBeVisible();
	await expectAccessible();
});

test('loading', async () => {
	const { screen } = await openApp('/explore', { ...full, '/series': never });
	await expect.element(screen.getByRole('combobox', { name: 'Measure' })).toBeVisible();
	await expectAccessible();
});

test('empty: says that nothing was counted', async () => {
	const answer = seriesAnswer({ series: [] });
	const { other: _, ...empty } = answer;
	const { screen } = await openApp('/explore', { ...full, '/series': () => empty });
	await expect.element(screen.getByText('No requests in this time')).toBeVisible();
	await expectAccessible();
});

test('error: the reason and Retry; a wrong query is told under it', async () => {
	const { screen, server } = await openApp('/explore', { ...full, '/series': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer/);
	await expectAccessible();
	server.answers = full;
	await screen.getByRole('button', { name: 'Retry' }).click();
	await ready();
	server.answers = { ...full, '/series': () => problem(400, 'BAD_QUERY', 'expected a value', { position: 2 }) };
	await screen.getByRole('button', { name: 'Refresh (r)' }).click();
	await expect.element(screen.getByText('expected a value')).toBeVisible();
});

test('the tools write the address, and the address is the question', async () => {
	const { screen, history } = await openApp('/explore', full);
	await ready();
	await screen.getByRole('combobox', { name: 'Measure' }).selectOptions('p95');
	await screen.getByRole('combobox', { name: 'Group by' }).fill('http.route');
	await userEvent.keyboard('{Enter}');
	await screen.getByRole('button', { name: 'Do not group by service' }).click();
	await screen.getByRole('button', { name: 'All spans' }).click();
	await screen.getByRole('combobox', { name: 'Groups drawn apart' }).selectOptions('20');
	expect(history.text).toBe('/explore?measure=p95&by=http.route&spans=all&groups=20');
	await expect.poll(() => bodies.at(-1)).toMatchObject({ measure: 'p95', by: ['http.route'], spans: 'all', limit: 20 });
	history.go(-1);
	await expect.element(screen.getByRole('combobox', { name: 'Groups drawn apart' })).toHaveValue('10');
});

test('Apdex has its threshold beside it; nonsense changes nothing', async () => {
	const { screen, history } = await openApp('/explore', { ...full, '/series': () => seriesAnswer({ unit: 'ratio' }) });
	await ready();
	await screen.getByRole('combobox', { name: 'Measure' }).selectOptions('apdex');
	const threshold = screen.getByRole('textbox', { name: 'Threshold of Apdex' });
	await threshold.fill('250ms');
	await userEvent.keyboard('{Enter}');
	expect(history.read().searchParams.get('measure')).toBe('apdex(250ms)');
	await threshold.fill('fast');
	await userEvent.keyboard('{Enter}');
	await expect.element(threshold).toHaveAttribute('aria-invalid', 'true');
	expect(history.read().searchParams.get('measure')).toBe('apdex(250ms)');
});

test('the table tells the values under the crosshair, narrows to a group, and leads to its traces', async () => {
	const { screen, history } = await openApp('/explore?q=env:prod', full);
	await ready();
	const chart = screen.getByRole('slider', { name: 'Rate over time' });
	chart.element().focus();
	await userEvent.keyboard('{Home}');
	await expect.element(screen.getByRole('columnheader', { name: 'Rate at 11:00:00' })).toBeVisible();
	await expect
		.element(screen.getByRole('link', { name: 'Traces of shop/cart' }))
		.toHaveAttribute('href', '/traces?q=env%3Aprod+service%3Ashop%2Fcart+entry%3Atrue');
	await screen.getByRole('button', { name: 'shop/cart', exact: true }).click();
	expect(history.read().searchParams.get('q')).toBe('env:prod service:shop/cart');
});

test('lines are stacked where they add up, and only there', async () => {
	const { screen } = await openApp('/explore', full);
	await ready();
	await screen.getByRole('button', { name: 'Stack' }).click();
	await expect.poll(() => document.querySelectorAll('svg rect').length).toBeGreaterThan(100);
});

test('quantiles are never stacked', async () => {
	const { screen } = await openApp('/explore', { ...full, '/series': () => seriesAnswer({ unit: 'nanoseconds' }) });
	await ready();
	await expect.element(screen.getByRole('button', { name: 'Stack' })).not.toBeInTheDocument();
});

test('a chart is saved as a view with all that the address says', async () => {
	const puts: { url: string; body: unknown }[] = [];
	const answers = {
		...full,
		'/views': () => ({ views: [] }),
		'/views/explore/Errors%20today': (url: URL, init: RequestInit | undefined) => {
			puts.push({ url: url.pathname, body: JSON.parse(init?.body as string) });
			return {};
		},
	};
	const { screen } = await openApp('/explore?measure=errorPercent&t=24h', answers);
	await ready();
	await screen.getByRole('button', { name: 'Saved' }).click();
	await screen.getByRole('textbox', { name: 'Name of this chart' }).fill('Errors today');
	await screen.getByRole('button', { name: 'Save', exact: true }).click();
	await expect
		.poll(() => puts)
		.toEqual([{ url: '/api/v1/views/explore/Errors%20today', body: { search: 'measure=errorPercent&t=24h' } }]);
});

test('a narrow screen holds it', async () => {
	await page.viewport(390, 844);
	await openApp('/explore', full);
	await ready();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await expectAccessible();
	await page.viewport(1440, 900);
});

test('values from strangers are text, and two that read alike are two lines', async () => {
	const group = (service: string) => ({ requests: 1, value: 1, points: [], group: { service } });
	const hostile = ['<img src=x onerror="alert(1)">', '', '(none)', '__proto__', 'x'.repeat(10_000)];
	const { screen } = await openApp('/explore', {
		...full,
		'/series': () => seriesAnswer({ series: hostile.map(group) }),
	});
	await expect.element(screen.getByText(/<img src=x/).first()).toBeVisible();
	// Those of the query editor, beside its placeholder, have no source.
	expect(document.querySelector('main img[src]')).toBeNull();
	await expect.element(screen.getByRole('row', { name: /\(none\) \(2\)/ })).toBeVisible();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(innerWidth);
});
