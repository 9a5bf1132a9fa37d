/** What is decided of issues beside their state: owners, comments, merges. */
import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { decision, issue, issueAnswer, issuesAnswer, nPlusOne } from '../testing/issue-answers.ts';
import { problem } from '../testing/fake-server.ts';
import { expectAccessible, openApp } from '../testing/open-app.ts';
import { spanDetail } from '../testing/trace-answers.ts';
import type { Issue } from '../../schema/api-issues.ts';

const a = issue('a');
const refund = issue('c', { title: 'refund timed out', count: 7, owner: 'bo', state: 'ongoing' });
const span = {
	[`/traces/${'1'.repeat(32)}/spans/${'1'.repeat(16)}`]: () => spanDetail({ id: 1n, start: 0, end: 1e9, name: 'POST' }),
};
const path = `/issues/${a.issueId}`;

/** Answers what is sent, and remembers it. */
function recorder(answerOf: (body: Record<string, unknown>) => unknown) {
	const asked: { path: string; body: unknown; ifMatch: string | null }[] = [];
	const answer = (url: URL, init: RequestInit | undefined) => {
		const body = JSON.parse(init?.body as string) as Record<string, unknown>;
		const ifMatch = new Headers(init?.headers).get('if-match');
		asked.push({ path: url.pathname.replace('/api/v1', ''), body, ifMatch });
		return answerOf(body);
	};
	return { asked, answer };
}

/** The detail of an issue that takes changes. */
function detailOf(facts: Parameters<typeof issueAnswer>[0] = {}) {
	const shown = issueAnswer(facts);
	const changes = recorder((body) => ({ ...shown.issue, ...body, stateVersion: shown.issue.stateVersion + 1 }));
	const answers = {
		...span,
		[`/issues/${shown.issue.issueId}`]: (url: URL, init: RequestInit | undefined) =>
			init?.method === 'PATCH' ? changes.answer(url, init) : shown,
	};
	return { asked: changes.asked, answers };
}

test('decisions that need more words are in a menu, and go as they were said', async () => {
	const { asked, answers } = detailOf();
	const { screen, history } = await openApp(path, answers);
	await screen.getByRole('button', { name: 'More' }).click();
	await expectAccessible();
	await screen.getByRole('button', { name: 'Resolved in v92' }).click();
	await expect.element(screen.getByRole('button', { name: 'Resolved in v92' })).not.toBeInTheDocument();
	await expect.element(screen.getByRole('button', { name: 'More' })).toHaveFocus();
	await screen.getByRole('button', { name: 'Acknowledge' }).click();
	await expect
		.poll(() => asked.map(({ body }) => body))
		.toEqual([{ state: 'resolved', resolution: 'version', resolvedVersion: 'v92' }, { state: 'ongoing' }]);
	await screen.getByRole('button', { name: 'More' }).click();
	await screen.getByRole('button', { name: 'Ignored until it escalates' }).click();
	await expect.poll(() => asked.at(-1)?.body).toEqual({ state: 'ignored', untilEscalating: true });
	await screen.getByRole('button', { name: 'More' }).click();
	await screen.getByRole('button', { name: 'Merge with other issues…' }).click();
	expect(history.text).toBe(`/issues?sel=${a.issueId}&kind=exception&svc=shop/payment&state=all`);
});

test('Shift O gives an owner, of those that are offered; a name that is refused goes back', async () => {
	const { asked, answers } = detailOf({ issue: issue('a', { owner: 'bo', stateVersion: 4 }) });
	const { screen, server } = await openApp(path, {
		...answers,
		'/owners': () => ({ owners: ['ann', 'bo'], isClosed: true }),
	});
	const field = screen.getByRole('combobox', { name: 'Owner' });
	await expect.element(field).toHaveValue('bo');
	await userEvent.keyboard('{Shift>}O{/Shift}');
	await expect.element(field).toHaveFocus();
	await expect
		.poll(() => [...document.querySelectorAll('datalist option')].map((option) => option.getAttribute('value')))
		.toEqual(['ann', 'bo']);
	await userEvent.keyboard('zoe{Escape}');
	await expect.element(field).toHaveValue('bo');
	await expect.element(field).not.toHaveFocus();
	await userEvent.keyboard('{Shift>}O{/Shift}');
	await userEvent.keyboard('ann{Enter}');
	await expect.element(screen.getByText(/^Given to ann/)).toBeVisible();
	await screen.getByRole('button', { name: 'Undo' }).click();
	await expect
		.poll(() => asked)
		.toEqual([
			{ path, body: { owner: 'ann' }, ifMatch: '"4"' },
			{ path, body: { restoreVersion: 4 }, ifMatch: '"5"' },
		]);
	const refused = () => problem(400, 'NO_SUCH_ACCOUNT', 'owner is "zoe": no account');
	server.answers = {
		...answers,
		[path]: (url, init) => (init?.method === 'PATCH' ? refused() : answers[path]?.(url, init)),
	};
	await field.fill('zoe');
	await userEvent.keyboard('{Enter}');
	await expect.element(screen.getByText('owner is "zoe": no account')).toBeVisible();
	await expect.element(field).toHaveValue('bo');
});

