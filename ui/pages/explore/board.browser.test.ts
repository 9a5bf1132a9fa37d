import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { never, problem, storeAway } from '../../testing/fake-server.ts';
import { NOW_MS } from '../../testing/now.ts';
import { expectAccessible, openApp } from '../../testing/open-app.ts';
import { seriesAnswer } from '../../testing/series-answers.ts';
import { readBoard, writeBoard } from './board.ts';
import type { View } from '../../../schema/api-views.ts';

const charts = [
	{ title: 'Rate by service', search: 'by=service' },
	{ title: 'p95 of checkout', search: 'q=service%3Acheckout&measure=p95' },
	{ title: 'Errors', search: 'measure=errorPercent' },
];
const view = (facts: Partial<View> = {}): View => ({
	kind: 'board',
	name: 'On call',
	search: writeBoard(charts),
	version: 3,
	author: 'anonymous',
	changedMs: NOW_MS,
	...facts,
});

/** A server that keeps the board, refusing changes of versions that are not the newest. */
function keeping(first: View) {
	let kept = first;
	const answers = {
		'/views': () => ({ views: [kept] }),
		'/series': () => seriesAnswer(),
		'/services': () => ({ services: [], environments: [] }),
		'/views/board/On%20call': (_: URL, init: RequestInit | undefined) => {
			const expected = new Headers(init?.headers).get('if-match');
			if (expected !== `"${kept.version}"`) return problem(412, 'VERSION_CONFLICT', 'somebody changed it meanwhile');
			kept = { ...kept, ...(JSON.parse(init?.body as string) as { search: string }), version: kept.version + 1 };
			return kept;
		},
	};
	return {
		answers,
		titles: () => readBoard(kept.search).map(({ title }) => title),
		set: (next: View) => (kept = next),
	};
}
const shown = () => [...document.querySelectorAll('[data-chart]')].map((link) => link.textContent?.trim());
const ADDRESS = '/explore/board/On%20call?t=3h';

test('full: every chart over the window of the page, each with its way to the whole', async () => {
	const { screen, server } = await openApp(ADDRESS, keeping(view()).answers);
	await expect.poll(shown).toEqual(charts.map(({ title }) => title));
	await expect.poll(() => server.asked.filter((url) => url.pathname.endsWith('/series')).length).toBe(3);
	await expect
		.element(screen.getByRole('link', { name: 'p95 of checkout' }))
		.toHaveAttribute('href', '/explore?t=3h&q=service%3Acheckout&measure=p95');
	expect(document.title).toBe('On call – Spanhouse');
	await expectAccessible();
});

test('charts are moved and removed, by buttons and by keys, and the server keeps it', async () => {
	const kept = keeping(view());
	const { screen } = await openApp(ADDRESS, kept.answers);
	await expect.poll(shown).toHaveLength(3);
	await screen.getByRole('button', { name: 'Move Rate by service later' }).click();
	await expect.poll(shown).toEqual(['p95 of checkout', 'Rate by service', 'Errors']);
	screen.getByRole('link', { name: 'Errors' }).element().focus();
	await userEvent.keyboard('{Shift>}{ArrowLeft}{/Shift}');
	await expect.poll(kept.titles).toEqual(['p95 of checkout', 'Errors', 'Rate by service']);
	await expect.element(screen.getByRole('link', { name: 'Errors' })).toHaveFocus();
	await screen.getByRole('button', { name: 'Remove Errors from the board' }).click();
	await expect.poll(kept.titles).toEqual(['p95 of checkout', 'Rate by service']);
});

test('a board that somebody has changed meanwhile is read again rather than overwritten', async () => {
	const kept = keeping(view());
	const { screen } = await openApp(ADDRESS, kept.answers);
	await expect.poll(shown).toHaveLength(3);
	kept.set(view({ version: 4, search: writeBoard([...charts, { title: 'Theirs', search: 'measure=count' }]) }));
	await screen.getByRole('button', { name: 'Remove Errors from the board' }).click();
	await expect.element(screen.getByText(/Not changed: somebody changed it/)).toBeVisible();
	await expect.poll(shown).toHaveLength(4);
});

test('the chart of the screen is put on a board, once', async () => {
	const kept = keeping(view());
	const { screen } = await openApp('/explore?measure=p99&t=24h', kept.answers);
	await screen.getByRole('button', { name: 'Boards' }).click();
	await screen.getByRole('button', { name: 'Add this chart to On call' }).click();
	await expect.element(screen.getByText('On the board On call')).toBeVisible();
	expect(kept.titles()).toEqual([...charts.map(({ title }) => title), 'p99 by service']);
	await screen.getByRole('button', { name: 'Boards' }).click();
	await expectAccessible();
	await screen.getByRole('button', { name: 'Add this chart to On call' }).click();
	await expect.poll(kept.titles).toHaveLength(4);
});

const OTHER_STATES = [
	['loading', { '/views': never }, 'On call'],
	['empty', keeping(view({ search: '' })).answers, 'There is no chart on this board'],
	['missing', { '/views': () => ({ views: [] }) }, 'There is no board “On call”'],
	['error', { '/views': storeAway }, /ClickHouse did not answer/],
] as const;
test.each(OTHER_STATES)('%s', async (_, answers, words) => {
	const { screen } = await openApp(ADDRESS, { ...keeping(view()).answers, ...answers });
	await expect.element(screen.getByText(words).first()).toBeVisible();
	await expectAccessible();
});

test('a narrow screen holds it', async () => {
	await page.viewport(390, 844);
	await openApp(ADDRESS, keeping(view()).answers);
	await expect.poll(shown).toHaveLength(3);
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await page.viewport(1440, 900);
});
