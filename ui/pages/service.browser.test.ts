import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import {
	histogramAnswer,
	instancesAnswer,
	operation,
	operationSightsAnswer,
	operationsAnswer,
	redAnswer,
	service,
	servicesAnswer,
} from '../testing/answers.ts';
import { deployAnswer } from '../testing/change-answers.ts';
import { declaredAnswers } from '../testing/declared-answers.ts';
import { firing, firingsAnswer } from '../testing/alert-answers.ts';
import { queriesAnswer } from '../testing/database-answers.ts';
import { issuesAnswer } from '../testing/issue-answers.ts';
import { objectivesAnswer } from '../testing/objective-answers.ts';
import { never, storeAway } from '../testing/fake-server.ts';
import { operationPathAnswer } from '../testing/path-answers.ts';
import { NOW_MS } from '../testing/now.ts';
import { seriesAnswer } from '../testing/series-answers.ts';
import type { FakeServer } from '../testing/fake-server.ts';
import type { TimeWindow } from '../../schema/api.ts';
import type { SeriesBody } from '../../schema/api-measures.ts';
import { expectAccessible, focus, openApp } from '../testing/open-app.ts';

const ADDRESS = '/services/shop%2Fcheckout';
const full = {
	'/services': () => servicesAnswer(),
	'/red': () => redAnswer(),
	'/operations': () => operationsAnswer(),
	'/operations/seen': () => operationSightsAnswer(),
	'/instances': () => instancesAnswer(),
	'/latency-histogram': () => histogramAnswer(),
	'/operations/critical-path': () => operationPathAnswer(),
	'/firings': () => firingsAnswer({ firings: [firing()] }),
	'/slos': () => objectivesAnswer(),
	'/issues': () => issuesAnswer(),
	'/db/queries': () => queriesAnswer(),
};

test('full: three charts and the operations', async () => {
	const { screen, server } = await openApp(ADDRESS, full);
	for (const name of ['Requests', 'Errors', 'Latency'])
		await expect.element(screen.getByRole('slider', { name: `${name} over time` })).toBeVisible();
	await expect.element(screen.getByRole('row', { name: /POST \/checkout/ })).toBeVisible();
	expect(document.title).toBe('shop/checkout – Spanhouse');
	expect(server.asked.find((url) => url.pathname.endsWith('/red'))?.searchParams.get('service')).toBe('shop/checkout');
	await expectAccessible();
});

test('an operation that a sampler thinned says how many spans it is counted from', async () => {
	const { screen } = await openApp(ADDRESS, {
		...full,
		'/operations': () =>
			operationsAnswer([operation('GET /thin', { spans: 12, requests: 1200 }), operation('GET /all')]),
	});
	const marks = (name: RegExp) => screen.getByRole('row', { name }).getByRole('img', { name: /stand for/ });
	await expect.element(marks(/GET \/thin/)).toHaveAttribute('title', '12 spans stand for 1,200 requests');
	await expect.element(marks(/GET \/all/)).not.toBeInTheDocument();
});

test('a service, its versions and its operations say since when they are seen, and until when what may be gone', async () => {
	const gone = {
		version: '2.13.0',
		firstSeenMs: NOW_MS - 40 * 86_400_000,
		lastSeenMs: NOW_MS - 7_200_000,
		requests: 9,
	};
	const here = { version: '2.14.0', firstSeenMs: NOW_MS - 540_000, lastSeenMs: NOW_MS - 2000, requests: 9 };
	const earlier = { firstSeenMs: NOW_MS - 50 * 86_400_000, lastSeenMs: NOW_MS - 86_400_000 };
	const services = [
		service('checkout', { versions: [gone, here] }),
		service('checkout', { environment: 'staging', versions: [], ...earlier }),
	];
	const { screen, server } = await openApp(ADDRESS, { ...full, '/services': () => servicesAnswer({ services }) });
	const now = screen.getByRole('list', { name: 'Now' });
	await expect.element(now.getByText('First seen 50 d ago', { exact: true })).toBeVisible();
	await expect.element(now.getByRole('link', { name: /2\.14\.0/ })).toMatchTextContent(/since 9\sm\sago$/);
	await expect
		.element(now.getByRole('link', { name: /2\.13\.0/ }))
		.toMatchTextContent(/since 40\sd\sago, last 2\sh\sago$/);
	await expect.element(screen.getByRole('row', { name: /POST \/checkout/ })).toMatchTextContent(/12\sd\sago\s*Traces/);
	await expect
		.element(screen.getByRole('row', { name: /GET \/checkout/ }))
		.toMatchTextContent(/3\sd\sago, last 2\sh\sago\s*Traces/);
	const asked = server.asked.filter(({ pathname }) => pathname.endsWith('/operations/seen'));
	expect(asked.map(({ searchParams }) => searchParams.get('service'))).toEqual(['shop/checkout']);
	await expectAccessible();
});

