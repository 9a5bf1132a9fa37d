import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { channelDocument } from '../../testing/alert-answers.ts';
import { channelStatus } from '../../testing/config-answers.ts';
import { storeAway } from '../../testing/fake-server.ts';
import { NOW_MS } from '../../testing/now.ts';
import { expectAccessible, openApp } from '../../testing/open-app.ts';
import type { Declared } from '../../../schema/api-alerts.ts';
import type { DesiredDocument, DocumentOf } from '../../../schema/desired-state.ts';

const path = '/settings/channels';
const declared = (document: DesiredDocument, facts: Partial<Declared> = {}): Declared => ({
	document,
	version: 4,
	author: 'mara',
	changedMs: NOW_MS,
	owner: { source: null },
	...facts,
});
const head = (name: string) => ({
	apiVersion: 'spanhouse.dev/v1' as const,
	metadata: { name, labels: {}, annotations: {} },
});
const route = (name: string, spec: Partial<DocumentOf<'Route'>['spec']> = {}): DesiredDocument => ({
	...head(name),
	kind: 'Route',
	spec: {
		match: { team: 'shop' },
		notify: ['oncall'],
		groupBy: ['service'],
		groupWait: '30s',
		groupInterval: '5m',
		repeatEvery: '4h',
		order: 0,
		continue: false,
		...spec,
	},
});
const heartbeat: DesiredDocument = { ...head('watch'), kind: 'Heartbeat', spec: { url: '${env:BEAT}', every: '1m' } };
const platform = { source: 'platform', file: 'routes.yaml', line: 3 };
const documents: Record<string, Declared[]> = {
	Channel: [channelDocument('oncall'), channelDocument('mail')],
	Route: [
		declared(route('rest', { match: {}, notify: ['mail'], order: 9, groupBy: [], continue: true })),
		declared(route('pages', { match: { severity: 'page' } }), { owner: platform }),
	],
	Heartbeat: [declared(heartbeat)],
};

/** A server that notes what is saved: version that is meant, kind, name and what of it was changed. */
function keeping() {
	const saved: [condition: string | null, document: DesiredDocument | null, search: string][] = [];
	const keep = (url: URL, init: RequestInit | undefined) => {
		const headers = new Headers(init?.headers);
		const document = init?.body == null ? null : (JSON.parse(init.body as string) as DesiredDocument);
		saved.push([
			headers.get('if-match') ?? headers.get('if-none-match'),
			document,
			url.searchParams.get('reason') ?? '',
		]);
		return declared(document ?? heartbeat);
	};
	const answers = {
		'/channels': () => ({
			channels: [channelStatus('oncall'), channelStatus('mail')],
			heartbeats: [{ name: 'watch', lastMs: NOW_MS - 8_000, lastStatus: 200, lastError: null, withheld: false }],
		}),
		'/config/documents': (url: URL) => ({ documents: documents[url.searchParams.get('kind') ?? ''] ?? [] }),
		'/silences': () => ({ silences: [] }),
		'/deliveries': () => ({ deliveries: [] }),
		'/config/Route/to-oncall': keep,
		'/config/Route/rest': keep,
		'/config/Route/pages': keep,
		'/config/Heartbeat/watch': keep,
		'/config/Heartbeat/other': keep,
	};
	return { saved, answers };
}
const routes = page.getByRole('region', { name: 'Routes' });

test('routes in the order in which they are asked, and one is made', async () => {
	const { saved, answers } = keeping();
	const { screen, history } = await openApp(path, answers);
	await expect
		.poll(
			() =>
				routes
					.getByRole('rowheader')
					.elements()
					.map((name) => name.textContent),
			{ timeout: 15_000 },
		)
		.toEqual(['pages', 'rest']);
	await expect
		.element(routes.getByRole('row', { name: /rest/ }))
		.toMatchTextContent(/everything.*mail, and further.*all.*30s, then 5m; again 4h/s);
	await screen.getByRole('button', { name: 'New route' }).click();
	expect(history.text).toBe(`${path}?route=+`);
	const form = screen.getByRole('form', { name: 'New route' });
	await form.getByRole('textbox', { name: /^What/ }).fill('pages of the shop');
	await form.getByRole('textbox', { name: /^Waits/ }).fill('soon');
	await form.getByRole('button', { name: 'Save' }).click();
	for (const problem of [/expected labels/, /expected a channel at least/, /expected a duration/])
		await expect.element(form.getByText(problem)).toBeVisible();
	await expect.element(form.getByRole('textbox', { name: /^What/ })).toHaveFocus();
	await expectAccessible();
	await form.getByRole('textbox', { name: /^What/ }).fill('team=shop, severity=page');
	await form.getByRole('combobox', { name: /^Tells/ }).fill('oncal');
	await expect.element(form.getByText('there is no channel oncal')).toBeVisible();
	await form.getByRole('combobox', { name: /^Tells/ }).fill('oncall');
	await form.getByRole('textbox', { name: /^Waits/ }).fill('10 s');
	await form.getByRole('checkbox', { name: /asked, too/ }).click();
	await form.getByRole('button', { name: 'Save' }).click();
	await expect.element(screen.getByText('Saved: to-oncall')).toBeVisible();
	expect(saved).toMatchObject([
		['*', route('to-oncall', { match: { team: 'shop', severity: 'page' }, groupWait: '10s', continue: true }), ''],
	]);
	expect(history.text).toBe(path);
});

