import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { auditAnswer, configAnswer, documentAnswer, historyAnswer, source } from '../testing/config-answers.ts';
import { never, storeAway } from '../testing/fake-server.ts';
import { NOW_MS } from '../testing/now.ts';
import { expectAccessible, openApp } from '../testing/open-app.ts';

const detail = '/config/Alert/checkout-is-slow';
const full = {
	'/config': () => configAnswer(),
	[detail]: () => documentAnswer(),
	[`${detail}/history`]: () => historyAnswer(),
};

test('sources with state and revision, errors with place, objects with owner and file', async () => {
	const { screen } = await openApp('/config', full);
	await expect
		.element(screen.getByRole('region', { name: 'Source platform' }))
		.toMatchTextContent(
			/platform.*Synced.*12 objects.*read 12 s ago.*In force.*aaaaaaaaaa.*Lower the threshold.*mara, 1 h ago/s,
		);
	await expect
		.element(screen.getByRole('region', { name: 'Source shop' }))
		.toMatchTextContent(
			/Refused.*Newest.*bbbbbbbbbb.*mail\.yaml:7:12.*spec\.conditions\.0\.above.*found "800", expected a duration with its unit/s,
		);
	await expect
		.element(screen.getByRole('region', { name: 'Source web' }))
		.toMatchTextContent(/Held.*Remove 8 of 12 objects.*8 objects would change/s);
	await expect
		.element(screen.getByRole('row', { name: /checkout-is-slow/ }))
		.toMatchTextContent(/Alert.*platform.*alerts\/checkout\.yaml:12.*Overridden.*ends in 3 h/s);
	await expect.element(screen.getByRole('row', { name: /oncall/ })).toMatchTextContent(/Channel.*made here/s);
	await expectAccessible();
});

test('held is confirmed by its revision, paused for a time and a reason, read at once', async () => {
	const asked: unknown[] = [];
	const answer = (url: URL, init?: RequestInit) => {
		asked.push([
			init?.method,
			url.pathname.split('/sources/')[1],
			init?.body == null ? null : JSON.parse(init.body as string),
		]);
		return source('web');
	};
	const { screen } = await openApp('/config', {
		...full,
		'/config/sources/web/confirm': answer,
		'/config/sources/web/pause': answer,
		'/config/sources/web/sync': answer,
	});
	const web = screen.getByRole('region', { name: 'Source web' });
	await web.getByRole('button', { name: 'Remove 8 of 12 objects' }).click();
	await web.getByRole('button', { name: 'Pause…' }).click();
	await expect.element(web.getByRole('button', { name: 'Pause', exact: true })).toBeDisabled();
	await web.getByRole('textbox', { name: 'because' }).fill('incident');
	await web.getByRole('button', { name: 'Pause', exact: true }).click();
	await web.getByRole('button', { name: 'Sync now' }).click();
	await expect
		.poll(() => asked)
		.toEqual([
			['POST', 'web/confirm', { revision: 'c'.repeat(40) }],
			['PUT', 'web/pause', { untilMs: NOW_MS + 4 * 3_600_000, reason: 'incident' }],
			['POST', 'web/sync', null],
		]);
});

test('an object opens in place: in force beside declared, YAML, history', async () => {
	const asked: string[] = [];
	const { screen, history } = await openApp('/config', {
		...full,
		[`${detail}/override`]: (_, init) => {
			asked.push(String(init?.method));
			return documentAnswer({ desired: null });
		},
	});
	await expect.element(screen.getByRole('button', { name: 'checkout-is-slow' })).toBeVisible();
	await userEvent.keyboard('j{Enter}');
	expect(history.text).toBe('/config?open=Alert/checkout-is-slow');
	await expect.element(screen.getByRole('row', { name: /spec\.minRequests/ }).last()).toMatchTextContent(/5.*20/s);
	await expect.element(screen.getByText('git revert the commit that declared it.')).toBeVisible();
	await expectAccessible();
	await screen.getByRole('button', { name: 'Let the source decide again' }).click();
	await expect.element(screen.getByText('The source decides again')).toBeVisible();
	expect(asked).toEqual(['DELETE']);
});

test('owner, kind and text filter, and stand in the address', async () => {
	const { screen, history } = await openApp('/config?source=platform', full);
	await expect.element(screen.getByText('1 of 2')).toBeVisible();
	await screen.getByRole('combobox', { name: 'Owner' }).selectOptions('made here');
	await expect.element(screen.getByRole('row', { name: /oncall/ })).toBeVisible();
	await screen.getByRole('combobox', { name: 'Kind' }).selectOptions('SLO');
	expect(history.text).toBe('/config?source=(screen)&kind=SLO');
	await screen.getByRole('button', { name: 'Clear the filters' }).click();
	await expect.element(screen.getByText('2 of 2')).toBeVisible();
});

test('nothing declared', async () => {
	const { screen } = await openApp('/config', { '/config': () => ({ sources: [], objects: [] }) });
	await expect.element(screen.getByText('Nothing is declared yet')).toBeVisible();
	await expect.element(screen.getByText(/No folder or repository is followed/)).toBeVisible();
	await expectAccessible();
});

test('error', async () => {
	const { screen, server } = await openApp('/config', { '/config': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer/);
	await expectAccessible();
	server.answers = full;
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.element(screen.getByRole('row', { name: /oncall/ })).toBeVisible();
});

test('loading', async () => {
	await openApp('/config', { '/config': never });
	await expect.poll(() => document.querySelectorAll('.waiting .skeleton').length).toBe(2);
	await expectAccessible();
});

test('on a phone, with words of strangers, nothing is wider than the page', async () => {
	await page.viewport(390, 844);
	try {
		const evil = `<img src=x onerror=alert(1)>${'x'.repeat(2_000)}\u202E`;
		const hostile = source(evil, {
			location: evil,
			declaredIn: evil,
			error: evil,
			paused: { untilMs: NOW_MS + 1e6, reason: evil, author: evil },
			findings: [{ file: evil, line: 1, column: 1, level: 'warning', path: evil, found: evil, expected: evil }],
			findingCount: 1,
		});
		const { screen } = await openApp('/config?open=Alert/checkout-is-slow', {
			...full,
			'/config': () => configAnswer({ sources: [hostile] }),
			[detail]: () => documentAnswer({ yaml: evil }),
		});
		await expect.element(screen.getByRole('heading', { name: 'History' })).toBeInTheDocument();
		expect(document.querySelector('img')).toBeNull();
		expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
		await expectAccessible();
	} finally {
		await page.viewport(1440, 900);
	}
});

test('the history of a source is read when somebody asks for it', async () => {
	const audit = '/config/sources/platform/audit';
	const { screen, server } = await openApp('/config', { ...full, [audit]: storeAway });
	const platform = screen.getByRole('region', { name: 'Source platform' });
	await expect.element(platform.getByText('History')).toBeVisible();
	expect(server.asked.filter(({ pathname }) => pathname.endsWith('/audit'))).toEqual([]);
	await platform.getByText('History').click();
	await expect.element(platform.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer/);
	server.answers = { ...full, [audit]: () => auditAnswer() };
	await platform.getByRole('button', { name: 'Retry' }).click();
	await expect
		.element(screen.getByRole('region', { name: 'History of platform' }))
		.toMatchTextContent(
			/1 h ago.*applied.*aaaaaaaaaa.*Lower the threshold.*by mara.*Alert checkout-is-slow changed.*mail-is-slow removed.*5 h ago.*paused.*by ben/s,
		);
	await expectAccessible();
});
