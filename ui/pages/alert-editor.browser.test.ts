import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { BacktestAnswer, Declared } from '../../schema/api-alerts.ts';
import type { DocumentOf } from '../../schema/desired-state.ts';
import {
	alertAnswer,
	alertDocument,
	alertSeriesAnswer,
	backtestAnswer,
	channelDocument,
	delivery,
	evaluationPoints,
	firingsAnswer,
} from '../testing/alert-answers.ts';
import { sessionAnswer } from '../testing/access-answers.ts';
import { never, problem, storeAway } from '../testing/fake-server.ts';
import { expectAccessible, openApp } from '../testing/open-app.ts';

/** Which version a request goes for: one that was seen, or `*` for none. */
function versionOf(init: RequestInit | undefined): string | null {
	const headers = new Headers(init?.headers);
	return headers.get('if-match') ?? headers.get('if-none-match');
}

const begun = '/alerts/new?q=service:shop/checkout&measure=p95&bound=800ms';

function server(answer: () => unknown = () => backtestAnswer()) {
	const tried: DocumentOf<'Alert'>[] = [];
	const saved: { path: string; ifMatch: string | null; note: string | null; document: DocumentOf<'Alert'> }[] = [];
	const answers = {
		'/backtest': (_: URL, init?: RequestInit) => {
			tried.push((JSON.parse(init?.body as string) as { document: DocumentOf<'Alert'> }).document);
			return answer();
		},
		'/config/documents': () => ({ documents: [channelDocument('oncall'), channelDocument('mail', { type: 'email' })] }),
		'/alerts/checkout-is-slow': () => alertAnswer('checkout-is-slow'),
		'/alerts/checkout-is-slow/series': () => alertSeriesAnswer(),
		'/firings': () => firingsAnswer(),
		'/deliveries': () => ({ deliveries: [delivery()] }),
		'/config/Alert/checkout-p95': (url: URL, init?: RequestInit) => save(url, init, 'checkout-p95'),
		'/config/Alert/checkout-is-slow': (url: URL, init?: RequestInit) => save(url, init, 'checkout-is-slow'),
	};
	const save = (url: URL, init: RequestInit | undefined, name: string) => {
		const document = JSON.parse(init?.body as string) as DocumentOf<'Alert'>;
		saved.push({
			path: url.pathname,
			ifMatch: versionOf(init),
			note: url.searchParams.get('note'),
			document,
		});
		return { ...alertAnswer(name), document, version: 4 };
	};
	return { tried, saved, answers };
}

test('a new rule is one sentence, tried on the past before it is saved', async () => {
	const { answers, tried, saved } = server();
	const { screen, history } = await openApp(begun, answers);
	await expect
		.element(screen.getByText(/Would have fired 1×/))
		.toMatchTextContent(/Would have fired 1×, 15 m in total, longest 15 m, no flaps/);
	await expect
		.element(screen.getByRole('combobox', { name: 'Channel' }))
		.toMatchTextContent(/whom the routes name.*mail.*oncall/);
	await expectAccessible();
	expect(tried).toHaveLength(1);
	await screen.getByRole('combobox', { name: 'Channel' }).selectOptions('oncall');
	await screen.getByRole('button', { name: 'Save' }).click();
	await expect.poll(() => history.text).toBe('/alerts/checkout-p95');
	expect(saved[0]).toMatchObject({
		ifMatch: '*',
		note: expect.stringMatching(
			/^Tried on the last 7d.*: would have fired 1×, 15\sm in total, longest 15\sm, no flaps$/,
		),
		document: {
			metadata: { name: 'checkout-p95' },
			spec: {
				query: 'service:shop/checkout',
				notify: ['oncall'],
				conditions: [{ severity: 'page', above: '800ms', for: '5m' }],
			},
		},
	});
	await expect.element(screen.getByText('Saved: checkout-p95')).toBeVisible();
});

