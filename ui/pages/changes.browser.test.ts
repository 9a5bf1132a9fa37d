import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { servicesAnswer } from '../testing/answers.ts';
import { change, changesAnswer, deployAnswer, deployContents, flagChange } from '../testing/change-answers.ts';
import { never, problem, storeAway } from '../testing/fake-server.ts';
import { NOW_MS } from '../testing/now.ts';
import { expectAccessible, focus, openApp } from '../testing/open-app.ts';

const deployPath = '/deploys/shop%2Fcheckout/2.14.0';
const full = {
	'/changes': () => changesAnswer(),
	'/services': () => servicesAnswer(),
	[deployPath]: () => deployAnswer(),
};
const lines = () => [...document.querySelectorAll('tbody tr:not(.day) th')].map((cell) => cell.textContent?.trim());

test('full: deploys and told changes by day, and axe finds nothing', async () => {
	const { screen } = await openApp('/changes?t=24h', full);
	await expect.element(screen.getByRole('link', { name: '2.13.9 → 2.14.0' })).toBeVisible();
	expect(lines()).toEqual(['2.13.9 → 2.14.0', 'New basket for everybody', 'First seen with 8', 'migration 0042']);
	expect([...document.querySelectorAll('.day')].map((day) => day.textContent?.trim())).toEqual(['2026-11-23', '2026-11-22']);
	await expect.element(screen.getByRole('link', { name: /Read more/ })).toHaveAttribute('rel', 'noopener noreferrer');
	await expectAccessible();
}); // prettier-ignore

test('the timeline: a lane for each service and environment, and the ways to each change', async () => {
	const { screen, history } = await openApp('/changes?t=24h', full);
	const lanes = screen.getByRole('list', { name: 'Timeline of changes' }).getByRole('listitem');
	await expect.element(lanes.first()).toMatchTextContent(/everything/);
	const names = lanes.elements().map((lane) => lane.firstElementChild?.textContent?.replace(/\s+/g, ' ').trim());
	expect(names).toEqual(['everything', 'shop/checkout production', 'shop/cart production', 'shop/search production']);
	// Nine minutes before the end of 24 hours.
	const mark = lanes.nth(1).getByRole('link');
	const [at, name, track] = ['.dot', '.what', '.track'].map((part) =>
		(mark.element().querySelector(part) ?? mark.element().closest(part)!).getBoundingClientRect(),
	) as [DOMRect, DOMRect, DOMRect];
	const share = (at.left + 12 - track.left) / (track.width - 12);
	// There is no room behind it.
	expect(name.right).toBeLessThanOrEqual(at.left);
	expect(share).toBeGreaterThan(0.98);
	expect(share).toBeLessThanOrEqual(1.001);
	await lanes.nth(2).getByRole('button', { name: /New basket for everybody, flag/ }).click();
	expect(document.activeElement?.textContent).toMatch(/New basket for everybody/);
	await mark.click();
	expect(history.text).toBe('/deploys/shop/checkout/2.14.0?t=24h&env=production');
}); // prettier-ignore

test('flags that spans showed stand beside deploys, and lead to the spans with the variant', async () => {
	const changes = [
		flagChange(),
		flagChange({ revision: '', previous: 'trial', title: 'new-till: trial no longer seen beside on', tMs: NOW_MS - 7_200_000 * 2, flag: { key: 'new-till', effect: 'gone', beside: ['on'] } }),
		change(),
	]; // prettier-ignore
	const { screen } = await openApp('/changes?t=24h', { ...full, '/changes': () => changesAnswer({ changes }) });
	const linkOf = async (name: string) => {
		const link = screen.getByRole('region', { name: 'Changes' }).getByRole('link', { name });
		await expect.element(link).toBeVisible();
		const { pathname, searchParams } = new URL(link.element().getAttribute('href') ?? '', location.origin);
		return [pathname, Object.fromEntries(searchParams)];
	};
	const said = (scope: string, variant: string, names: string[]) =>
		`(${scope}feature_flag.key:new-till (${names.map((name) => `${scope}feature_flag.${name}:${variant}`).join(' OR ')}))`;
	const query = (variant: string) =>
		`service:shop/checkout (${said('', variant, ['result.variant', 'result.value'])} OR ${said('event.', variant, ['result.variant', 'variant', 'result.value'])})`;
	const hour = 3_600_000;
	expect(await linkOf('new-till: off → on')).toEqual([
		'/traces',
		{ q: query('on'), from: String(NOW_MS - 2 * hour), to: String(NOW_MS - hour), env: 'production' },
	]);
	expect(await linkOf('new-till: trial no longer seen beside on')).toEqual([
		'/traces',
		{ q: query('trial'), from: String(NOW_MS - 5 * hour), to: String(NOW_MS - 4 * hour + 1), env: 'production' },
	]);
	const lane = screen.getByRole('list', { name: 'Timeline of changes' }).getByRole('listitem');
	await expect.element(lane.getByRole('link', { name: /new-till: off → on, flag/ })).toHaveAttribute('href', expect.stringContaining('/traces?')); // prettier-ignore
	await expectAccessible();
});