test('operations are listed while it is not known since when', async () => {
	const { screen } = await openApp(ADDRESS, { ...full, '/operations/seen': storeAway });
	await expect.element(screen.getByRole('row', { name: /POST \/checkout/ })).toBeVisible();
	await expect.element(screen.getByText('12 d ago', { exact: true })).not.toBeInTheDocument();
});

test('the errors that the charts count are a link to just these, and how long the reads took is said', async () => {
	const { screen } = await openApp(ADDRESS, full);
	const errors = redAnswer().points.reduce((sum, point) => sum + point.errors, 0);
	const link = screen.getByRole('link', { name: `Errors ${errors}` });
	await expect.element(link).toBeVisible();
	const { searchParams } = new URL(link.element().getAttribute('href') ?? '', location.origin);
	expect(searchParams.get('q')).toBe('service:shop/checkout entry:true error:true');
	await expect.element(screen.getByText(/^read in \d+(\.\d+)?\s(ms|s)$/)).toBeVisible();
});

test('loading: places for charts and rows', async () => {
	await openApp(ADDRESS, { '/services': never, '/red': never, '/operations': never });
	await expect.poll(() => document.querySelectorAll('tbody tr').length).toBe(8);
	await expectAccessible();
});

test('empty: a wider range is one press away', async () => {
	const { screen, history } = await openApp(ADDRESS, { ...full, '/operations': () => operationsAnswer([]) });
	await expect.element(screen.getByRole('heading', { name: /sent no spans/ })).toBeVisible();
	await expectAccessible();
	await screen.getByRole('button', { name: 'Widen to 24 h' }).click();
	expect(history.text).toBe('/services/shop/checkout?t=24h');
});

