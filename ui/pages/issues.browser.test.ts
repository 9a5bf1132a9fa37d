import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { declaredService } from '../testing/declared-answers.ts';
import { issue, issueAnswer, issuesAnswer, nPlusOne } from '../testing/issue-answers.ts';
import { never, problem, storeAway } from '../testing/fake-server.ts';
import { expectAccessible, openApp } from '../testing/open-app.ts';
import { spanDetail } from '../testing/trace-answers.ts';
import type { Issue } from '../../schema/api-issues.ts';

const full = { '/issues': () => issuesAnswer() };
const firstId = issue('a').issueId;
const detailPath = `/issues/${firstId}`;
const detail = {
	[detailPath]: () => issueAnswer(),
	[`/traces/${'1'.repeat(32)}/spans/${'1'.repeat(16)}`]: () =>
		spanDetail({ id: 1n, start: 0, end: 1e9, name: 'POST /charge' }),
	[`/traces/${'2'.repeat(32)}/spans/${'2'.repeat(16)}`]: () =>
		spanDetail({ id: 2n, start: 0, end: 1e9, name: 'second sample' }),
};
const titles = () => [...document.querySelectorAll('tbody .title')].map((title) => title.textContent?.trim());

/** Answers changes, and remembers what was asked and of which version. */
function changes(issue: Issue) {
	const asked: { body: unknown; ifMatch: string | null }[] = [];
	const answer = (_: URL, init: RequestInit | undefined) => {
		const body = JSON.parse(init?.body as string) as { state?: Issue['state'] };
		asked.push({ body, ifMatch: new Headers(init?.headers).get('if-match') });
		return { ...issue, state: body.state ?? issue.state, stateVersion: issue.stateVersion + 1 };
	};
	return { asked, answer };
}

test('full: a real table that axe finds nothing in', async () => {
	const { screen } = await openApp('/issues', full);
	await expect.element(screen.getByRole('row', { name: /StripeTimeout/ })).toBeVisible();
	expect(titles()).toEqual(['StripeTimeout charge timed out after {n} ms', 'N+1 SELECT * FROM product WHERE id = ?']);
	await expect
		.element(screen.getByRole('row', { name: /N\+1/ }))
		.toMatchTextContent(/shop\/cart.*GET \/cart.*44.*7\.92/s);
	await expect.element(screen.getByRole('button', { name: 'Open 2' })).toHaveAttribute('aria-pressed', 'true');
	await expect
		.element(screen.getByText(/Traces are searched for wasted time/))
		.toMatchTextContent(/1,204 so far, 12 wait/);
	expect(document.title).toBe('Issues – Spanhouse');
	await expectAccessible();
});

test('loading: rows of the final geometry', async () => {
	await openApp('/issues', { '/issues': never });
	await expect.poll(() => document.querySelectorAll('tbody tr').length).toBe(8);
	await expectAccessible();
});

