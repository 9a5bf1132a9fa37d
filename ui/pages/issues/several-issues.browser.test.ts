import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { issue, issuesAnswer } from '../../testing/issue-answers.ts';
import { problem } from '../../testing/fake-server.ts';
import { expectAccessible, focus, openApp } from '../../testing/open-app.ts';

const listed = ['a', 'c', 'd', 'e'].map((id, index) =>
	issue(id, {
		title: `failure ${id}`,
		stateVersion: index,
		count: 100 - index,
		lastSeenMs: issue('a').lastSeenMs - index,
	}),
);
const idOf = (letter: string) => letter.repeat(16);

/** A list whose issues take changes; those of `overtaken` were changed by somebody else. */
function several(overtaken: readonly string[] = []) {
	const asked: { letter: string; body: unknown; ifMatch: string | null }[] = [];
	const answerOf = (one: (typeof listed)[number]) => (_: URL, init: RequestInit | undefined) => {
		const letter = one.issueId[0] ?? '';
		const body = JSON.parse(init?.body as string) as object;
		asked.push({ letter, body, ifMatch: new Headers(init?.headers).get('if-match') });
		if (overtaken.includes(letter)) return problem(412, 'VERSION_CONFLICT', 'another version');
		return { ...one, ...body, stateVersion: one.stateVersion + 10 };
	};
	const changes = Object.fromEntries(listed.map((one) => [`/issues/${one.issueId}`, answerOf(one)]));
	const answers = {
		'/issues': () => issuesAnswer({ issues: listed }),
		'/owners': () => ({ owners: ['ann'], isClosed: false }),
		...changes,
	};
	/** In the order of the list: requests run beside each other. */
	const inOrder = () => asked.toSorted((one, other) => (one.letter < other.letter ? -1 : 1));
	return { answers, inOrder };
}

test('by keyboard: a range is resolved in one act, and undone in one', async () => {
	const { answers, inOrder } = several();
	const { screen, history } = await openApp('/issues', answers);
	await expect.element(screen.getByRole('row', { name: /failure a/ })).toBeVisible();
	await userEvent.keyboard('jxjj{Shift>}X{/Shift}');
	expect(history.text).toBe(`/issues?sel=${['a', 'c', 'd'].map(idOf).join(',')}`);
	await expect.element(screen.getByRole('status').getByText('3 chosen')).toBeVisible();
	await expectAccessible();
	await userEvent.keyboard('{Shift>}R{/Shift}');
	await expect.element(screen.getByText('Resolved: 3 issues')).toBeVisible();
	expect(history.text).toBe('/issues');
	expect(inOrder()).toEqual([
		{ letter: 'a', body: { state: 'resolved' }, ifMatch: '"0"' },
		{ letter: 'c', body: { state: 'resolved' }, ifMatch: '"1"' },
		{ letter: 'd', body: { state: 'resolved' }, ifMatch: '"2"' },
	]);
	await screen.getByRole('button', { name: 'Undo' }).click();
	await expect.element(screen.getByText('Undone: 3 issues')).toBeVisible();
	const undone = inOrder().filter(({ body }) => !('state' in (body as object)));
	expect(undone).toEqual([
		{ letter: 'a', body: { restoreVersion: 0 }, ifMatch: '"10"' },
		{ letter: 'c', body: { restoreVersion: 1 }, ifMatch: '"11"' },
		{ letter: 'd', body: { restoreVersion: 2 }, ifMatch: '"12"' },
	]);
});

test('what somebody else changed is told, stays chosen, and undo leaves it alone', async () => {
	const { answers, inOrder } = several(['c']);
	const { screen, history } = await openApp(`/issues?sel=${['a', 'c'].map(idOf).join(',')}`, answers);
	await screen.getByRole('button', { name: 'Ignore' }).click();
	await expect
		.element(screen.getByText('Ignored: 1 issue. 1 issue failed: Somebody else changed this issue just now.'))
		.toBeVisible();
	expect(history.text).toBe(`/issues?sel=${idOf('c')}`);
	await screen.getByRole('button', { name: 'Undo' }).click();
	await expect.element(screen.getByText('Undone: 1 issue')).toBeVisible();
	expect(inOrder().map(({ letter }) => letter)).toEqual(['a', 'a', 'c']);
});

test('by mouse: with Shift up to a row, or all; they are given to somebody', async () => {
	const { answers, inOrder } = several();
	const { screen, history } = await openApp('/issues', answers);
	const box = (letter: string) => screen.getByRole('checkbox', { name: new RegExp(`failure ${letter}`) });
	await box('e').click();
	await box('c').click({ modifiers: ['Shift'] });
	expect(history.text).toBe(`/issues?sel=${['e', 'd', 'c'].map(idOf).join(',')}`);
	await expect.element(box('d')).toBeChecked();
	await screen.getByRole('button', { name: 'Choose all 4' }).click();
	await expect.element(screen.getByRole('status').getByText('4 chosen')).toBeVisible();
	await screen.getByRole('combobox', { name: 'Give to' }).fill('ann');
	await userEvent.keyboard('{Enter}');
	await expect.element(screen.getByText('Given to ann: 4 issues')).toBeVisible();
	expect(inOrder().map(({ letter, body }) => ({ letter, body }))).toEqual(
		['a', 'c', 'd', 'e'].map((letter) => ({ letter, body: { owner: 'ann' } })),
	);
});

test('different owners are taken away in one act, and the focus goes on to the list', async () => {
	const { answers, inOrder } = several();
	const owned = listed.map((one, index) => ({ ...one, owner: ['ann', 'bo', '', ''][index] ?? '' }));
	const address = `/issues?sel=${['a', 'c', 'd'].map(idOf).join(',')}`;
	const { screen, history } = await openApp(address, { ...answers, '/issues': () => issuesAnswer({ issues: owned }) });
	await expect
		.element(screen.getByRole('combobox', { name: 'Give to' }))
		.toHaveAttribute('placeholder', 'Several owners');
	const button = screen.getByRole('button', { name: 'No owner' });
	focus(button.element());
	await userEvent.keyboard('{Enter}');
	await expect.poll(() => history.text).toBe('/issues');
	expect(inOrder().map(({ letter, body }) => ({ letter, body }))).toEqual(
		['a', 'c', 'd'].map((letter) => ({ letter, body: { owner: '' } })),
	);
	await expect.poll(() => document.activeElement?.closest('tr')?.textContent).toContain('failure a');
});

test('a narrow screen keeps what can be done within its width', async () => {
	await page.viewport(390, 844);
	const { screen } = await openApp(`/issues?sel=${['a', 'c'].map(idOf).join(',')}`, several().answers);
	await expect.element(screen.getByRole('button', { name: 'Merge', exact: true })).toBeVisible();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await page.viewport(1440, 900);
});
