import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { alertAnswer, delivery, firingDetail, groupState } from '../testing/alert-answers.ts';
import { declaredAnswers } from '../testing/declared-answers.ts';
import { never, problem, storeAway } from '../testing/fake-server.ts';
import { NOW_MS } from '../testing/now.ts';
import { expectAccessible, openApp } from '../testing/open-app.ts';
import type { Evidence, FiringDetail } from '../../schema/api-alerts.ts';

const path = '/firings/firing-1';
const full = {
	[path]: () => firingDetail(),
	'/alerts/checkout-is-slow': () =>
		alertAnswer('checkout-is-slow', { groups: [groupState({ value: 640e6, state: 'recovering' })] }),
	'/deliveries': () => ({
		deliveries: [
			delivery(),
			delivery({ key: '2', channel: 'mail', state: 'failed', lastStatus: 550, lastError: 'refused' }),
		],
	}),
};
const text = () => document.querySelector('article')?.textContent?.replaceAll(/\s+/g, ' ') ?? '';

test('what, whom it hit, what is different, what changed, traces, all without a click', async () => {
	const { screen } = await openApp(path, full);
	await expect
		.element(screen.getByRole('heading', { level: 1 }))
		.toMatchTextContent('p95 of POST /checkout is 1.24 s, above 800 ms');
	await expect.element(screen.getByText('640 ms')).toBeVisible();
	expect(text()).toMatch(
		/When it fired ?1\.24 s ?threshold 800 ms ?Now ?640 ms ?recovering for 12 m ?Requests hit ?312 ?25 % of 1,248.*Users hit ?57/,
	);
	await expect
		.element(screen.getByRole('region', { name: 'What is different' }))
		.toMatchTextContent(/payment\.provider acme.*93 %.*290.*4 %.*40.*service\.version v92.*100 %.*64 %/s);
	expect(text()).toMatch(/deploy of v92 ?shop\/checkout, 3 m before it fired/);
	expect(text()).toMatch(/One that violates ?1\.9 s.*One that does not ?310 ms/);
	expect(text()).toMatch(/error rate of payment is 12 % ?is called by this/);
	expect(text()).toMatch(/looking at the provider.*mara, 8 m ago/);
	expect(text()).toMatch(/Pending.*Fired p95 is 1\.24 s.*Told oncall/);
	await expect
		.element(screen.getByRole('region', { name: 'Notifications' }))
		.toMatchTextContent(/mail.*Failed.*550 refused/s);
	await expectAccessible();
});

test('where nearly all spans violate, it says that the hour before is compared with, or that there is nothing to compare', async () => {
	const { evidence } = firingDetail();
	let comparedWith: Evidence['comparedWith'] = 'hourBefore';
	const answers = { ...full, [path]: () => firingDetail({ evidence: { ...evidence!, comparedWith } }) };
	const { screen } = await openApp(path, answers);
	await expect
		.element(screen.getByRole('region', { name: 'What is different' }))
		.toMatchTextContent(/Since it began ?The hour before.*acme ?93 %/s);
	expect(text()).toMatch(/over all spans since it began, against the hour before/);
	await expectAccessible();
	comparedWith = 'nothing';
	const { screen: other } = await openApp(path, answers);
	await expect.element(other.getByText(/There is nothing to compare with/)).toBeVisible();
});

test('links show the time of the firing, whatever range the screen has', async () => {
	const { screen } = await openApp(`${path}?t=5m`, full);
	const [from, to] = [NOW_MS - 72 * 60_000, NOW_MS];
	const query = 'service:shop/checkout operation:"POST /checkout" duration>800ms';
	await expect
		.element(screen.getByRole('link', { name: 'Traces', exact: true }).last())
		.toHaveAttribute('href', `/traces?${new URLSearchParams({ q: query, from: String(from), to: String(to) })}`);
	const more = `${query} payment.provider:acme`;
	await expect
		.element(screen.getByRole('link', { name: 'payment.provider acme' }))
		.toHaveAttribute('href', `/traces?${new URLSearchParams({ q: more, from: String(from), to: String(to) })}`);
	const at = NOW_MS - 13 * 60_000;
	await expect
		.element(screen.getByRole('link', { name: 'Compare the two' }))
		.toHaveAttribute('href', `/compare/${'b'.repeat(32)}/${'a'.repeat(32)}?t=5m&ata=${at}&atb=${at}`);
});