test('the threshold moves by field, slider and suggestion, judged at once without asking again', async () => {
	const { answers, tried } = server();
	const { screen, history } = await openApp(begun, answers);
	await expect.element(screen.getByText(/Would have fired 1×/)).toBeVisible();
	await screen.getByRole('textbox', { name: 'Threshold' }).fill('1.3 s');
	await expect.element(screen.getByText('Would not have fired')).toBeVisible();
	expect(history.text).toContain('bound=1.3 s');
	const slider = screen.getByRole('slider', { name: 'Threshold, fires above' });
	slider.element().focus();
	await userEvent.keyboard('{Home}');
	await expect.element(screen.getByText(/Would have fired [1-9]/)).toBeVisible();
	await userEvent.keyboard('{End}');
	await expect.element(screen.getByText('Would not have fired')).toBeVisible();
	await screen.getByRole('button', { name: /Use 500 ms/ }).click();
	await expect.element(screen.getByRole('textbox', { name: 'Threshold' })).toHaveValue('500ms');
	await expect.element(screen.getByText(/Would have fired 1×/)).toBeVisible();
	expect(tried).toHaveLength(1);
	await screen.getByRole('combobox', { name: 'Measure' }).selectOptions('error rate');
	await expect.element(screen.getByRole('textbox', { name: 'Threshold' })).toHaveValue('5%');
	await expect.poll(() => tried.length).toBe(2);
});

test('groups are counted one by one, and warnings and the saved rule are told', async () => {
	const groups: BacktestAnswer['series'] = ['/a', '/b'].map((route, i) => ({
		group: { 'http.route': route },
		points: evaluationPoints(2_880).map((point) => ({ ...point, value: i === 0 ? point.value : 1 })),
		bands: [],
		tally: { firings: 0, totalMs: 0, longestMs: 0, flaps: 0, noDataRatio: 0 },
	}));
	const current = { firings: 11, totalMs: 7_500_000, longestMs: 1_200_000, flaps: 3, noDataRatio: 0 };
	const { answers } = server(() => backtestAnswer({ series: groups, current, suggested: null, seenMs: 3_600_000 }));
	const { screen } = await openApp(`${begun}&by=http.route`, answers);
	await expect.element(screen.getByRole('row', { name: /http\.route=\/a/ })).toMatchTextContent(/1.*15 m.*15 m.*0/s);
	await expect.element(screen.getByRole('row', { name: /http\.route=\/b/ })).toMatchTextContent(/0.*–.*–.*0/s);
	await expect.element(screen.getByText('As it is saved: 11×, 2 h 5 m in total, longest 20 m, 3 flaps')).toBeVisible();
	await expect.element(screen.getByText(/Only 1.h of 7.d were measured.*suggested from 24 h on/s)).toBeVisible();
	await screen.getByText(/^More:/).click();
	await screen.getByRole('textbox', { name: /At least/ }).fill('100000');
	await expect.element(screen.getByText(/It can never fire on this traffic/)).toBeVisible();
	await expectAccessible();
});

const routeTo = (name: string, spec: object): Declared => ({
	...channelDocument(name),
	document: {
		apiVersion: 'spanhouse.dev/v1',
		kind: 'Route',
		metadata: { name, labels: {}, annotations: {} },
		spec: {
			match: {},
			notify: [],
			groupBy: [],
			groupWait: '30s',
			groupInterval: '5m',
			repeatEvery: '4h',
			order: 0,
			continue: false,
			...spec,
		},
	},
});