test('a route is changed over the version that was seen, and removed', async () => {
	const { saved, answers } = keeping();
	const { screen } = await openApp(path, answers);
	await routes.getByRole('row', { name: /rest/ }).getByRole('button', { name: 'Edit' }).click();
	const form = screen.getByRole('form', { name: 'Change rest' });
	await form.getByRole('textbox', { name: /^Order/ }).fill('12');
	await form.getByRole('button', { name: 'Save' }).click();
	await expect.element(screen.getByText('Saved: rest')).toBeVisible();
	await routes.getByRole('row', { name: /rest/ }).getByRole('button', { name: 'Remove' }).click();
	await expect.element(screen.getByText('Removed: rest')).toBeVisible();
	expect(saved).toMatchObject([
		['"4"', { kind: 'Route', spec: { order: 12, match: {}, continue: true } }, ''],
		['"4"', null, ''],
	]);
});

test('a route of a source is overridden for a time and a reason, on a phone too', async () => {
	await page.viewport(390, 844);
	try {
		const { saved, answers } = keeping();
		const { screen } = await openApp(`${path}?route=pages`, answers);
		const form = screen.getByRole('form', { name: 'Change pages' });
		await expect.element(form.getByText('routes.yaml:3')).toBeVisible();
		expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
		await expectAccessible();
		await form.getByRole('textbox', { name: 'because' }).fill('she is ill');
		await form.getByRole('button', { name: 'Override' }).click();
		await expect.element(screen.getByText('Saved: pages')).toBeVisible();
		expect(saved).toMatchObject([['"4"', { kind: 'Route', metadata: { name: 'pages' } }, 'she is ill']]);
	} finally {
		await page.viewport(1440, 900);
	}
});

test('heartbeats are made, changed and removed', async () => {
	const { saved, answers } = keeping();
	const { screen } = await openApp(path, answers);
	await screen.getByRole('button', { name: 'New heartbeat' }).click();
	const form = screen.getByRole('form', { name: 'New heartbeat' });
	await form.getByRole('textbox', { name: /^Every/ }).fill('often');
	await form.getByRole('button', { name: 'Save' }).click();
	await expect.element(form.getByText('is needed')).toBeVisible();
	await expect.element(form.getByText(/expected a duration/)).toBeVisible();
	await expectAccessible();
	await form.getByRole('textbox', { name: /^Pings/ }).fill('https://beat.example/x');
	await form.getByRole('textbox', { name: /^Every/ }).fill('5m');
	await form.getByRole('textbox', { name: /^Name/ }).fill('other');
	await form.getByRole('button', { name: 'Save' }).click();
	await expect.element(screen.getByText('Saved: other')).toBeVisible();
	const row = screen.getByRole('listitem').filter({ hasText: 'watch' });
	await row.getByRole('button', { name: 'Edit' }).click();
	await screen
		.getByRole('form', { name: 'Change watch' })
		.getByRole('textbox', { name: /^Every/ })
		.fill('2m');
	await screen.getByRole('button', { name: 'Save' }).click();
	await expect.element(screen.getByText('Saved: watch')).toBeVisible();
	await row.getByRole('button', { name: 'Remove' }).click();
	await expect.element(screen.getByText('Removed: watch')).toBeVisible();
	expect(saved).toMatchObject([
		['*', { kind: 'Heartbeat', metadata: { name: 'other' }, spec: { url: 'https://beat.example/x', every: '5m' } }, ''],
		['"4"', { kind: 'Heartbeat', metadata: { name: 'watch' }, spec: { url: '${env:BEAT}', every: '2m' } }, ''],
		['"4"', null, ''],
	]);
});

test('no route, or none that can be read', async () => {
	const { answers } = keeping();
	const { screen, server } = await openApp(path, { ...answers, '/config/documents': () => ({ documents: [] }) });
	await expect.element(screen.getByText(/No route: only rules that name a channel themselves/)).toBeVisible();
	server.answers = { ...answers, '/config/documents': storeAway };
	await screen.getByRole('button', { name: 'New route' }).click();
	await expectAccessible();
});
