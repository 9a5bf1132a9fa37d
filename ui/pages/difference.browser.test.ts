import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import {
	countAnswer,
	instancesAnswer,
	operationsAnswer,
	redAnswer,
	servicesAnswer,
	tracesAnswer,
} from '../testing/answers.ts';
import { firingDetail } from '../testing/alert-answers.ts';
import { deployAnswer } from '../testing/change-answers.ts';
import { issueAnswer, nPlusOne } from '../testing/issue-answers.ts';
import { objectiveDetail } from '../testing/objective-answers.ts';
import { differenceAnswer, facetsAnswer, searchHistogramAnswer } from '../testing/search-answers.ts';
import { seriesAnswer } from '../testing/series-answers.ts';
import { NOW_MS } from '../testing/now.ts';
import { expectAccessible, openApp } from '../testing/open-app.ts';
import type { DifferenceBody } from '../../schema/api-difference.ts';
import { storeAway } from '../testing/fake-server.ts';
import type { Answers } from '../testing/fake-server.ts';

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;
const hour = { from: String(NOW_MS - HOUR_MS), to: String(NOW_MS) };
const instance = instancesAnswer().instances[0]?.instance ?? '';
const firing = firingDetail();

const SERVICE = {
	'/services': () => servicesAnswer(),
	'/red': () => redAnswer(),
	'/operations': () => operationsAnswer(),
	'/instances': () => instancesAnswer(),
};

/** From where, with which name, and which two sides the link means. */
const wasted = issueAnswer({
	issue: nPlusOne(),
	merged: [{ issueId: 'c'.repeat(16), title: 'SELECT 2', count: 1, lastMs: null }],
});
const WAYS: readonly (readonly [from: string, address: string, answers: Answers, name: string, sides: object])[] = [
	[
		'a line and its row',
		'/explore?by=service&q=env:prod',
		{ '/series': () => seriesAnswer() },
		'What is different about shop/checkout',
		{ q: 'env:prod entry:true', pick: 'service:shop/checkout', ...hour },
	],
	[
		'a row without the value',
		'/explore?by=service',
		{ '/series': () => seriesAnswer() },
		'What is different about (none)',
		{ q: 'entry:true', pick: '-service:*', ...hour },
	],
	[
		'a window beside the one before',
		'/services/shop%2Fcheckout',
		SERVICE,
		'What is different',
		{
			q: 'service:shop/checkout entry:true',
			brush: `${NOW_MS - HOUR_MS},${NOW_MS},,`,
			from: String(NOW_MS - 2 * HOUR_MS),
			to: String(NOW_MS),
		},
	],
	[
		'a window beside the one seven days earlier',
		'/services/shop%2Fcheckout?cmp=7d',
		SERVICE,
		'What is different',
		{
			q: 'service:shop/checkout entry:true',
			against: `${NOW_MS - HOUR_MS - WEEK_MS},${NOW_MS - WEEK_MS}`,
			cmp: '7d',
			...hour,
		},
	],
	[
		'one of the instances',
		'/services/shop%2Fcheckout?tab=instances',
		SERVICE,
		`What is different about ${instance}`,
		{ q: 'service:shop/checkout entry:true', pick: `instance:${instance}`, ...hour },
	],
	[
		'a version beside the others',
		'/deploys/shop%2Fcheckout/2.14.0',
		{ '/deploys/shop%2Fcheckout/2.14.0': () => deployAnswer() },
		'What is different',
		{
			q: 'service:shop/checkout entry:true',
			pick: 'version:2.14.0',
			env: 'production',
			from: String(NOW_MS - 1_080_000),
			to: String(NOW_MS),
		},
	],
	[
		'an exception',
		`/issues/${issueAnswer().issue.issueId}`,
		{ [`/issues/${issueAnswer().issue.issueId}`]: () => issueAnswer() },
		'What is different',
		{
			q: 'service:shop/payment operation:"POST /charge"',
			pick: 'event.exception.type:StripeTimeout',
			...hour,
		},
	],
	[
		'wasted time, found in traces, and what was merged into it',
		`/issues/${wasted.issue.issueId}`,
		{ [`/issues/${wasted.issue.issueId}`]: () => wasted },
		'What is different',
		{
			q: 'service:shop/cart operation:"GET /cart"',
			pick: `trace.issue:(${'b'.repeat(16)} OR ${'c'.repeat(16)})`,
			...hour,
		},
	],
	[
		'the bad events of an objective',
		'/slos/checkout-latency',
		{ '/slos/checkout-latency': () => objectiveDetail() },
		'What is different',
		{
			q: '(service:shop/checkout) entry:true',
			pick: 'NOT (duration<1s -error:true)',
			from: String(objectiveDetail().window.fromMs),
			to: String(objectiveDetail().window.toMs),
		},
	],
	[
		'a firing beside the hour before it',
		`/firings/${firing.firingId}`,
		{ [`/firings/${firing.firingId}`]: () => firing },
		'Look again',
		{
			q: firing.query,
			brush: `${firing.startedMs},${firing.endedMs ?? NOW_MS},,`,
			from: String(firing.startedMs - HOUR_MS),
			to: String(firing.endedMs ?? NOW_MS),
		},
	],
];