test('a test goes to whom the rule would tell: by the routes that its alerts take, or by its own channels', async () => {
	const asked: string[] = [];
	const took = (name: string, answer: object) => () => {
		asked.push(name);
		return answer;
	};
	const { answers } = server();
	const routes = [
		routeTo('last', { order: 9, notify: ['mail'] }),
		routeTo('tickets', { match: { severity: 'ticket' }, notify: ['desk'] }),
		routeTo('pages', { match: { severity: 'page', service: 'shop/*' }, notify: ['oncall'], order: 1, continue: true }),
		routeTo('pay', { match: { 'http.route': '/pay' }, notify: ['pay'], order: 2 }),
	];
	const { screen } = await openApp(begun, {
		...answers,
		'/config/documents': (url: URL) =>
			url.searchParams.get('kind') === 'Route' ? { documents: routes } : answers['/config/documents'](),
		'/channels/mail/test': took('mail', { ok: false, status: 550, error: 'refused' }),
		'/channels/oncall/test': took('oncall', { ok: true, status: 200, error: null }),
	});
	await expect.element(screen.getByText('to mail, oncall, as the routes say.')).toBeVisible();
	await screen.getByRole('button', { name: 'Send test' }).click();
	const results = screen.getByRole('status', { name: 'How the test went' });
	await expect
		.element(results)
		.toMatchTextContent(/mail did not take the test: 550 refused.*oncall took the test: 200/s);
	expect(asked).toEqual(['mail', 'oncall']);
	await expectAccessible();
	await screen.getByRole('combobox', { name: 'Channel' }).selectOptions('oncall');
	await expect.element(screen.getByText('to oncall.')).toBeVisible();
	await screen.getByRole('button', { name: 'Send test' }).click();
	await expect.element(results).toMatchTextContent(/^\s*oncall took the test: 200\s*$/);
	expect(asked).toEqual(['mail', 'oncall', 'oncall']);
});

test('who is no admin is told so before a test is sent', async () => {
	const { answers } = server();
	const bo = { name: 'bo@example.com', role: 'editor' as const, projects: null };
	const { screen } = await openApp(begun, {
		...answers,
		'/session': () => sessionAnswer({ user: bo }),
		'/config/documents': () => ({ documents: [routeTo('all', { notify: ['oncall'] })] }),
	});
	await expect
		.element(screen.getByText(/to oncall, as the routes say\..*Only an admin can send a test\./s))
		.toBeVisible();
	await expect.element(screen.getByRole('button', { name: 'Send test' })).toBeDisabled();
	await expectAccessible();
});

test('where a channel depends on the group of an alert, or no route takes it, that is said', async () => {
	const { answers } = server();
	const routes = [routeTo('pay', { match: { 'http.route': '/pay' }, notify: ['pay'] })];
	const { screen } = await openApp(`${begun}&by=http.route`, {
		...answers,
		'/config/documents': (url: URL) => ({ documents: url.searchParams.get('kind') === 'Route' ? routes : [] }),
	});
	await expect
		.element(screen.getByText(/nobody would be told\..*may follow from http\.route of an alert/s))
		.toBeVisible();
	await expect.element(screen.getByRole('button', { name: 'Send test' })).toBeDisabled();
});

test('what is wrong is told by its field, nothing is saved, and the field gets the focus', async () => {
	const { answers, saved } = server();
	const { screen } = await openApp(begun, answers);
	await screen.getByRole('textbox', { name: 'Threshold' }).fill('fast');
	await expect.element(screen.getByText(/expected a duration with its unit, such as 800ms/)).toBeVisible();
	await screen.getByRole('button', { name: 'Save' }).click();
	await expect.element(screen.getByRole('textbox', { name: 'Threshold' })).toHaveFocus();
	expect(saved).toEqual([]);
	await expectAccessible();
});

test('somebody else was faster: said, with both ways out', async () => {
	const { answers, saved } = server();
	let isFirst = true;
	const { screen, history } = await openApp('/alerts/checkout-is-slow?edit=1', {
		...answers,
		'/alerts/checkout-is-slow': () => alertAnswer('checkout-is-slow', { version: isFirst ? 3 : 7 }),
		'/config/Alert/checkout-is-slow': (url: URL, init?: RequestInit) => {
			if (!isFirst) return answers['/config/Alert/checkout-is-slow'](url, init);
			isFirst = false;
			return problem(412, 'VERSION_CONFLICT', 'it has version 7');
		},
	});
	await screen.getByRole('textbox', { name: 'Threshold' }).fill('900ms');
	await screen.getByRole('button', { name: 'Save' }).click();
	await expect.element(screen.getByText(/was saved in the meantime/)).toBeVisible();
	await expectAccessible();
	await screen.getByRole('button', { name: 'Save mine over it' }).click();
	await expect.poll(() => history.text).toBe('/alerts/checkout-is-slow');
	expect(saved.map(({ ifMatch }) => ifMatch)).toEqual(['"7"']);
});