test('comments, owners and merges stand in the history with who and when', async () => {
	const history = [
		decision({ version: 5, changed: ['unmerged'], others: ['no route for {n}'], author: 'ann' }),
		decision({ version: 4, changed: [], comment: 'The client\nwaits too short.', author: 'bo' }),
		decision({ version: 3, changed: ['merged'], others: ['refund timed out', 'no route for {n}'] }),
		decision({ version: 2, changed: ['owner'], owner: 'bo' }),
		decision({ version: 1, state: 'resolved', resolution: 'next-version' }),
		decision({ version: 0, state: 'ignored', escalatesAbove: 60 }),
	];
	const { asked, answers } = detailOf({ history });
	const { screen } = await openApp(path, answers);
	await expect.element(screen.getByText('Let go: no route for {n}')).toBeVisible();
	const entries = [...document.querySelectorAll('aside ol > li')].map((item) =>
		item.textContent?.replaceAll(/\s+/g, ' ').trim(),
	);
	expect(entries).toEqual([
		'Let go: no route for {n} 20 m ago by ann',
		'20 m ago by bo The client waits too short.',
		'Merged: refund timed out, no route for {n} 20 m ago by anonymous',
		'Owner: bo 20 m ago by anonymous',
		'Resolved in the next version 20 m ago by anonymous',
		'Ignored until it occurs more than 60 times in an hour 20 m ago by anonymous',
	]);
	await expectAccessible();
	await userEvent.keyboard('{Shift>}C{/Shift}');
	await userEvent.keyboard('Fixed upstream.{Control>}{Enter}{/Control}');
	await expect.element(screen.getByText(/^Commented/)).toBeVisible();
	expect(asked.map(({ body }) => body)).toEqual([{ comment: 'Fixed upstream.' }]);
	await expect.element(screen.getByRole('textbox', { name: 'Comment' })).toHaveValue('');
});

test('the list shows owners and is narrowed to one, or to nobody', async () => {
	const answer = () => issuesAnswer({ issues: [a, refund], owners: ['bo'] });
	const { screen, history, server } = await openApp('/issues?owner=zoe', { '/issues': answer });
	await expect.element(screen.getByRole('row', { name: /refund timed out/ })).toMatchTextContent(/bo/);
	// Nobody is called so any more.
	await expect.element(screen.getByRole('combobox', { name: 'Owner' })).toHaveValue('zoe');
	await screen.getByRole('combobox', { name: 'Owner' }).selectOptions('Nobody');
	expect(history.text).toBe('/issues?owner=-');
	await expect.poll(() => server.asked.at(-1)?.searchParams.get('owner')).toBe('-');
	await screen.getByRole('combobox', { name: 'Owner' }).selectOptions('bo');
	expect(history.text).toBe('/issues?owner=bo');
});

function merging(issues: Issue[]) {
	const { asked, answer } = recorder(() => ({ issueId: a.issueId, merged: [refund.issueId] }));
	const answers = {
		'/issues': () => issuesAnswer({ issues }),
		[`${path}/merge`]: answer,
		[`${path}/unmerge`]: answer,
		[`/issues/${refund.issueId}/merge`]: answer,
	};
	return { asked, answers };
}

test('x chooses, Shift M merges into the most frequent, Undo lets go again', async () => {
	const { asked, answers } = merging([refund, a]);
	const { screen, history } = await openApp('/issues', answers);
	await expect.element(screen.getByRole('row', { name: /refund timed out/ })).toBeVisible();
	await userEvent.keyboard('jx');
	await expect.element(screen.getByText('Choose others that are the same to merge them.')).toBeVisible();
	await userEvent.keyboard('jx');
	expect(history.text).toBe(
		`/issues?sel=${[...document.querySelectorAll('[data-issue]')].map((row) => row.getAttribute('data-issue')).join(',')}`,
	);
	await expect.element(screen.getByRole('combobox', { name: 'Merge into' })).toHaveValue(a.issueId);
	await expect.element(screen.getByRole('checkbox', { name: /refund timed out/ })).toBeChecked();
	await expectAccessible();
	await userEvent.keyboard('{Shift>}M{/Shift}');
	await expect.element(screen.getByText('Merged 1 issue into charge timed out after {n} ms')).toBeVisible();
	expect(history.text).toBe('/issues');
	await screen.getByRole('button', { name: 'Undo' }).click();
	await expect
		.poll(() => asked)
		.toEqual([
			{ path: `${path}/merge`, body: { issues: [refund.issueId] }, ifMatch: null },
			{ path: `${path}/unmerge`, body: { issues: [refund.issueId] }, ifMatch: null },
		]);
});

