import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { backtestAnswer, firing, firingsAnswer } from '../testing/alert-answers.ts';
import { change, changesAnswer } from '../testing/change-answers.ts';
import { never, problem, storeAway } from '../testing/fake-server.ts';
import { countSeries, objectiveAnswer, objectiveDetail, objectivesAnswer } from '../testing/objective-answers.ts';
import { NOW_MS } from '../testing/now.ts';
import { expectAccessible, openApp } from '../testing/open-app.ts';
import type { DocumentOf } from '../../schema/desired-state.ts';

const proposal = {
	document: objectiveAnswer('cart').document,
	title: 'Requests of shop/cart under 1 s',
	sliPercent: 99.4,
	total: 81_204,
	seenMs: 86_400_000,
};
const detailPath = '/slos/checkout-latency';
const full = {
	'/slos': () => objectivesAnswer(),
	'/slo-proposals': () => ({ proposals: [proposal] }),
	[detailPath]: () => objectiveDetail(),
	'/firings': () => firingsAnswer({ firings: [] }),
	'/changes': () => changesAnswer(),
};
const names = () => [...document.querySelectorAll('tbody .name')].map((name) => name.textContent);

test('full: good events, budget left, burn and when it is gone, worst first', async () => {
	const { screen } = await openApp('/slos', full);
	await expect
		.element(screen.getByRole('row', { name: /checkout-latency/ }))
		.toMatchTextContent(/Burning.*99\.71 %.*of 99\.5 %, 30 d rolling.*42 %.*6\.2×.*3\.1×.*1\.4×.*0\.9×.*in 1 d/s);
	await expect.element(screen.getByRole('row', { name: /search/ })).toMatchTextContent(/Spent.*−140 %/s);
	expect(names()).toEqual(['checkout-latency', 'search', 'cart-availability']);
	await expect.element(screen.getByText('Requests of shop/cart under 1 s')).toBeVisible();
	await expect
		.element(screen.getByRole('link', { name: 'Begin with it' }))
		.toHaveAttribute(
			'href',
			expect.stringContaining(
				'/slos/new?total=service%3Ashop%2Fcheckout&good=duration%3C1s+-error%3Atrue&target=99.5&window=30d&name=cart',
			),
		);
	await expectAccessible();
});

test('empty: proposals from real traffic', async () => {
	const { screen } = await openApp('/slos', { ...full, '/slos': () => ({ slos: [] }) });
	await expect.element(screen.getByText('No objective is set')).toBeVisible();
	await expect.element(screen.getByText(/99\.4.% of 81\.2k in 1.d/)).toBeVisible();
	await expectAccessible();
});

test('loading', async () => {
	await openApp('/slos', { '/slos': never });
	await expect.poll(() => document.querySelectorAll('tbody tr').length).toBe(5);
	await expectAccessible();
});