test('a rule of a source is only overridden, for a time and a reason', async () => {
	const { answers } = server();
	const owned = { source: 'platform', file: 'alerts/checkout.yaml', line: 12 };
	const { screen } = await openApp('/alerts/checkout-is-slow', {
		...answers,
		'/alerts/checkout-is-slow': () => alertAnswer('checkout-is-slow', { owner: owned }),
	});
	await expect.element(screen.getByText(/Declared in/)).toMatchTextContent(/alerts\/checkout\.yaml:12 of platform/);
	await expect.element(screen.getByRole('button', { name: 'Remove' })).not.toBeInTheDocument();
	await screen.getByRole('button', { name: 'Override…' }).click();
	await expect.element(screen.getByRole('button', { name: 'Override' })).toBeDisabled();
	await screen.getByRole('textbox', { name: 'because' }).fill('sale');
	await expect.element(screen.getByRole('button', { name: 'Override' })).toBeEnabled();
	await expectAccessible();
});

test('a rule: in words, measured, its groups, firings and notifications', async () => {
	const { answers } = server();
	const { screen } = await openApp('/alerts/checkout-is-slow?t=24h', answers);
	await expect
		.element(screen.getByText(/^Tells/))
		.toMatchTextContent(/Tells oncall when p95 above 800 ms for 5 of 6 of service:shop\/checkout/);
	await expect
		.element(screen.getByRole('region', { name: 'Groups' }))
		.toMatchTextContent(/all together.*Firing.*Page.*1\.24 s.*800 ms.*12 m ago/s);
	await expect
		.element(screen.getByRole('region', { name: 'Firings' }))
		.toMatchTextContent(/12 m ago.*Firing.*Page.*50 m ago.*Resolved.*19 m.*mara/s);
	await expect
		.element(screen.getByRole('region', { name: 'Notifications' }))
		.toMatchTextContent(/oncall.*Delivered.*1.*200/s);
	await expect.element(screen.getByText(/1 of the windows changed after they were evaluated/)).toBeVisible();
	expect(document.querySelectorAll('svg .foot')).toHaveLength(2);
	await expectAccessible();
});

test('a rule with more groups than are listed says how many', async () => {
	const { answers } = server();
	const { screen } = await openApp('/alerts/checkout-is-slow', {
		...answers,
		'/alerts/checkout-is-slow': () => alertAnswer('checkout-is-slow', { groupsOf: 1_500, groupsFiring: 1_240 }),
	});
	await expect.element(screen.getByText('1 of 1,500: those that fire come first.')).toBeVisible();
});

test('a rule that is not there', async () => {
	const path = '/alerts/checkout-is-slow';
	const { screen } = await openApp(path, { [path]: () => problem(404, 'NO_ALERT', 'no') });
	await expect.element(screen.getByText('No alert is called checkout-is-slow')).toBeVisible();
	await expectAccessible();
});

