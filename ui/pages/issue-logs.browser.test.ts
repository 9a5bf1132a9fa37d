/** What a trace logged around an exception: the four states, and the way to all of it. */
import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { never, problem } from '../testing/fake-server.ts';
import { issue, issueAnswer, nPlusOne } from '../testing/issue-answers.ts';
import { logRow } from '../testing/log-answers.ts';
import { NOW_MS } from '../testing/now.ts';
import { expectAccessible, openApp } from '../testing/open-app.ts';
import { spanDetail } from '../testing/trace-answers.ts';

const traceId = '1'.repeat(32);
const spanId = '1'.repeat(16);
const path = `/issues/${issue('a').issueId}`;
const thrown = BigInt(NOW_MS - 61_000) * 1_000_000n;
const LOGS = `/traces/${traceId}/logs`;
const answers = {
	[path]: () => issueAnswer(),
	[`/traces/${traceId}/spans/${spanId}`]: () => ({
		...spanDetail({ id: 1n, start: 0, end: 1e9, name: 'POST /charge' }),
		events: [
			{
				timeUnixNano: String(thrown),
				name: 'exception',
				attributes: [{ key: 'exception.type', value: { stringValue: 'StripeTimeout' } }],
				droppedAttributes: 0,
			},
		],
	}),
};
const some = () => ({
	logs: [
		logRow(thrown - 1_500_000_000n, 'asking the bank', { spanId }),
		logRow(thrown - 2_000_000n, 'no answer', { severity: 13, severityText: 'WARN', service: 'bank', namespace: '' }),
		logRow(thrown, 'gave up', { severity: 17, severityText: 'ERROR', spanId }),
		logRow(thrown + 40_000n, 'sent 504'),
	],
	truncated: true,
});

test('logs around an exception: nearest first asked, by time, and what follows is told apart', async () => {
	const { screen, server } = await openApp(path, { ...answers, [LOGS]: some });
	const box = screen.getByRole('region', { name: 'Logs around the exception' });
	await expect.element(box.getByText('asking the bank')).toBeVisible();
	const asked = server.asked.find((url) => url.pathname.endsWith('/logs'));
	expect(Object.fromEntries(asked?.searchParams ?? [])).toEqual({
		at: String(NOW_MS - 60_000),
		around: String(thrown),
		limit: '20',
	});
	const rows = [...box.element().querySelectorAll('tbody tr')];
	const texts = rows.map((row) => [...row.children].map((cell) => cell.textContent?.replaceAll('\u00a0', ' ').trim()));
	expect(texts).toEqual([
		['−1.5 s', 'INFO', 'shop/payment', 'asking the bank'],
		['−2 ms', 'WARN', 'bank', 'no answer'],
		['+0', 'ERROR', 'shop/payment', 'gave up'],
		['+40 µs', 'INFO', 'shop/payment', 'sent 504'],
	]);
	expect(rows.map((row) => row.classList.contains('first'))).toEqual([false, false, true, false]);
	await expect.element(screen.getByText('the 20 nearest; the trace has more')).toBeVisible();
	await expect
		.element(screen.getByRole('link', { name: 'All logs of the trace' }))
		.toHaveAttribute('href', `/trace/${traceId}?at=${NOW_MS - 60_000}&span=${spanId}&v=logs&moment=${thrown}`);
	await expectAccessible();
});

test('no logs: why', async () => {
	await openApp(path, { ...answers, [LOGS]: () => ({ logs: [], truncated: false }) });
	await expect.element(page.getByText(/No log record of this trace was kept\./)).toBeVisible();
	expect(document.querySelector('[href*="v=logs"]')).toBeNull();
	await expectAccessible();
});

test('while they are read there is room for them; what fails is told and asked again', async () => {
	const { screen, server } = await openApp(path, { ...answers, [LOGS]: never });
	await expect.element(screen.getByRole('heading', { name: 'Logs around it' })).toBeVisible();
	await expectAccessible();
	await screen.unmount();
	const failing = await openApp(path, { ...answers, [LOGS]: () => problem(503, 'STORE_AWAY', 'ClickHouse is away') });
	await expect.element(failing.screen.getByRole('alert').getByText(/ClickHouse is away/)).toBeVisible();
	await expect
		.element(failing.screen.getByRole('heading', { name: 'Logs could not be read', exact: true }))
		.toBeVisible();
	failing.server.answers = { ...answers, [LOGS]: some };
	await failing.screen.getByRole('button', { name: 'Retry' }).click();
	await expect.element(failing.screen.getByText('gave up')).toBeVisible();
	expect(server.asked.length).toBeGreaterThan(0);
	failing.server.answers = { ...answers, [LOGS]: () => problem(503, 'STORE_AWAY', 'ClickHouse is away') };
	await failing.screen.getByRole('button', { name: 'Refresh (r)' }).click();
	const stale = failing.screen.getByRole('heading', { name: 'Logs could not be read; what you see is from before' });
	await expect.element(stale).toBeVisible();
	await expect.element(failing.screen.getByText('gave up')).toBeVisible();
});

test('a span that can not be read leaves the end of the sample to look around', async () => {
	const gone = () => problem(404, 'NO_SUCH_SPAN', 'not kept');
	const { server } = await openApp(path, { ...answers, [`/traces/${traceId}/spans/${spanId}`]: gone, [LOGS]: some });
	const around = () => server.asked.find((url) => url.pathname.endsWith('/logs'))?.searchParams.get('around');
	await expect.poll(around).toBe(`${NOW_MS - 60_000}000000`);
});

test('where only logs of no trace told of it, that is said', async () => {
	const { screen } = await openApp(path, {
		[path]: () => issueAnswer({ issue: issue('a', { samples: [], traces: 0 }) }),
	});
	await expect.element(screen.getByText(/^Only log records without the id of a trace/)).toBeVisible();
	await expectAccessible();
});

test('wasted time has a pattern instead of logs', async () => {
	const b = nPlusOne();
	const { screen } = await openApp(`/issues/${b.issueId}`, {
		...answers,
		[`/issues/${b.issueId}`]: () => issueAnswer({ issue: b, subject: 'SELECT 1', stack: '', message: '' }),
	});
	await expect.element(screen.getByText(/calls below/)).toBeVisible();
	expect(document.querySelector('#logs-heading')).toBeNull();
});

test('on a phone long lines wrap inside their box', async () => {
	await page.viewport(390, 844);
	const long = { logs: [logRow(thrown, 'x'.repeat(5_000))], truncated: false };
	const { screen } = await openApp(path, { ...answers, [LOGS]: () => long });
	await expect.element(screen.getByRole('region', { name: 'Logs around the exception' })).toBeVisible();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await page.viewport(1440, 900);
});
