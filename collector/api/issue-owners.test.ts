import { expect, test } from 'vitest';
import type { OwnersAnswer } from '../../schema/api-issues.ts';
import { issueGroup, issueWorld } from '../../test/support/issue-world.ts';
import type { IssueSources } from './issue-sources.ts';

const [first, second] = ['a'.repeat(16), 'b'.repeat(16)];
const groups = [issueGroup(first), issueGroup(second, { title: 'refund refused' })];

test('an owner stays through decisions, is found, and stands in the history with who gave the issue to whom', async () => {
	const { change, detail, idsOf, list } = await issueWorld({ groups });
	expect((await change(first, { owner: ' ann ', comment: 'knows the client' })).status).toBe(200);
	await change(first, { state: 'resolved' });
	await change(first, { comment: 'deployed' });
	expect(await idsOf('owner=ann')).toEqual([first]);
	expect(await idsOf('owner=-')).toEqual([second]);
	expect(await idsOf('q=ANN')).toEqual([first]);
	expect(await list('')).toMatchObject({
		owners: ['ann'],
		issues: [{ owner: 'ann', state: 'resolved' }, { owner: '' }],
	});
	await change(first, { owner: '' });
	expect(await idsOf('owner=ann')).toEqual([]);
	const history = (await detail(first)).history.map(({ state, owner, comment, changed }) => ({
		state,
		owner,
		comment,
		changed,
	}));
	expect(history).toEqual([
		{ state: 'resolved', owner: '', comment: '', changed: ['owner'] },
		{ state: 'resolved', owner: 'ann', comment: 'deployed', changed: [] },
		{ state: 'resolved', owner: 'ann', comment: '', changed: ['state'] },
		{ state: 'new', owner: 'ann', comment: 'knows the client', changed: ['owner'] },
	]);
	await change(first, { restoreVersion: 1 });
	expect(await detail(first)).toMatchObject({
		issue: { owner: 'ann', state: 'new' },
		history: [{ comment: '' }, {}, {}, {}, {}],
	});
});

test('a change that was made to an older version is refused; one that says none is made to the newest', async () => {
	const { change, detail } = await issueWorld({ groups });
	const answers = await Promise.all([change(first, { owner: 'ann' }), change(first, { comment: 'mine' })]);
	expect(answers.map(({ status }) => status)).toEqual([200, 200]);
	expect((await detail(first)).issue).toMatchObject({ owner: 'ann', stateVersion: 2 });
	expect((await change(first, { owner: 'bo' }, { 'if-match': '"1"' })).status).toBe(412);
});

const user = (email: string, projects: string[] | null) => ({ email, projects });
const closed = {
	isLoginNeeded: true,
	users: { list: () => [user('ann@x.org', null), user('bo@x.org', ['default']), user('cy@x.org', ['other'])] },
} as unknown as IssueSources['access'];

test('where people log in, an owner is an account that may read the project', async () => {
	const { app, change } = await issueWorld({ groups, access: closed });
	const answer = (await (await app.request('/owners')).json()) as OwnersAnswer;
	expect(answer).toEqual({ owners: ['ann@x.org', 'bo@x.org'], isClosed: true });
	expect((await change(first, { owner: 'bo@x.org' })).status).toBe(200);
	for (const owner of ['cy@x.org', 'nobody']) {
		const refused = await change(first, { owner });
		expect({ status: refused.status, ...((await refused.json()) as object) }).toMatchObject({
			status: 400,
			code: 'NO_SUCH_ACCOUNT',
		});
	}
	expect((await change(first, { owner: '' })).status).toBe(200);
});

test('where nobody does, any name is one, and is offered again', async () => {
	const { app, change } = await issueWorld({ groups });
	await change(first, { owner: 'team pay' });
	await change(second, { owner: 'ann' });
	expect(await (await app.request('/owners')).json()).toEqual({ owners: ['ann', 'team pay'], isClosed: false });
});