test('error', async () => {
	const { screen, server } = await openApp('/slos', { '/slos': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer/);
	await expectAccessible();
	server.answers = full;
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.element(screen.getByRole('row', { name: /checkout-latency/ })).toBeVisible();
});

test('a filter stands in the address, and a column sorts', async () => {
	const { screen, history } = await openApp('/slos?f=a', full);
	await expect.element(screen.getByRole('row', { name: /checkout-latency/ })).toBeVisible();
	await screen.getByRole('button', { name: 'Budget left' }).click();
	expect(names()).toEqual(['search', 'checkout-latency', 'cart-availability']);
	await screen.getByRole('searchbox', { name: 'Filter objectives' }).fill('zebra');
	expect(history.text).toBe('/slos?f=zebra&sort=budget');
	await screen.getByRole('button', { name: 'Clear the filter' }).click();
	await expect.element(screen.getByRole('row', { name: /search/ })).toBeVisible();
});

test('one objective: budget, its alerts, what spent it', async () => {
	const { screen } = await openApp(detailPath, full);
	await expect
		.element(screen.getByRole('region', { name: 'Alerts on its burn rate' }))
		.toMatchTextContent(
			/Page.*Normal.*14\.4×.*1 h.*6\.2×.*5 m.*7×.*Page.*Firing.*6×.*6 h.*6\.4×.*30 m.*6\.9×.*Ticket.*–/s,
		);
	await expect
		.element(screen.getByRole('region', { name: 'What spent it' }))
		.toMatchTextContent(/operation POST \/charge.*2,332.*81 %.*service\.version v92.*2,246.*78 %/s);
	await expect.element(screen.getByText(/997,120 of 1,000,000/)).toBeVisible();
	await expect.element(screen.getByText(/2,880 bad/)).toBeVisible();
	const bad = new URL(document.querySelector<HTMLAnchorElement>('dd a')?.href ?? '').searchParams;
	expect(bad.get('q')).toBe('(service:shop/checkout) NOT (duration<1s -error:true) entry:true');
	await screen.getByRole('button', { name: 'Error budget left as table' }).click();
	const table = screen.getByRole('region', { name: 'Error budget left as table' });
	await expect.element(table).toMatchTextContent(/left.*spent evenly.*at the pace of 6 h/s);
	// The first step: 1 − 0.0048 left, 1 − 1/120 if spent evenly.
	await expect.element(table.getByRole('row').nth(1)).toMatchTextContent(/100 %.*99 %.*–/s);
	await expectAccessible();
});

test('one that is not there, and its warnings and partial answers', async () => {
	const { screen } = await openApp(detailPath, {
		...full,
		[detailPath]: () =>
			objectiveDetail({
				warnings: ['14.4× is unreachable at this target'],
				partial: { reason: 'read for 10 s', seen: 10, of: 20 },
			}),
	});
	await expect.element(screen.getByText('14.4× is unreachable at this target')).toBeVisible();
	await expect.element(screen.getByText('Showing 10 of 20 bad events.')).toBeVisible();
});

test('one that is gone', async () => {
	const { screen } = await openApp(detailPath, { [detailPath]: () => problem(404, 'NO_OBJECTIVE', 'no') });
	await expect.element(screen.getByText('No objective is called checkout-latency')).toBeVisible();
	await expectAccessible();
});

test('a new one: how the past would have done, then saved', async () => {
	const saved: DocumentOf<'SLO'>[] = [];
	const asked: string[] = [];
	const { screen, history } = await openApp('/slos/new?total=service:shop/checkout', {
		...full,
		'/series': (_, init) => {
			const { query } = JSON.parse(init?.body as string) as { query: string };
			asked.push(query);
			return query.includes('duration') ? countSeries(985) : countSeries(1_000);
		},
		'/backtest': () =>
			backtestAnswer({
				unit: 'ratio',
				tally: { firings: 2, totalMs: 2_700_000, longestMs: 1_800_000, flaps: 0, noDataRatio: 0 },
				warnings: ['The page at 14.4 times the budget can never fire.'],
			}),
		'/config/SLO/checkout-latency': (_, init) => {
			saved.push(JSON.parse(init?.body as string) as DocumentOf<'SLO'>);
			return objectiveAnswer('checkout-latency');
		},
	});
	// 60 of 4,000 were bad, 40 may be.
	await expect
		.element(screen.getByText(/events were good/))
		.toMatchTextContent(
			/98\.5 % of 4,000 events were good, the target is 99 %: −50 % of the budget left\. Its alerts over the last 7 days: would have fired 2×, 45 m in total, longest 30 m/,
		);
	await expect.element(screen.getByText(/can never fire/)).toBeVisible();
	await expectAccessible();
	await screen.getByRole('textbox', { name: /Target/ }).fill('98');
	await expect.element(screen.getByText(/events were good/)).toMatchTextContent(/25 % of the budget left/);
	expect(asked.toSorted()).toEqual(['(service:shop/checkout) (duration<1s -error:true)', 'service:shop/checkout']);
	await screen.getByRole('textbox', { name: /Target/ }).fill('120');
	await screen.getByRole('button', { name: 'Save' }).click();
	await expect.element(screen.getByRole('textbox', { name: /Target/ })).toHaveFocus();
	await expect.element(screen.getByText(/expected a percentage between 0 and 100/)).toBeVisible();
	await screen.getByRole('textbox', { name: /Target/ }).fill('98');
	await screen.getByRole('textbox', { name: /Time slices/ }).fill('90s');
	await screen.getByRole('textbox', { name: /Each good at/ }).fill('101');
	await expect.element(screen.getByText('expected whole minutes, such as 5m')).toBeVisible();
	await expect.element(screen.getByText('expected a percentage, such as 95')).toBeVisible();
	await screen.getByRole('textbox', { name: /Time slices/ }).fill('5 m');
	await screen.getByRole('textbox', { name: /Each good at/ }).fill('95 %');
	await expect
		.element(screen.getByText(/events were good/))
		.toMatchTextContent(/98\.5 % of 4,000 events were good; .*slices of time once it is saved\. Its alerts/);
	await screen.getByRole('button', { name: 'Save' }).click();
	await expect.poll(() => history.text).toBe(detailPath);
	expect(saved).toMatchObject([
		{
			metadata: { name: 'checkout-latency' },
			spec: {
				targetPercent: 98,
				window: { duration: '30d', rolling: true },
				timeSlice: { window: '5m', targetPercent: 95 },
			},
		},
	]);
});

test('burn rates: the usual ones are told, its own are made from them, a share of the budget is a rate', async () => {
	const saved: DocumentOf<'SLO'>[] = [];
	const { screen, history } = await openApp('/slos/new?total=service:shop/checkout', {
		...full,
		'/series': () => countSeries(1_000),
		'/backtest': () => backtestAnswer(),
		'/config/SLO/checkout-latency': (_, init) => {
			saved.push(JSON.parse(init?.body as string) as DocumentOf<'SLO'>);
			return objectiveAnswer('checkout-latency');
		},
	});
	await expect
		.element(screen.getByRole('list', { name: 'The usual burn rates' }))
		.toMatchTextContent(
			/Page at 14\.4× over 1.h and 5.m.*Page at 6× over 6.h and 30.m.*Ticket at 1× over 3.d and 6.h/s,
		);
	await screen.getByRole('combobox', { name: 'Tells when it burns' }).selectOptions('own');
	await screen.getByRole('button', { name: 'Remove burn rate 3' }).click();
	const second = screen.getByRole('group', { name: 'Burn rate 2' });
	await second.getByRole('combobox', { name: 'Urgency' }).selectOptions('ticket');
	await second.getByRole('textbox', { name: /^At/ }).fill('fast');
	await second.getByRole('textbox', { name: /^Over/ }).fill('90s');
	await expect.element(screen.getByText('expected a number such as 14.4, or a share such as 2 %')).toBeVisible();
	await expect.element(screen.getByText('90s: expected whole minutes, at most 30d')).toBeVisible();
	await expectAccessible();
	await screen.getByRole('button', { name: 'Save' }).click();
	await expect.element(second.getByRole('textbox', { name: /^(At|Over)/ }).first()).toHaveFocus();
	await second.getByRole('textbox', { name: /^At/ }).fill('10 %');
	await second.getByRole('textbox', { name: /^Over/ }).fill('1 d');
	await second.getByRole('textbox', { name: /^For/ }).fill('10 min');
	await screen.getByRole('button', { name: 'Save' }).click();
	await expect.poll(() => history.text).toBe(detailPath);
	expect(saved[0]?.spec.burnRates).toEqual([
		{ severity: 'page', rate: 14.4, long: '1h', short: '5m' },
		{ severity: 'ticket', rate: 3, long: '1d', short: '30m', for: '10m' },
	]);
});

/** The editor's code is loaded when the field is there. */
const slow = { timeout: 15_000 };

test('what counts and what is good are completed from what spans have, and a wrong one takes the focus', async () => {
	const tried: DocumentOf<'SLO'>['spec'][] = [];
	const { screen } = await openApp('/slos/new', {
		...full,
		'/series': () => countSeries(1_000),
		'/backtest': (_, init) => {
			tried.push((JSON.parse(init?.body as string) as { document: DocumentOf<'SLO'> }).document.spec);
			return backtestAnswer();
		},
		'/attributes/keys': () => ({ window: {}, keys: [{ key: 'http.route', scope: 'span', type: 'string', spans: 90 }] }),
		'/attributes/http.route/values': () => ({ window: {}, values: [{ value: '/pay', spans: 40 }] }),
	});
	await expect.poll(() => document.querySelectorAll('form .cm-content').length, slow).toBe(2);
	const total = screen.getByRole('searchbox', { name: /^Of which events/ });
	const good = screen.getByRole('searchbox', { name: /^Are good/ });
	for (const [field, before] of [
		[total, ''],
		[good, '{End} '],
	] as const) {
		await field.click();
		await userEvent.keyboard(`${before}http.ro`);
		await screen.getByRole('option', { name: /http\.route/ }).click();
		await screen.getByRole('option', { name: /\/pay/ }).click();
	}
	await expect
		.poll(() => tried.at(-1), slow)
		.toMatchObject({ total: 'http.route:"/pay"', good: 'duration<1s -error:true http.route:"/pay"' });
	await expectAccessible();
	await good.click();
	await userEvent.keyboard('{Control>}a{/Control}(');
	await total.click();
	await screen.getByRole('button', { name: 'Save' }).click();
	await expect.element(good).toHaveFocus();
});

test('on a phone, with words of strangers, nothing is wider than the page', async () => {
	await page.viewport(390, 844);
	try {
		const evil = `<img src=x onerror=alert(1)>${'x'.repeat(3_000)}\u202E`;
		const hostile = objectiveDetail({
			spenders: [{ key: evil, value: evil, bad: 1, badRatio: 1, score: 1 }],
			warnings: [evil],
		});
		if (hostile.document.kind === 'SLO') hostile.document.spec.total = evil;
		const { screen } = await openApp(detailPath, { ...full, [detailPath]: () => hostile });
		await expect.element(screen.getByRole('heading', { name: 'What spent it' })).toBeInTheDocument();
		expect(document.querySelector('img')).toBeNull();
		expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
		await expectAccessible();
	} finally {
		await page.viewport(1440, 900);
	}
});

test('over the budget stand deploys and firings of its window; where they can not be read, it says so', async () => {
	const day = 86_400_000;
	const asked: string[] = [];
	const answers = {
		...full,
		'/changes': (url: URL) => {
			asked.push(
				`${url.searchParams.get('service')} ${Number(url.searchParams.get('to')) - Number(url.searchParams.get('from'))}`,
			);
			return changesAnswer({ changes: [change({ tMs: NOW_MS - 12 * day, revision: '2.14.0' })] });
		},
		'/firings': () =>
			firingsAnswer({
				firings: [5, 5, 20].map((days, i) =>
					firing({ firingId: `f${i}`, kind: 'SLO', severity: 'page', startedMs: NOW_MS - days * day }),
				),
			}),
	};
	const { screen: shown, server } = await openApp(detailPath, answers);
	await expect.element(shown.getByRole('heading', { name: 'Error budget left' })).toBeVisible();
	const marks = () =>
		[...document.querySelectorAll('figure:has([aria-label*="Error budget left"]) .label')].map(
			(label) => label.textContent?.trim() ?? '',
		);
	await expect.poll(marks, { timeout: 15_000 }).toEqual(expect.arrayContaining(['2.14.0', '2 alerts', 'Page']));
	const { window, services } = objectiveDetail();
	expect(asked[0]).toBe(`${services.length === 1 ? services[0] : null} ${window.toMs - window.fromMs}`);
	await expectAccessible();
	server.answers = { ...answers, '/changes': storeAway };
	const { screen } = await openApp(detailPath, server.answers);
	await expect.element(screen.getByText('The changes of this time could not be read.')).toBeVisible();
});