test('another issue can stand for the others; a merge that is refused keeps what is chosen', async () => {
	const { asked, answers } = merging([a, refund]);
	const address = `/issues?sel=${a.issueId},${refund.issueId}`;
	const { screen, history, server } = await openApp(address, answers);
	await screen.getByRole('combobox', { name: 'Merge into' }).selectOptions('StripeTimeout: refund timed out');
	const refused = () => problem(409, 'NOT_ALIKE', 'those of one kind and service can be merged');
	server.answers = { ...answers, [`/issues/${refund.issueId}/merge`]: refused };
	await screen.getByRole('button', { name: 'Merge', exact: true }).click();
	await expect.element(screen.getByText('those of one kind and service can be merged')).toBeVisible();
	expect(history.text).toBe(address);
	server.answers = answers;
	await screen.getByRole('button', { name: 'Merge', exact: true }).click();
	await expect.poll(() => asked.map(({ path: to }) => to)).toEqual([`/issues/${refund.issueId}/merge`]);
});

test('no more are chosen than can be merged at once, and that is said', async () => {
	const chosen = Array.from({ length: 51 }, (_, i) => i.toString(16).padStart(16, '0')).join(',');
	const { screen, history } = await openApp(`/issues?sel=${chosen}`, merging([a]).answers);
	await screen.getByRole('checkbox', { name: /charge timed out/ }).click();
	await expect.element(screen.getByText('At most 51 issues are chosen at once.')).toBeVisible();
	await expect.element(screen.getByRole('checkbox', { name: /charge timed out/ })).not.toBeChecked();
	expect(history.text).toBe(`/issues?sel=${chosen}`);
});

test('what can not be merged says why, and nothing stays chosen that one does not want', async () => {
	const { answers } = merging([a, nPlusOne()]);
	const strange = '0'.repeat(16);
	const { screen, history, app } = await openApp(`/issues?sel=${a.issueId},${nPlusOne().issueId}`, answers);
	await expect.element(screen.getByText('Only issues of one service and one kind can be merged.')).toBeVisible();
	await expect.element(screen.getByRole('button', { name: 'Merge', exact: true })).not.toBeInTheDocument();
	await screen.getByRole('button', { name: 'Choose none' }).click();
	expect(history.text).toBe('/issues');
	app.router.go(`/issues?sel=${a.issueId},${strange}`);
	await expect.element(screen.getByText('1 of them is not in the list below.')).toBeVisible();
});

test('the address of a merged issue shows the one that stands for it, and lets it go', async () => {
	const { asked, answer } = recorder(() => ({ issueId: a.issueId, merged: [] }));
	const merged = [{ issueId: refund.issueId, title: 'refund timed out', count: 7, lastMs: null }];
	const shown = () => issueAnswer({ issue: issue('a', { merged: 1 }), merged });
	const { screen } = await openApp(`/issues/${refund.issueId}`, {
		...span,
		[`/issues/${refund.issueId}`]: shown,
		[`${path}/unmerge`]: answer,
	});
	await expect.element(screen.getByText('“refund timed out” was merged into this issue.')).toBeVisible();
	await expect.element(screen.getByRole('link', { name: 'Its own address' })).toHaveAttribute('href', path);
	await expectAccessible();
	await screen.getByRole('button', { name: 'Let go' }).click();
	await expect.element(screen.getByText('An issue of its own again: refund timed out')).toBeVisible();
	expect(asked).toEqual([{ path: `${path}/unmerge`, body: { issues: [refund.issueId] }, ifMatch: null }]);
});

test('on a phone the choice, the bar and the decisions fit', async () => {
	await page.viewport(390, 844);
	const { answers } = merging([a, refund]);
	const { screen, app, server } = await openApp(`/issues?sel=${a.issueId},${refund.issueId}`, answers);
	await expect.element(screen.getByRole('button', { name: 'Merge', exact: true })).toBeVisible();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await expectAccessible();
	server.answers = detailOf().answers;
	app.router.go(path);
	await expect.element(screen.getByRole('combobox', { name: 'Owner' })).toBeVisible();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await page.viewport(1440, 900);
});