test('error: the reason, the query id and Retry', async () => {
	const { screen, server } = await openApp('/issues', { '/issues': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer.*query-7f3c/s);
	await expectAccessible();
	server.answers = full;
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.element(screen.getByRole('row', { name: /StripeTimeout/ })).toBeVisible();
});

test('empty: why, and the next step', async () => {
	const states = { new: 0, regressed: 0, escalating: 0, ongoing: 0, resolved: 0, ignored: 0 };
	const { screen, history } = await openApp('/issues', {
		'/issues': () => issuesAnswer({ issues: [], states }),
		'/count': () => ({ spans: 41, traces: 40 }),
	});
	await expect.element(screen.getByText(/^41 spans failed without an exception/)).toBeVisible();
	await expect
		.element(screen.getByRole('link', { name: '41 failed spans' }))
		.toHaveAttribute('href', '/traces?q=error%3Atrue&view=spans');
	await expectAccessible();
	await screen.getByRole('button', { name: 'Widen to 24 h' }).click();
	expect(history.text).toBe('/issues?t=24h');
});

test('empty because of the state, or of the filters: one press undoes either', async () => {
	const { screen, history, server } = await openApp('/issues', { '/issues': () => issuesAnswer({ issues: [] }) });
	await expect.element(screen.getByText('5 are in another state.')).toBeVisible();
	await screen.getByRole('button', { name: 'Show all states' }).click();
	expect(history.text).toBe('/issues?state=all');
	const states = { new: 0, regressed: 0, escalating: 0, ongoing: 0, resolved: 0, ignored: 0 };
	server.answers = { '/issues': () => issuesAnswer({ issues: [], states }) };
	await screen.getByRole('searchbox', { name: 'Filter issues' }).fill('nothing');
	await screen.getByRole('button', { name: 'Clear the filters' }).click();
	expect(history.text).toBe('/issues?state=all');
});

test('nothing wrong at all: no way to failed spans, as there are none', async () => {
	const states = { new: 0, regressed: 0, escalating: 0, ongoing: 0, resolved: 0, ignored: 0 };
	const { screen } = await openApp('/issues', {
		'/issues': () => issuesAnswer({ issues: [], states }),
		'/count': () => ({ spans: 0, traces: 0 }),
	});
	await expect.element(screen.getByText('No exceptions and no wasted time in this time range')).toBeVisible();
	await expect.element(screen.getByRole('link', { name: /failed spans/i })).not.toBeInTheDocument();
});

test('an issue that came with the newest version says so, and leads to what that version did', async () => {
	const fresh = issue('a', { cameWith: { version: 'v92', isNewest: true } });
	const older = nPlusOne({ cameWith: { version: 'v7', isNewest: false } });
	const { screen, app } = await openApp('/issues', {
		...detail,
		'/issues': () => issuesAnswer({ issues: [fresh, older] }),
		[detailPath]: () => issueAnswer({ issue: fresh }),
	});
	await expect.element(screen.getByRole('row', { name: /StripeTimeout/ })).toMatchTextContent(/new in v92/);
	await expect.element(screen.getByRole('row', { name: /N\+1/ })).not.toMatchTextContent(/new in/);
	app.router.go(detailPath);
	await expect
		.element(screen.getByTitle('What this version did'))
		.toHaveAttribute('href', '/deploys/shop%2Fpayment/v92');
});

test('issues of one trace: the server is asked for them, and the way back to all', async () => {
	const traceId = 'ab'.repeat(16);
	const { screen, history, server } = await openApp(`/issues?trace=${traceId}`, full);
	await expect.element(screen.getByRole('link', { name: 'one trace' })).toHaveAttribute('href', `/trace/${traceId}`);
	expect(server.asked.find((url) => url.pathname.endsWith('/issues'))?.searchParams.get('trace')).toBe(traceId);
	await expectAccessible();
	await screen.getByRole('button', { name: 'Issues of every trace' }).click();
	expect(history.text).toBe('/issues');
});

test('partial: says what of how many', async () => {
	const partial = { reason: 'the most frequent only', seen: 1_000, of: 1_204 };
	const { screen } = await openApp('/issues', { '/issues': () => issuesAnswer({ partial }) });
	await expect.element(screen.getByText(/1,000 of 1,204 issues/)).toBeVisible();
});

test('an issue says what of its values is left out', async () => {
	const partial = { reason: 'Those that are less frequent are left out', seen: 20, of: 57, what: 'versions' };
	const { screen } = await openApp(detailPath, { [detailPath]: () => issueAnswer({ partial }) });
	await expect
		.element(screen.getByText(/Those that are less frequent/))
		.toMatchTextContent('Showing 20 of 57 versions.');
});

test('an issue of many versions says how many more there are than are named', async () => {
	const many = issue('a', { versions: ['v91', 'v92'], versionsOf: 1_202 });
	const { screen } = await openApp(detailPath, { [detailPath]: () => issueAnswer({ issue: many }) });
	await expect.element(screen.getByText('and 1,200 more')).toBeVisible();
});

test('filters are asked of the server and stand in the address', async () => {
	const { screen, history, server } = await openApp('/issues?state=resolved&kind=performance', full);
	await screen.getByRole('combobox', { name: 'Service' }).selectOptions('shop/cart');
	await screen.getByRole('searchbox', { name: 'Filter issues' }).fill('product');
	expect(history.text).toBe('/issues?state=resolved&kind=performance&svc=shop/cart&f=product');
	await expect
		.poll(() =>
			Object.fromEntries(server.asked.filter((url) => url.pathname.endsWith('/issues')).at(-1)?.searchParams ?? []),
		)
		.toMatchObject({ state: 'resolved', kind: 'performance', service: 'shop/cart', q: 'product' });
	await screen.getByRole('button', { name: 'Times', exact: true }).click();
	expect(titles()[0]).toContain('StripeTimeout');
	await screen.getByRole('button', { name: 'Times', exact: true }).click();
	expect(titles()[0]).toContain('N+1');
});

test('j and k walk the rows, Enter opens, o opens the newest trace at its span', async () => {
	const { screen, history } = await openApp('/issues?t=3h', full);
	await expect.element(screen.getByRole('row', { name: /StripeTimeout/ })).toBeVisible();
	await userEvent.keyboard('jj');
	await userEvent.keyboard('k{Enter}');
	expect(history.text).toBe(`/issues/${firstId}?t=3h`);
	history.go(-1);
	await expect.element(screen.getByRole('row', { name: /StripeTimeout/ })).toBeVisible();
	await userEvent.keyboard('jo');
	expect(history.text).toContain(`/trace/${'1'.repeat(32)}?t=3h&at=`);
	expect(history.text).toContain(`span=${'1'.repeat(16)}`);
});

test('Shift R resolves the row at hand, of the version that is seen; Undo brings back what was', async () => {
	const { asked, answer } = changes(nPlusOne());
	const { screen } = await openApp('/issues', { ...full, [`/issues/${nPlusOne().issueId}`]: answer });
	await expect.element(screen.getByRole('row', { name: /StripeTimeout/ })).toBeVisible();
	await userEvent.keyboard('r'); // Looks again; changes nothing.
	expect(asked).toEqual([]);
	await userEvent.keyboard('jj{Shift>}R{/Shift}');
	await expect.element(screen.getByText('Resolved: SELECT * FROM product WHERE id = ?')).toBeVisible();
	await screen.getByRole('button', { name: 'Undo' }).click();
	await expect
		.poll(() => asked)
		.toEqual([
			{ body: { state: 'resolved' }, ifMatch: '"2"' },
			{ body: { restoreVersion: 2 }, ifMatch: '"3"' },
		]);
});

test('a change that somebody else was faster with is told, and the list read anew', async () => {
	const conflict = () => problem(412, 'VERSION_CONFLICT', 'issue has version 3');
	const { screen, server } = await openApp('/issues', { ...full, [detailPath]: conflict });
	await expect.element(screen.getByRole('row', { name: /StripeTimeout/ })).toBeVisible();
	const before = server.asked.length;
	await userEvent.keyboard('j{Shift>}A{/Shift}');
	await expect.element(screen.getByText('Somebody else changed this issue just now.')).toBeVisible();
	await expect.poll(() => server.asked.slice(before).some((url) => url.pathname.endsWith('/issues'))).toBe(true);
});

test('a narrow screen scrolls the table, not the page', async () => {
	await page.viewport(390, 844);
	const { screen } = await openApp('/issues', full);
	await expect.element(screen.getByRole('row', { name: /StripeTimeout/ })).toBeVisible();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await expectAccessible();
	await page.viewport(1440, 900);
});

test('an exception: message, own frames first, where and when, a sample with its attributes', async () => {
	const { screen } = await openApp(detailPath, detail);
	await expect.element(screen.getByRole('heading', { level: 1 })).toMatchTextContent(/StripeTimeout charge timed out/);
	await expect
		.element(screen.getByLabelText('Message', { exact: true }))
		.toMatchTextContent('charge timed out after 1500 ms');
	const frames = [...document.querySelectorAll('ol > li')].map((item) =>
		item.textContent?.replaceAll(/\s+/g, ' ').trim(),
	);
	expect(frames.slice(0, 2)).toEqual(['PaymentClient.charge /app/src/pay.js:51', 'Retry.run /app/src/retry.js:12']);
	await expect
		.element(screen.getByRole('link', { name: '/app/src/pay.js:51' }))
		.toHaveAttribute('href', 'vscode://file/app/src/pay.js:51');
	await expect.element(screen.getByText('2 library frames')).toBeVisible();
	await expect.element(screen.getByRole('heading', { name: 'Sample 1 of 3' })).toBeVisible();
	await expect.element(screen.getByRole('row', { name: 'v92 792' })).toBeVisible();
	await expect.element(screen.getByText('New in this time:')).toBeVisible();
	await expect.element(screen.getByText('Looking.')).toBeVisible();
	await expectAccessible();
});

test('frames lead to their line in the repository, at the revision that threw', async () => {
	const source = { sourceUrl: 'https://git.example/pay/blob/{revision}/{path}#L{line}', sourceRoot: '/app' };
	const { screen } = await openApp(detailPath, {
		...detail,
		'/config/documents': () => ({ documents: [declaredService('shop/payment', source)] }),
	});
	const link = screen.getByRole('link', { name: '/app/src/pay.js:51' });
	await expect.element(link).toHaveAttribute('title', 'Open in its repository');
	await expect.element(link).toHaveAttribute('href', 'https://git.example/pay/blob/v92/src/pay.js#L51');
	const editor = screen
		.getByRole('listitem')
		.filter({ hasText: 'PaymentClient.charge' })
		.getByRole('link', { name: 'VS Code' });
	await expect.element(editor).toHaveAttribute('href', 'vscode://file/app/src/pay.js:51');
	await expectAccessible();
});

test('an N+1: what is repeated, how often, and the way to the span', async () => {
	const b = nPlusOne();
	const subject = 'SELECT *\n  FROM product\n WHERE id = ?';
	const { screen } = await openApp(`/issues/${b.issueId}`, {
		[`/issues/${b.issueId}`]: () => issueAnswer({ issue: b, subject, stack: '', message: '' }),
	});
	await expect
		.element(screen.getByText(/calls below/))
		.toMatchTextContent(/14 calls below GET \/cart in the newest trace, 180 ms of it in vain/);
	expect(screen.getByLabelText('Call', { exact: true }).element().textContent).toBe(subject);
	await expect
		.element(screen.getByRole('link', { name: '44', exact: true }))
		.toHaveAttribute('href', `/traces?q=trace.issue%3A${b.issueId}`);
	await expect
		.element(screen.getByRole('link', { name: 'Open in the waterfall' }))
		.toHaveAttribute('href', expect.stringContaining(`/trace/${'1'.repeat(32)}?at=`));
	await expectAccessible();
});

test('. and , turn the samples, and the address keeps the place', async () => {
	const { screen, history } = await openApp(detailPath, detail);
	await expect.element(screen.getByRole('heading', { name: 'Sample 1 of 3' })).toBeVisible();
	await userEvent.keyboard('.');
	await expect.element(screen.getByText('second sample')).toBeVisible();
	expect(history.text).toBe(`${detailPath}?sample=2`);
	await userEvent.keyboard(',');
	expect(history.text).toBe(detailPath);
});

test('an issue that is not in the window, or can not be read', async () => {
	const { screen, history, server } = await openApp(detailPath, {
		[detailPath]: () => problem(404, 'NO_SUCH_ISSUE', 'not here'),
	});
	await expect.element(screen.getByText('This issue did not occur in this time range')).toBeVisible();
	await expectAccessible();
	server.answers = { [detailPath]: storeAway };
	await screen.getByRole('button', { name: 'Look at 7 days' }).click();
	expect(history.text).toBe(`${detailPath}?t=7d`);
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer/);
});

test('an issue while it is read', async () => {
	await openApp(detailPath, { [detailPath]: never });
	await expect.poll(() => document.querySelectorAll('.columns .main > *').length).toBe(2);
	await expectAccessible();
});

test('what strangers wrote is text, and does not widen a narrow page', async () => {
	await page.viewport(390, 844);
	const evil = `<img src=x onerror="alert(1)">${'x'.repeat(10_000)}\u202E\u0000`;
	const hostile = issue('a', {
		title: evil,
		type: evil,
		service: evil,
		operation: evil,
		culprit: evil,
		versions: [evil],
		versionsOf: 1,
	});
	const { screen } = await openApp(detailPath, {
		[detailPath]: () =>
			issueAnswer({ issue: hostile, message: evil, stack: evil, operations: [{ value: evil, count: 1 }] }),
	});
	await expect.element(screen.getByLabelText('Message', { exact: true })).toBeInTheDocument();
	expect(document.querySelector('img')).toBeNull();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await page.viewport(1440, 900);
});