test('a rule that cannot be read', async () => {
	const path = '/alerts/checkout-is-slow';
	const { screen } = await openApp(path, { [path]: storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer/);
	await expectAccessible();
});

test('a rule that is waited for', async () => {
	const path = '/alerts/checkout-is-slow';
	await openApp(path, { [path]: never });
	await expect.poll(() => document.querySelectorAll('.waiting .skeleton').length).toBe(3);
	await expectAccessible();
});

test('removing offers to undo', async () => {
	const { answers } = server();
	const asked: string[] = [];
	const { screen, history } = await openApp('/alerts/checkout-is-slow', {
		...answers,
		'/alerts': () => ({ alerts: [], blind: false, watermarkMs: 0 }),
		'/config/Alert/checkout-is-slow': (_: URL, init?: RequestInit) => {
			asked.push(`${init?.method} ${versionOf(init)}`);
			return init?.method === 'DELETE' ? new Response(null, { status: 204 }) : alertAnswer('checkout-is-slow');
		},
	});
	await screen.getByRole('button', { name: 'Remove' }).click();
	await expect.poll(() => history.text).toBe('/alerts');
	await screen.getByRole('button', { name: 'Undo' }).click();
	await expect.poll(() => asked).toEqual(['DELETE "3"', 'PUT *']);
});

test('hostile words stay text, and nothing is wider than a phone', async () => {
	await page.viewport(390, 844);
	try {
		const evil = `<img src=x onerror=alert(1)>${'x'.repeat(3_000)}\u202E`;
		const document = alertDocument('checkout-is-slow', {
			query: evil,
			groupBy: [evil.slice(0, 200)],
			notify: [evil.slice(0, 150)],
		});
		document.metadata.annotations = { summary: evil, runbook: 'javascript:alert(1)' };
		const { answers } = server();
		const { screen } = await openApp('/alerts/checkout-is-slow', {
			...answers,
			'/alerts/checkout-is-slow': () => alertAnswer('checkout-is-slow', { document, author: evil }),
		});
		await expect.element(screen.getByText(/^Tells/)).toBeInTheDocument();
		expect(document.metadata.annotations.runbook).toBeDefined();
		expect(globalThis.document.querySelector('main img, a[href^="javascript"]')).toBeNull();
		expect(globalThis.document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
		await screen.getByRole('button', { name: 'Edit' }).click();
		await expect.element(screen.getByRole('heading', { name: 'What it would have done' })).toBeVisible();
		expect(globalThis.document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
		await expectAccessible();
	} finally {
		await page.viewport(1440, 900);
	}
});

/** The editor's code is loaded when the field is there. */
const slow = { timeout: 15_000 };

test('the query is completed from what spans have, and a wrong one takes the focus when the rule is saved', async () => {
	const { answers, tried, saved } = server();
	const { screen } = await openApp('/alerts/new?measure=p95&bound=800ms', {
		...answers,
		'/attributes/keys': () => ({ window: {}, keys: [{ key: 'http.route', scope: 'span', type: 'string', spans: 90 }] }),
		'/attributes/http.route/values': () => ({ window: {}, values: [{ value: '/pay', spans: 40 }] }),
	});
	await expect.poll(() => document.querySelector('.cm-content'), slow).not.toBeNull();
	const field = screen.getByRole('searchbox', { name: 'Of which spans, in the search language' });
	await field.click();
	await userEvent.keyboard('http.ro');
	await screen.getByRole('option', { name: /http\.route/ }).click();
	await screen.getByRole('option', { name: /\/pay/ }).click();
	await expect.poll(() => tried.at(-1)?.spec.query.trim(), slow).toBe('http.route:"/pay"');
	// What was judged before is paler while that is judged.
	await expect.poll(() => document.querySelector('.stale'), slow).toBeNull();
	await expectAccessible();
	await field.click();
	await userEvent.keyboard('{Control>}a{/Control}(');
	await screen.getByRole('button', { name: 'Save' }).click();
	await expect.element(field).toHaveFocus();
	expect(saved).toEqual([]);
});

test('a rule is duplicated: everything of it but its name, saved as a new one', async () => {
	const { answers, saved } = server();
	const { screen, history } = await openApp('/alerts/checkout-is-slow', {
		...answers,
		'/config/Alert/checkout-is-slow-copy': (url: URL, init?: RequestInit) => {
			const document = JSON.parse(init?.body as string) as DocumentOf<'Alert'>;
			saved.push({ path: url.pathname, ifMatch: versionOf(init), document });
			return { ...alertAnswer('checkout-is-slow-copy'), document, version: 1 };
		},
		'/alerts/checkout-is-slow-copy': () => alertAnswer('checkout-is-slow-copy'),
	});
	await screen.getByRole('link', { name: 'Duplicate' }).click();
	await screen.getByRole('button', { name: 'Save' }).click();
	await expect.poll(() => history.text, slow).toBe('/alerts/checkout-is-slow-copy');
	expect(saved).toMatchObject([
		{
			ifMatch: '*',
			document: { metadata: { name: 'checkout-is-slow-copy' }, spec: alertDocument('checkout-is-slow').spec },
		},
	]);
});