test('acknowledge by key, silence for a time, and a note', async () => {
	const asked: string[] = [];
	let firing = firingDetail({ group: { 'http.route': '/pay' } });
	const note = (change: Partial<FiringDetail>) => (url: URL, init?: RequestInit) => {
		asked.push(`${url.pathname.split('/').at(-1)} ${init?.body as string}`);
		firing = { ...firing, ...change };
		return firing;
	};
	const { screen } = await openApp(path, {
		...full,
		[path]: () => firing,
		[`${path}/ack`]: note({ acknowledged: { tMs: NOW_MS, author: 'mara', text: '' } }),
		[`${path}/notes`]: note({ notes: [{ tMs: NOW_MS, author: 'mara', text: 'restarted it' }] }),
		'/silences': note({ silencedUntilMs: NOW_MS + 4 * 3_600_000 }),
	});
	await expect.element(screen.getByRole('button', { name: 'Acknowledge' })).toBeVisible();
	await userEvent.keyboard('{Shift>}A{/Shift}');
	await expect.element(screen.getByText('mara looks after it')).toBeVisible();
	await screen.getByRole('combobox', { name: 'Silence' }).selectOptions('for 4 h');
	await expect.element(screen.getByText(/Silent, ends in 4.h/)).toBeVisible();
	await screen.getByRole('textbox', { name: /A note/ }).fill('restarted it');
	await screen.getByRole('button', { name: 'Add note' }).click();
	await expect.element(screen.getByText('restarted it')).toBeVisible();
	expect(asked).toEqual([
		'ack {"text":""}',
		'silences {"match":{"http.route":"/pay","alert":"checkout-is-slow"},"forMs":14400000,"reason":"Muted on the screen"}',
		'notes {"text":"restarted it"}',
	]);
});

test('evidence that is not gathered yet', async () => {
	const bare = firingDetail({ evidence: null, points: [], notes: [], timeline: [] });
	const { screen } = await openApp(path, { ...full, [path]: () => bare });
	await expect.element(screen.getByText(/is being gathered/)).toBeVisible();
	await expectAccessible();
});

test('not readable, then there', async () => {
	const { screen, server } = await openApp(path, { [path]: storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer/);
	await expectAccessible();
	server.answers = full;
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.element(screen.getByRole('heading', { level: 1 })).toBeVisible();
});

test('one that is gone', async () => {
	const { screen } = await openApp(path, { [path]: () => problem(404, 'NO_FIRING', 'no') });
	await expect.element(screen.getByText('There is no such firing')).toBeVisible();
	await expectAccessible();
});

test('waited for', async () => {
	await openApp(path, { [path]: never });
	await expect.poll(() => document.querySelectorAll('.waiting .skeleton').length).toBe(4);
	await expectAccessible();
});

test('evidence and events that are cut are told', async () => {
	const evidence = { ...firingDetail().evidence!, partial: { reason: 'read for 10 s', seen: 100, of: 400 } };
	const cut = { reason: 'the newest is told', seen: 1000, of: 1204, what: 'events' };
	const { screen } = await openApp(path, { ...full, [path]: () => firingDetail({ evidence, partial: cut }) });
	await expect.element(screen.getByText('Showing 100 of 400 spans that violated.')).toBeVisible();
	await expect.element(screen.getByText('Showing 1,000 of 1,204 events.')).toBeVisible();
});

test('whole on a phone, with words of strangers', async () => {
	await page.viewport(390, 844);
	try {
		const evil = `<img src=x onerror=alert(1)>${'x'.repeat(3_000)}\u202E`;
		const base = firingDetail();
		const hostile = firingDetail({
			title: evil,
			group: { [evil]: evil },
			services: [evil],
			query: evil,
			notes: [{ tMs: NOW_MS, author: evil, text: evil }],
			timeline: [{ tMs: NOW_MS, kind: 'note', text: evil, author: evil }],
			acknowledged: { tMs: NOW_MS, author: evil, text: evil },
			evidence: {
				...base.evidence,
				differences: [{ ...base.evidence!.differences[0], key: evil, value: evil }],
				change: { changeId: 'c', title: evil, service: evil, tMs: NOW_MS },
				violating: { ...base.evidence!.violating!, operation: evil },
				related: [{ firingId: 'x', title: evil, direction: 'upstream' }],
			},
		});
		const { screen } = await openApp(path, { ...full, [path]: () => hostile });
		await expect.element(screen.getByRole('heading', { level: 1 })).toBeInTheDocument();
		expect(document.querySelector('img')).toBeNull();
		expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
		await expectAccessible();
	} finally {
		await page.viewport(1440, 900);
	}
});

test('whose services it is about, their runbook, and declared links with its time and its trace', async () => {
	const { screen } = await openApp(path, { ...full, ...declaredAnswers });
	await expect.element(screen.getByText('team shop')).toBeVisible();
	const links = screen.getByRole('list', { name: 'Elsewhere' }).getByRole('link');
	await expect
		.poll(() => links.elements().map((link) => link.getAttribute('href')))
		.toEqual([
			'https://runbooks.example/checkout',
			`https://logs.example/?q=${'a'.repeat(32)}&from=${NOW_MS - 72 * 60_000}&to=${NOW_MS}`,
		]);
	await expectAccessible();
});