test.each(WAYS)('what is different starts from %s', async (_, address, answers, name, sides) => {
	const { screen } = await openApp(address, answers);
	const link = screen.getByRole('link', { name, exact: true });
	await expect.element(link).toBeVisible();
	const url = new URL((link.element() as HTMLAnchorElement).href);
	expect(url.pathname).toBe('/traces');
	expect(Object.fromEntries(url.searchParams)).toEqual(sides);
});

const asked: DifferenceBody[] = [];
const search = {
	'/services': () => servicesAnswer(),
	'/attributes/facets': facetsAnswer,
	'/latency-histogram': () => searchHistogramAnswer(),
	'/difference': (_: URL, init: RequestInit | undefined) => {
		asked.push(JSON.parse(init?.body as string) as DifferenceBody);
		return differenceAnswer();
	},
	'/traces': () => tracesAnswer(),
	'/count': () => countAnswer(1204),
};

const issuePath = `/issues/${issueAnswer().issue.issueId}`;
const ofIssue = { [issuePath]: () => issueAnswer() };

test('an issue: what parts its spans most from others stands on it', async () => {
	const bodies: DifferenceBody[] = [];
	const answer = (_: URL, init: RequestInit | undefined) => {
		bodies.push(JSON.parse(init?.body as string) as DifferenceBody);
		const { attributes, ...more } = differenceAnswer();
		const failed = ['error', 'error.type', 'event.exception.message'].map((key) => ({ ...attributes[0], key }));
		return { ...more, attributes: [...failed, ...attributes] };
	};
	const { screen } = await openApp(`${issuePath}?t=3h`, { ...ofIssue, '/difference': answer });
	const table = screen.getByRole('region', { name: 'What is different', exact: true });
	await expect
		.element(table.getByRole('row').nth(1))
		.toMatchTextContent(/^\s*version v92\s*98\.1\s% 404\s*12\s% 4,574/);
	// Neither what every failure has, nor what is rarer here or chance could do, nor numbers.
	expect(table.getByRole('row').elements()).toHaveLength(3);
	await expect.element(screen.getByText(/^412 spans with it against 38,120 others/)).toBeVisible();
	expect(bodies).toEqual([
		{
			query: 'service:shop/payment operation:"POST /charge"',
			selection: { query: 'event.exception.type:StripeTimeout' },
			from: 'now-3h',
			to: 'now',
		},
	]);
	const link = table.getByRole('link', { name: 'version v92' }).element() as HTMLAnchorElement;
	expect(new URL(link.href).searchParams.get('q')).toBe('service:shop/payment operation:"POST /charge" version:v92');
	await expectAccessible();
});