test('error: each half fails by itself', async () => {
	const { screen } = await openApp(ADDRESS, { ...full, '/red': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent('The charts could not be read');
	await expect.element(screen.getByRole('row', { name: /POST \/checkout/ })).toBeVisible();
	await expectAccessible();
});

test('how it stands: what fires, budgets, versions; below the charts its issues and queries', async () => {
	const { screen, server } = await openApp(ADDRESS, full);
	const now = screen.getByRole('list', { name: 'Now' });
	await expect.element(now.getByRole('link', { name: /above 800 ms/ })).toHaveAttribute('href', '/firings/firing-1');
	await expect.element(now.getByRole('link', { name: /checkout-latency.*42 % left/ })).toBeVisible();
	await expect
		.element(now.getByRole('link', { name: /^2\.14\.0/ }))
		.toHaveAttribute('href', '/deploys/shop%2Fcheckout/2.14.0');
	await expect.element(screen.getByRole('link', { name: /StripeTimeout/ })).toBeVisible();
	await expect.element(screen.getByRole('link', { name: 'SELECT qty FROM stock WHERE sku = ?' })).toBeVisible();
	for (const path of ['/firings', '/issues', '/db/queries'])
		expect(server.asked.find((url) => url.pathname.endsWith(path))?.searchParams.get('service')).toBe('shop/checkout');
	await expectAccessible();
});

test('how it stands: what can not be read is said, and the rest is there', async () => {
	const { screen } = await openApp(ADDRESS, { ...full, '/firings': storeAway, '/issues': storeAway });
	await expect.element(screen.getByText('Its alerts could not be read.')).toBeVisible();
	await expect.element(screen.getByRole('alert')).toMatchTextContent('Open issues could not be read');
	await expect.element(screen.getByRole('link', { name: 'SELECT qty FROM stock WHERE sku = ?' })).toBeVisible();
	await expect.element(screen.getByRole('row', { name: /POST \/checkout/ })).toBeVisible();
});

test('when nothing can be read, one message says so', async () => {
	const { screen, server } = await openApp(ADDRESS, {
		'/services': storeAway,
		'/red': storeAway,
		'/operations': storeAway,
	});
	await expect.element(screen.getByRole('alert')).toMatchTextContent('shop/checkout could not be read');
	server.answers = full;
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.element(screen.getByRole('row', { name: /POST \/checkout/ })).toBeVisible();
});

test('partial answers say what of how much', async () => {
	const partial = { reason: 'The rest is under (other).', seen: 2000, of: 2301 };
	const { screen } = await openApp(ADDRESS, { ...full, '/operations': () => ({ ...operationsAnswer(), partial }) });
	await expect.element(screen.getByText('Showing 2,000 of 2,301 operations.')).toBeVisible();
});

test('an operation is chosen by its row and kept in the address; its traces are a link', async () => {
	const { screen, history, server } = await openApp(ADDRESS, full);
	await screen.getByRole('link', { name: 'POST /checkout', exact: true }).click();
	expect(history.text).toBe('/services/shop/checkout?op=POST /checkout');
	await expect
		.poll(() => server.asked.some((url) => url.searchParams.get('operation') === 'POST /checkout'))
		.toBe(true);
	const traces = screen.getByRole('link', { name: 'Traces of POST /checkout' });
	expect(new URL(traces.element().getAttribute('href') ?? '', location.origin).searchParams.get('q')).toBe(
		'service:shop/checkout operation:"POST /checkout"',
	);
	history.go(-1);
	await expect.element(screen.getByRole('heading', { name: 'All requests' })).toBeVisible();
});

test('the arrows move one crosshair through all charts, values read out; Shift selects and Enter zooms', async () => {
	const { screen, history } = await openApp(ADDRESS, full);
	const slider = screen.getByRole('slider', { name: 'Requests over time' });
	await expect.element(slider).toBeVisible();
	focus(slider.element());
	await userEvent.keyboard('{Home}');
	await expect.element(slider).toHaveAttribute('aria-valuetext', '11:00:00: 2xx 9.83/s, 5xx 0/s');
	await expect.element(screen.getByRole('slider', { name: 'Latency over time' })).toHaveAttribute('aria-valuenow', '0');
	await userEvent.keyboard('{Shift>}{ArrowRight}{ArrowRight}{/Shift}{Enter}');
	const from = NOW_MS - 3_600_000;
	expect(history.text).toBe(`/services/shop/checkout?from=${from}&to=${from + 180_000}`);
});

test('the latency legend says what the lists say of the whole window, and the step under the crosshair', async () => {
	const { screen } = await openApp(ADDRESS, full);
	const legend = () => document.querySelectorAll('figure dl')[2]?.textContent?.replaceAll(/\s+/g, ' ');
	await expect.poll(legend).toMatch(/p99 ?310 ms ?p95 ?90 ms ?p50 ?12 ms/);
	focus(screen.getByRole('slider', { name: 'Latency over time' }).element());
	await userEvent.keyboard('{Home}');
	await expect.poll(legend).toMatch(/p99 ?210 ms ?p95 ?60 ms ?p50 ?9 ms/);
});

test('every chart has a table with the same figures', async () => {
	const { screen } = await openApp(ADDRESS, full);
	await screen.getByRole('button', { name: 'Latency as table' }).click();
	const table = screen.getByRole('region', { name: 'Latency as table' });
	await expect.element(table.getByRole('row', { name: /11:00:00/ })).toMatchTextContent(/210\sms.*60\sms.*9\sms/);
	await expectAccessible();
});

test('a narrow screen stacks the charts', async () => {
	await page.viewport(390, 844);
	const { screen } = await openApp(ADDRESS, full);
	await expect.element(screen.getByRole('slider', { name: 'Requests over time' })).toBeVisible();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await page.viewport(1440, 900);
});

test('requests are stacked by status class, and the window before and new versions are drawn and said', async () => {
	const versions = [{ version: '2.15.0', environment: 'production', firstSeenMs: NOW_MS - 1_800_000 }];
	const { screen, history } = await openApp(ADDRESS, { ...full, '/red': () => redAnswer({ versions }) });
	const legend = () => document.querySelector('figure dl')?.textContent?.replaceAll(/\s+/g, ' ');
	await expect.poll(legend).toMatch(/2xx.*5xx/);
	const labels = () => [...document.querySelectorAll('figure .label')].map((label) => label.textContent);
	await expect.poll(labels).toEqual(['2.15.0', '2.15.0', '2.15.0']);
	await screen.getByRole('button', { name: 'Latency as table' }).click();
	const table = screen.getByRole('region', { name: 'Latency as table' });
	await expect.element(table.getByRole('columnheader', { name: 'p95 before' })).toBeVisible();
	await expect.element(table.getByRole('row', { name: /11:00:00/ })).toMatchTextContent(/60\sms.*50\sms/);
	await screen.getByRole('link', { name: '2.15.0', exact: true }).first().click();
	expect(history.text).toBe('/deploys/shop/checkout/2.15.0?env=production');
});

test('of versions that came close together each name is read, and none runs into the next', async () => {
	const versions = [59, 58, 57, 46, 34, 22, 1].map((minutes) => ({
		version: `2.15.${minutes}-long-name`,
		environment: 'production',
		firstSeenMs: NOW_MS - minutes * 60_000,
	}));
	await openApp(ADDRESS, { ...full, '/red': () => redAnswer({ versions }) });
	const boxes = () =>
		[...(document.querySelector('figure')?.querySelectorAll('.label') ?? [])].map((label) =>
			label.getBoundingClientRect(),
		);
	await expect.poll(() => boxes().length).toBeGreaterThan(3);
	for (const [i, { left }] of boxes().entries()) expect(left).toBeGreaterThanOrEqual(boxes()[i - 1]?.right ?? 0);
});

const deployed = {
	...full,
	'/red': () =>
		redAnswer({ versions: [{ version: '2.14.0', environment: 'production', firstSeenMs: NOW_MS - 540_000 }] }),
	'/deploys/shop%2Fcheckout/2.14.0': () => deployAnswer(),
};
const askedDeploys = ({ asked }: FakeServer) => asked.filter((url) => url.pathname.includes('/deploys/'));

test('the marker of a version: says by keyboard what the version did, and leads to it', async () => {
	const { screen, server, history } = await openApp(ADDRESS, deployed);
	const marker = screen.getByRole('figure').first().getByRole('link', { name: '2.14.0' });
	await expect.element(marker).toBeVisible();
	expect(askedDeploys(server)).toEqual([]);
	focus(marker.element());
	const card = screen.getByRole('tooltip');
	await expect.element(card).toMatchTextContent(/2\.14\.0.*worse.*after 2\.13\.9/s);
	const { entry, before, after } = deployAnswer();
	const perSecond = (requests: number, { fromMs, toMs }: TimeWindow) => (requests * 1000) / (toMs - fromMs);
	await expect.element(card).toMatchTextContent(new RegExp(`Requests ?${perSecond(entry.before.requests, before).toPrecision(3)}/s → ${perSecond(entry.after.requests, after).toPrecision(3)}/s`));
	await expect.element(card).toMatchTextContent(/Errors ?0\.1\s% → 6\.2\s%.*p95 ?90\sms → /);
	await expect.element(card).toMatchTextContent(/against 2026-11-23 11:4\d/);
	expect(marker.element().getAttribute('aria-describedby')).toBe(card.element().id);
	expect(askedDeploys(server).map(({ search }) => search)).toEqual(['?env=production&hours=1&parts=figures']);
	await expectAccessible();
	await userEvent.keyboard('{Escape}');
	await expect.element(card).not.toBeInTheDocument();
	await userEvent.keyboard('{Enter}');
	expect(history.text).toBe('/deploys/shop/checkout/2.14.0?env=production');
}); // prettier-ignore

test('a pointer that rests on a version opens the same, which Tab reaches in one of the three charts', async () => {
	const { screen, server } = await openApp(ADDRESS, deployed);
	const markers = screen.getByRole('link', { name: '2.14.0', exact: true });
	await expect.poll(() => document.querySelectorAll('figure a.label').length).toBe(3);
	const reached = [...document.querySelectorAll<HTMLElement>('figure a.label')].map(({ tabIndex }) => tabIndex);
	expect(reached).toEqual([0, -1, -1]);
	await userEvent.hover(markers.last());
	await expect.element(screen.getByRole('tooltip')).toMatchTextContent(/worse/);
	server.answers = { ...deployed, '/deploys/shop%2Fcheckout/2.14.0': storeAway };
	await userEvent.hover(screen.getByRole('heading', { name: 'All requests' }));
	await expect.element(screen.getByRole('tooltip')).not.toBeInTheDocument();
});

test('what a version did and can not be read is said in its card', async () => {
	const { screen } = await openApp(ADDRESS, { ...deployed, '/deploys/shop%2Fcheckout/2.14.0': storeAway });
	const chip = screen.getByRole('list', { name: 'Now' }).getByRole('link', { name: /^2\.14\.0/ });
	await expect.element(chip).toBeVisible();
	focus(chip.element());
	await expect.element(screen.getByRole('tooltip')).toMatchTextContent(/ClickHouse did not answer/);
});

test('versions that stand too close are listed under one label, each with its page', async () => {
	const versions = ['2.14.0', '2.14.1', '2.14.2'].map((version, i) => ({
		version,
		environment: 'production',
		firstSeenMs: NOW_MS - 1_800_000 + i * 1_000,
	}));
	const { screen, history } = await openApp(ADDRESS, { ...full, '/red': () => redAnswer({ versions }) });
	const together = screen.getByRole('button', { name: '3 changes' }).first();
	await expect.element(together).toBeVisible();
	focus(together.element());
	await userEvent.keyboard('{Tab}');
	await expect.element(screen.getByRole('group', { name: '3 changes' }).getByRole('link').first()).toHaveFocus();
	await userEvent.keyboard('{Escape}');
	await expect.element(screen.getByRole('group', { name: '3 changes' })).not.toBeInTheDocument();
	await expect.element(together).toHaveFocus();
	await userEvent.keyboard('{Enter}');
	await expect.element(together).toHaveAttribute('aria-expanded', 'true');
	await userEvent.keyboard('{Tab}{Tab}{Enter}');
	expect(history.text).toBe('/deploys/shop/checkout/2.14.1?env=production');
});

test('instances: a tab kept in the address, with what each served', async () => {
	const { screen, history } = await openApp(ADDRESS, full);
	await screen.getByRole('tab', { name: /Operations/ }).click();
	await userEvent.keyboard('{End}');
	expect(history.text).toBe('/services/shop/checkout?tab=instances');
	const row = screen.getByRole('row', { name: /checkout-7d9f8b6c5-x1/ });
	await expect.element(row).toMatchTextContent(/production.*2\.14\.0.*2\/s/);
	await expect.element(screen.getByText('(no service.instance.id)')).toBeVisible();
	const link = screen.getByRole('link', { name: 'checkout-7d9f8b6c5-x1' });
	expect(new URL(link.element().getAttribute('href') ?? '', location.origin).searchParams.get('q')).toBe(
		'service:shop/checkout instance:checkout-7d9f8b6c5-x1',
	);
	await expectAccessible();
});

test('instances that are loading, absent, cut or unreadable say so', async () => {
	const address = `${ADDRESS}?tab=instances`;
	const { screen, server } = await openApp(address, { ...full, '/instances': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent('The instances could not be read');
	const partial = { reason: 'the 1000 instances with most requests', seen: 1000, of: 1001 };
	server.answers = { ...full, '/instances': () => instancesAnswer({ instances: [], partial }) };
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.element(screen.getByText('No instance served requests in this time range')).toBeVisible();
	await expect.element(screen.getByText('Showing 1,000 of 1,001 instances.')).toBeVisible();
});

test('an operation: its durations as bars, and as a table with the same counts', async () => {
	const { screen, server } = await openApp(`${ADDRESS}?op=POST%20%2Fcheckout`, full);
	await expect.element(screen.getByRole('img', { name: /^3,360 requests from/ })).toBeVisible();
	const asked = server.asked.find((url) => url.pathname.endsWith('/latency-histogram'));
	expect(asked?.searchParams.get('q')).toBe('service:shop/checkout operation:"POST /checkout"');
	await expectAccessible();
	await screen.getByRole('button', { name: 'Durations as table' }).click();
	const rows = () => [...document.querySelectorAll('[aria-label="Durations as table"] tbody tr')];
	await expect.poll(() => rows().length).toBe(3);
	expect(rows().map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent))).toEqual([
		['2,400', '0'],
		['900', '60'],
		['60', '60'],
	]);
	await expectAccessible();
});

test('heatmap: every request by duration, kept in the address, with a table', async () => {
	const { screen, history, server } = await openApp(ADDRESS, full);
	await screen.getByRole('button', { name: 'Heatmap', exact: true }).click();
	expect(history.text).toBe('/services/shop/checkout?lat=heat');
	await expect.element(screen.getByRole('heading', { name: 'Latency of every request' })).toBeVisible();
	const asked = server.asked.find((url) => url.pathname.endsWith('/latency-histogram'));
	expect(asked?.searchParams.get('q')).toBe('service:shop/checkout entry:true');
	await expectAccessible();
	await screen.getByRole('button', { name: 'Heatmap as table' }).click();
	await expect.poll(() => document.querySelectorAll('figure table tbody tr').length).toBeGreaterThan(2);
	await userEvent.keyboard('h');
	expect(history.text).toBe('/services/shop/checkout');
});

const PATH = `${ADDRESS}?op=POST%20%2Fcheckout`;
const pathBox = page.getByRole('region', { name: 'Where the time goes' });

test('where the time of an operation goes: typical and slow, with what they rest on', async () => {
	const { server } = await openApp(PATH, full);
	await expect.element(pathBox.last().getByRole('row', { name: /SELECT orders/ })).toMatchTextContent(/4 ms.*33 %.*700 ms.*87\.5 %/s);
	expect(document.querySelector('[data-basis]')?.textContent?.replaceAll(/\s+/g, ' ')).toContain('500 of 1,200 typical spans (11 ms – 13 ms) and 300 of 300 slow ones (from 400 ms)');
	const asked = server.asked.find((url) => url.pathname.endsWith('/critical-path'));
	expect(asked?.searchParams.get('service')).toBe('shop/checkout');
	expect(asked?.searchParams.get('operation')).toBe('POST /checkout');
	await expectAccessible();
}); // prettier-ignore

test('a long name of an operation gives way to what follows it', async () => {
	const name = `SELECT ${'a_rather_long_column_name, '.repeat(4)} FROM customers`;
	const { screen } = await openApp(ADDRESS, { ...full, '/operations': () => operationsAnswer([operation(name)]) });
	await expect.element(screen.getByRole('link', { name: `Traces of ${name}` })).toBeVisible();
	const box = screen.getByRole('region', { name: 'Operations' }).element();
	expect(box.scrollWidth - box.clientWidth).toBe(0);
});

test('without a path: while it is read, without spans, and when it fails', async () => {
	await openApp(PATH, { ...full, '/operations/critical-path': never });
	await expect.poll(() => document.querySelectorAll('[aria-label="Where the time goes"] tbody tr').length).toBe(4);
	await expectAccessible();
	const none = { ...operationPathAnswer().slow, parts: [] };
	const empty = await openApp(PATH, { ...full, '/operations/critical-path': () => operationPathAnswer({ typical: none, slow: none }) });
	await expect.element(empty.screen.getByText('No span of this operation ended in this time range.').last()).toBeVisible();
	const failed = await openApp(PATH, { ...full, '/operations/critical-path': storeAway });
	await expect.element(failed.screen.getByText('The critical path could not be read').last()).toBeVisible();
}); // prettier-ignore

test('whose service it is, and where else to look, as far as it is an address', async () => {
	const { screen } = await openApp(`${ADDRESS}?from=1763884800000&to=1763888400000`, { ...full, ...declaredAnswers });
	await expect.element(screen.getByText('team shop')).toBeVisible();
	const links = screen.getByRole('list', { name: 'shop/checkout elsewhere' }).getByRole('link');
	await expect
		.poll(() => links.elements().map((link) => link.getAttribute('href')))
		.toEqual(['https://runbooks.example/checkout', 'https://dash.example/?s=shop%2Fcheckout']);
	await expectAccessible();
});

test('versions: a line for each, of the requests that came in, kept in the address', async () => {
	const bodies: SeriesBody[] = [];
	const series = (_: URL, init: RequestInit | undefined) => {
		bodies.push(JSON.parse(init?.body as string) as SeriesBody);
		return seriesAnswer({ series: [{ ...seriesAnswer().series[0], group: { version: '2.14.0' } }], unit: 'nanoseconds' });
	};
	const { screen, history } = await openApp('/services/shop%2Fcheckout', { ...full, '/series': series });
	await screen.getByRole('button', { name: 'Versions' }).click();
	expect(history.read().searchParams.get('versions')).toBe('p95');
	const versions = screen.getByRole('region', { name: 'By version' });
	await expect.element(versions.getByRole('rowheader', { name: '2.14.0' })).toBeVisible();
	expect(bodies.at(-1)).toMatchObject({ query: 'service:shop/checkout', spans: 'entry', measure: 'p95', by: ['version'] });
	await expectAccessible();
	await screen.getByRole('button', { name: 'Versions' }).click();
	expect(history.text).toBe('/services/shop/checkout');
}); // prettier-ignore

test('the address of an operation as a path goes on to the one that links have', async () => {
	const { history } = await openApp(`${ADDRESS}/op/charge?t=24h`, full);
	await expect.poll(() => history.text).toBe('/services/shop/checkout?t=24h&op=charge');
});