test('a stretch of the timeline is chosen by keyboard, and changes that lie on each other are told apart', async () => {
	const { screen, history } = await openApp('/changes?t=24h', full);
	const slider = screen.getByRole('slider', { name: 'Changes over time' });
	await expect.element(slider).toBeVisible();
	focus(slider.element());
	await userEvent.keyboard('{Home}{Shift>}{ArrowRight}{/Shift}{Enter}');
	const { searchParams } = history.read();
	expect(Number(searchParams.get('from'))).toBe(NOW_MS - 86_400_000);
	expect(Number(searchParams.get('to'))).toBe(NOW_MS - 86_400_000 + (2 * 86_400_000) / 60);
	const near = changesAnswer({ changes: [0, 60_000].map((ago) => change({ revision: `r${ago}`, tMs: NOW_MS - 3_600_000 - ago })) }); // prettier-ignore
	const again = await openApp('/changes?t=24h', { ...full, '/changes': () => near });
	await again.screen.getByRole('button', { name: /^2 changes/ }).click();
	const zoomed = again.history.read().searchParams;
	expect(Number(zoomed.get('from'))).toBe(NOW_MS - 3_660_000 - 15_000);
	expect(Number(zoomed.get('to'))).toBe(NOW_MS - 3_600_000 + 15_000);
});

test('kinds are asked of the server, services are filtered here, and the address keeps both', async () => {
	const { screen, history, server } = await openApp('/changes?f=CART', full);
	await expect.poll(lines).toEqual(['New basket for everybody']);
	await screen.getByRole('combobox', { name: 'Kind of change' }).selectOptions('flag');
	expect(history.text).toBe('/changes?f=CART&kind=flag');
	await expect.poll(() => server.asked.at(-1)?.searchParams.get('kind')).toBe('flag');
});

test('a deploy is opened by keyboard', async () => {
	const { screen, history } = await openApp('/changes', full);
	await expect.element(screen.getByRole('link', { name: '2.13.9 → 2.14.0' })).toBeVisible();
	await userEvent.keyboard('j{Enter}');
	expect(history.text).toBe('/deploys/shop/checkout/2.14.0?env=production');
	await expect.element(screen.getByRole('heading', { name: '2.14.0' })).toBeVisible();
});

test('loading: rows of the final geometry', async () => {
	await openApp('/changes', { ...full, '/changes': never });
	await expect.poll(() => document.querySelectorAll('tbody tr').length).toBe(6);
	await expectAccessible();
});

test('empty: says how changes come, and looks further back', async () => {
	const { screen, history } = await openApp('/changes', { '/changes': () => changesAnswer({ changes: [] }) });
	await expect.element(screen.getByText(/POST \/api\/v1\/changes/)).toBeVisible();
	await expectAccessible();
	await screen.getByRole('button', { name: 'Look at 7 days' }).click();
	expect(history.text).toBe('/changes?t=7d');
});