test('an issue whose spans can not be compared, or with nothing to compare, says so', async () => {
	const { screen, server } = await openApp(issuePath, { ...ofIssue, '/difference': storeAway });
	await expect.element(screen.getByText(/They could not be compared: .*ClickHouse did not answer/)).toBeVisible();
	server.answers = { ...ofIssue, '/difference': () => differenceAnswer({ rest: 0 }) };
	await screen.getByRole('button', { name: 'Compare again' }).click();
	await expect.element(screen.getByText(/^Every span of its operation has it/)).toBeVisible();
});

test('picked spans: told from the others, listed, and the way there can be gone back', async () => {
	const opened = await openApp('/traces?q=service:shop/checkout error:true&pick=version:v92', search);
	const { screen, history, server } = opened;
	const panel = screen.getByRole('region', { name: 'What is different' });
	await expect.element(panel.getByText('version:v92', { exact: true })).toBeVisible();
	await expect
		.poll(() => asked.at(-1))
		.toMatchObject({
			query: 'service:shop/checkout error:true',
			selection: { query: 'version:v92' },
		});
	const listed = () => server.asked.findLast((url) => url.pathname.endsWith('/traces'))?.searchParams.get('q');
	expect(listed()).toBe('service:shop/checkout error:true version:v92');
	await expectAccessible();
	await panel
		.getByRole('button', { name: /^Exclude http|^Only db\.query\.text/ })
		.first()
		.click();
	await expect.poll(() => asked.at(-1)?.query).toMatch(/^service:shop\/checkout error:true db\.query\.text:/);
	expect(asked.at(-1)?.selection).toEqual({ query: 'version:v92' });
	await panel.getByRole('button', { name: 'service:shop/checkout', exact: true }).click();
	expect(history.text).toBe('/traces?q=service:shop/checkout&pick=version:v92');
	await panel.getByRole('button', { name: 'Clear selection' }).click();
	expect(history.text).toBe('/traces?q=service:shop/checkout');
	await expect.element(panel).not.toBeInTheDocument();
});

test('two windows that do not touch: one against the other, until that is cleared', async () => {
	const against = { fromMs: NOW_MS - HOUR_MS - WEEK_MS, toMs: NOW_MS - WEEK_MS };
	const address = `/traces?from=${hour.from}&to=${hour.to}&against=${against.fromMs},${against.toMs}`;
	const { screen, history } = await openApp(address, search);
	const panel = screen.getByRole('region', { name: 'What is different' });
	await expect.element(panel.getByRole('status')).toMatchTextContent(/of this time.*of 2026-11-16 11:00 – 12:00 UTC/s);
	expect(asked.at(-1)).toMatchObject({ ...hour, against, selection: {} });
	await expectAccessible();
	await panel.getByRole('button', { name: 'Clear selection' }).click();
	expect(history.text).toBe(`/traces?from=${hour.from}&to=${hour.to}`);
});

test('two traces are chosen, by x or by their buttons, and compared; the same one again takes it back', async () => {
	const { screen, history } = await openApp('/traces', search);
	await expect.element(screen.getByText('no root')).toBeVisible();
	await userEvent.keyboard('jx');
	const [first, second] = ['1', '2'].map((digit) => digit.padStart(32, '0'));
	expect(history.text).toBe(`/traces?with=${first}`);
	await expect.element(screen.getByText(/choose another trace/)).toBeVisible();
	await expectAccessible();
	await userEvent.keyboard('x');
	expect(history.text).toBe('/traces');
	await userEvent.keyboard('x');
	await screen
		.getByRole('button', { name: /^Compare .* \(x\)/ })
		.nth(1)
		.click();
	expect(history.text).toMatch(new RegExp(`^/compare/${first}/${second}\\?ata=\\d+&atb=\\d+$`));
});
