import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { statusAnswer } from '../../testing/answers.ts';
import { problem } from '../../testing/fake-server.ts';
import { expectAccessible, openApp } from '../../testing/open-app.ts';
import { deletionAnswer, storageAnswers } from '../../testing/storage-answers.ts';
import { foundWords, readChoice } from './deletion-words.ts';

const ADDRESS = '/settings/retention';
const full = { '/status': () => statusAnswer(), ...storageAnswers() };
const plain = (text: string) => text.replaceAll(' ', ' ');
const [a, b] = ['a'.repeat(32), 'b'.repeat(32)];

interface Post {
	query: Record<string, string>;
	body: unknown;
}

/** Takes deletions as the API does, and lists those that were more than a dry run. */
function takingDeletions(deletion = deletionAnswer()) {
	const posts: Post[] = [];
	const listed: (typeof deletion)[] = [];
	const answer = (url: URL, init: RequestInit | undefined) => {
		if (init?.method !== 'POST') return { deletions: listed };
		const query = Object.fromEntries(url.searchParams);
		posts.push({ query, body: JSON.parse(init.body as string) });
		if (query['dryRun'] === 'true') return { ...deletion, id: null, state: 'dry-run', doneMs: null };
		listed.unshift(deletion);
		return deletion;
	};
	return { posts, answers: { ...full, '/deletions': answer } };
}

test('what a search finds is counted first, then deleted in the very window that was counted', async () => {
	const { posts, answers } = takingDeletions();
	const { screen } = await openApp(ADDRESS, answers);
	const form = screen.getByRole('region', { name: 'Deletions' });
	await expect.element(form.getByText('Nothing has been deleted.')).toBeVisible();
	await form.getByRole('textbox').fill('user.id:42');
	await form.getByRole('combobox').selectOptions('the last 7 days');
	await form.getByRole('button', { name: 'Count' }).click();
	await expect.element(form.getByRole('status')).toMatchTextContent('3 traces: 120 spans, 1 log');
	expect(posts).toEqual([{ query: { dryRun: 'true', from: 'now-7d' }, body: { q: 'user.id:42' } }]);
	await form.getByText('What a deletion does not reach').click();
	await expect.element(form.getByText('Rollups: counts have no ids')).toBeVisible();
	await form.getByRole('button', { name: 'Delete these 3 traces' }).click();
	await expect
		.element(form.getByRole('region', { name: 'Table: Deletions' }))
		.toMatchTextContent(/user\.id:42.*ada@example\.com.*done.*3 traces: 120 spans, 1 log/s);
	const { fromMs, toMs } = deletionAnswer().asked.window!;
	expect(posts[1]).toEqual({ query: { from: String(fromMs), to: String(toMs) }, body: { q: 'user.id:42' } });
	await expect.element(form.getByRole('textbox')).toHaveValue('');
});

test('another search has to be counted anew, and of nothing there is nothing to delete', async () => {
	const none = { traces: 0, spans: 0, logs: 0, exceptions: 0, findings: 0, pins: 0 };
	let found = deletionAnswer().found;
	const { screen } = await openApp(ADDRESS, {
		...full,
		'/deletions': (_: URL, init?: RequestInit) =>
			init?.method === 'POST' ? deletionAnswer({ found }) : { deletions: [] },
	});
	const form = screen.getByRole('region', { name: 'Deletions' });
	await form.getByRole('textbox').fill('user.id:42');
	await form.getByRole('button', { name: 'Count' }).click();
	await expect.element(form.getByRole('button', { name: 'Delete these 3 traces' })).toBeVisible();
	await form.getByRole('textbox').fill('user.id:43');
	await expect.element(form.getByRole('button', { name: 'Delete these 3 traces' })).not.toBeInTheDocument();
	found = none;
	await form.getByRole('button', { name: 'Count' }).click();
	await expect.element(form.getByRole('status')).toMatchTextContent('0 traces');
	await expect.element(form.getByRole('button', { name: 'Delete these 3 traces' })).not.toBeInTheDocument();
});

test('by ids, however they are written; the server’s refusal is told', async () => {
	const { posts, answers } = takingDeletions(deletionAnswer({ asked: { traceIds: 2, q: null, window: null } }));
	const { screen, server } = await openApp(ADDRESS, answers);
	const form = screen.getByRole('region', { name: 'Deletions' });
	await form.getByRole('radio', { name: 'by trace id' }).click();
	await form.getByRole('textbox').fill('12');
	await form.getByRole('button', { name: 'Count' }).click();
	await expect.element(form.getByRole('status')).toMatchTextContent('12 is no trace id');
	await form.getByRole('textbox').fill(`${a}, ${b.toUpperCase()}\n${a}`);
	await form.getByRole('button', { name: 'Count' }).click();
	await form.getByRole('button', { name: 'Delete these 3 traces' }).click();
	await expect.element(form.getByText('2 traces by their ids')).toBeVisible();
	expect(posts.map(({ body }) => body)).toEqual([{ traceIds: [a, b] }, { traceIds: [a, b] }]);
	expect(posts[1]).toHaveProperty('query', {});
	server.answers = { ...full, '/deletions': () => problem(403, 'FORBIDDEN', 'this needs the role admin') };
	await form.getByRole('textbox').fill(a);
	await form.getByRole('button', { name: 'Count' }).click();
	await expect.element(form.getByRole('alert')).toMatchTextContent(/role admin/);
});

test('a list with one under way, on a phone', async () => {
	await page.viewport(390, 844);
	try {
		const waiting = deletionAnswer({ id: 'second', state: 'waiting', detail: 'the spool is stored first', doneMs: null, found: null }); // prettier-ignore
		const answers = { ...full, '/deletions': () => ({ deletions: [waiting, deletionAnswer()] }) };
		const { screen } = await openApp(ADDRESS, answers);
		await expect
			.element(screen.getByRole('region', { name: 'Table: Deletions' }))
			.toMatchTextContent(/waiting: the spool is stored first.*Not counted yet/s);
		expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
		await expectAccessible();
	} finally {
		await page.viewport(1440, 900);
	}
});

test('in words: ids, and what was found', () => {
	expect(readChoice(true, '')).toEqual({ problem: 'Write trace ids.' });
	expect(readChoice(false, '  ')).toHaveProperty('problem');
	const many = Array.from({ length: 1_001 }, (_, index) => index.toString(16).padStart(32, '0')).join(' ');
	expect(readChoice(true, many)).toHaveProperty('problem', '1,001 ids: up to 1,000 at a time.');
	const found = { traces: 1, spans: 1, logs: 0, exceptions: 2, findings: 1, pins: 1 };
	expect(plain(foundWords({ found }))).toBe(
		'1 trace: 1 span, 2 exceptions, 1 trace with performance issues, 1 kept trace',
	);
});