test('error: the reason and Retry; what was there stays', async () => {
	const { screen, server } = await openApp('/changes', { ...full, '/changes': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer.*query-7f3c/s);
	await expectAccessible();
	server.answers = full;
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.poll(lines).toHaveLength(4);
	server.answers = { ...full, '/changes': storeAway };
	await screen.getByRole('button', { name: 'Refresh (r)' }).click();
	await expect.element(screen.getByRole('alert')).toBeVisible();
	expect(lines()).toHaveLength(4);
});

test('partial: says how many of how many', async () => {
	const partial = { reason: 'the newest changes', seen: 500, of: 812 };
	const { screen } = await openApp('/changes', { ...full, '/changes': () => changesAnswer({ partial }) });
	await expect.element(screen.getByText(/Showing 500 of 812 changes/)).toBeVisible();
});

test('a deploy: the verdict, what it rests on, and each operation', async () => {
	const { screen } = await openApp(deployPath, full);
	const verdict = screen.getByRole('region', { name: 'Verdict' });
	await expect
		.element(verdict)
		.toMatchTextContent(/worse.*First seen 9 m.* ago in production, after 2\.13\.9, by ada/s);
	await expect.element(verdict).toMatchTextContent(/0\.1 % → 6\.2 %\s*worse\s*\+4\.4 to \+7\.9 points/);
	const cells = [...document.querySelectorAll('tbody tr')].map((row) => [...row.children].slice(0, 2));
	expect(cells.map((pair) => pair.map((cell) => cell.textContent?.trim()))).toEqual([
		['POST /checkout', 'worse'],
		['SELECT orders', 'better'],
		['GET /checkout/{id}', 'same'],
		['nightly', 'unsure'],
	]);
	await expect
		.element(screen.getByRole('region', { name: 'New operations' }))
		.toMatchTextContent('POST /checkout/retry');
	expect(document.title).toBe('shop/checkout 2.14.0 – Spanhouse');
	await expectAccessible();
});

test('its numbers lead to the spans that they count', async () => {
	const { screen } = await openApp(deployPath, full);
	const link = screen.getByRole('link', { name: 'Traces of POST /checkout' });
	await expect.element(link).toBeVisible();
	const url = new URL(link.element().getAttribute('href') ?? '', location.origin);
	expect(Object.fromEntries(url.searchParams)).toEqual({
		q: 'service:shop/checkout version:2.14.0 operation:"POST /checkout"',
		from: String(NOW_MS - 540_000),
		to: String(NOW_MS),
		env: 'production',
	});
});

test('what came with a version and what went is named, with its numbers, and leads to where it was counted', async () => {
	const { screen } = await openApp(deployPath, full);
	const verdict = screen.getByRole('region', { name: 'Verdict' });
	await expect.element(verdict).toMatchTextContent(/Requests\s*16\.\d.* → 5\.\d.*p95\s*90 ms → 91 ms/s);
	const said = (name: string) => screen.getByRole('region', { name });
	await expect.element(said('New issues')).toMatchTextContent(/PaymentTimeout\s*no answer within {n} ms\s*41 times/);
	await expect.element(said('New queries')).toMatchTextContent(/SELECT \* FROM retries.*postgresql · shop · 1,204 calls · 3\.4/s); // prettier-ignore
	await expect.element(said('New dependencies')).toMatchTextContent(/shop\/fraud\s*812 calls/);
	await expect.element(said('Dependencies that are not called any more')).toMatchTextContent(/api\.old-bank\.test/);
	const addressOf = (name: string) => {
		const url = new URL(said(name).getByRole('link').element().getAttribute('href') ?? '', location.origin);
		return [url.pathname, Object.fromEntries(url.searchParams)];
	};
	const counted = { from: String(NOW_MS - 840_000), to: String(NOW_MS), env: 'production' };
	expect(addressOf('New issues')).toEqual(['/issues/00000000000000a1', counted]);
	expect(addressOf('New queries')).toEqual(['/db/00000000000000b2', { ...counted, sys: 'postgresql', ns: 'shop', svc: 'shop/checkout' }]); // prettier-ignore
	const node = 'external:api.old-bank.test';
	const from = String(NOW_MS - 1_380_000);
	expect(addressOf('Dependencies that are not called any more')).toEqual(['/map', { ...counted, from, focus: node, sel: node }]); // prettier-ignore
});

test('lists that are cut say of how many, and where nothing came and nothing went that is said', async () => {
	const nothing = { newIssues: { list: [] }, newDependencies: { list: [] } };
	const cut = deployContents({
		...nothing,
		newQueries: { ...deployContents().newQueries, partial: { reason: 'those that take most time', seen: 50, of: 130 } },
		goneDependencies: {
			list: [],
			partial: { reason: 'spans that have just come are not all counted yet', seen: 11, of: 12, what: 'parts of the window' },
		},
	}); // prettier-ignore
	const { screen } = await openApp(deployPath, {
		...full,
		[deployPath]: () => deployAnswer({ contents: cut }),
	});
	await expect.element(screen.getByText('50 of 130 queries: those that take most time.')).toBeVisible();
	const gone = screen.getByRole('region', { name: 'Dependencies that are not called any more' });
	await expect.element(gone).toMatchTextContent(/11 of 12\s+parts of the window: spans that have just come/);
	expect(screen.getByRole('region', { name: 'New issues' }).elements()).toEqual([]);
	const empty = { ...nothing, newQueries: { list: [] }, goneDependencies: { list: [] } };
	const again = await openApp(deployPath, { ...full, [deployPath]: () => deployAnswer({ contents: deployContents(empty) }) }); // prettier-ignore
	await expect.element(again.screen.getByText(/No issue, query or dependency came with it/)).toBeVisible();
});

test('how long is compared stands in the address and goes to the server', async () => {
	const { screen, history, server } = await openApp(`${deployPath}?hours=3&env=production`, full);
	await expect.element(screen.getByRole('region', { name: 'Verdict' })).toBeVisible();
	expect(server.asked.at(-1)?.search).toBe('?env=production&hours=3');
	await screen.getByRole('combobox').selectOptions('First 24 hours');
	expect(history.read().searchParams.get('hours')).toBe('24');
});

test('a deploy that is not there, and one that can’t be read', async () => {
	const gone = () => problem(404, 'NO_SUCH_DEPLOY', 'no spans');
	const { screen } = await openApp(deployPath, { ...full, [deployPath]: gone });
	await expect.element(screen.getByRole('heading', { name: /No spans of shop\/checkout/ })).toBeVisible();
	await expectAccessible();
	const failed = await openApp(deployPath, { ...full, [deployPath]: storeAway });
	await expect.element(failed.screen.getByRole('alert').last()).toMatchTextContent(/ClickHouse did not answer/);
});

test('g c goes to the changes', async () => {
	const { screen, history } = await openApp('/services', full);
	await expect.element(screen.getByRole('row', { name: /shop\/checkout/ })).toBeVisible();
	await userEvent.keyboard('gc');
	expect(history.text).toBe('/changes');
	await expect.element(page.getByRole('navigation').getByRole('link', { name: 'Changes' })).toHaveAttribute('aria-current', 'page');
}); // prettier-ignore
