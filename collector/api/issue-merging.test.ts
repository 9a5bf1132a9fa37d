import { expect, test } from 'vitest';
import { issueGroup, issueWorld } from '../../test/support/issue-world.ts';

const [a, b, c, d, loop, elsewhere] = ['a', 'b', 'c', 'd', 'e', 'f'].map((digit) => digit.repeat(16)) as [
	string,
	string,
	string,
	string,
	string,
	string,
];
const groups = [
	issueGroup(a, { title: 'A', count: 1 }),
	issueGroup(b, { title: 'B', count: 10 }),
	issueGroup(c, { title: 'C', count: 100 }),
	issueGroup(d, { title: 'D', count: 1_000 }),
	issueGroup(loop, { kind: 'n-plus-one' }),
	issueGroup(elsewhere, { serviceName: 'cart' }),
];

async function world() {
	const made = await issueWorld({ groups });
	const merge = (into: string, issues: string[]) => made.send('POST', `/issues/${into}/merge`, { issues });
	const unmerge = (from: string, issues: string[]) => made.send('POST', `/issues/${from}/unmerge`, { issues });
	const counts = async () =>
		Object.fromEntries(
			(await made.list('kind=exception&service=shop/payment')).issues.map(({ issueId, count }) => [issueId, count]),
		);
	return { ...made, merge, unmerge, counts };
}

test('merged issues count as one, are reached by any of their ids, and are themselves again when let go', async () => {
	const { merge, unmerge, counts, detail, change, list } = await world();
	await change(b, { state: 'ignored' });
	const merged = await merge(a, [b, c, b, a]);
	expect({ status: merged.status, body: await merged.json() }).toEqual({
		status: 200,
		body: { issueId: a, merged: [b, c] },
	});
	expect(await counts()).toEqual({ [a]: 111, [d]: 1_000 });
	expect((await list('')).states).toMatchObject({ new: 4, ignored: 0 });
	expect(await detail(c)).toMatchObject({
		issue: { issueId: a, count: 111, merged: 2 },
		merged: [
			{ issueId: b, title: 'B' },
			{ issueId: c, title: 'C' },
		],
		history: [{ changed: ['merged'], others: ['B', 'C'] }],
	});
	// What is decided of one is decided of the issue that stands for it.
	await change(c, { state: 'resolved' });
	expect((await detail(a)).issue.state).toBe('resolved');
	expect(await (await unmerge(a, [b])).json()).toEqual({ issueId: a, merged: [c] });
	expect(await counts()).toEqual({ [a]: 101, [b]: 10, [d]: 1_000 });
	expect((await detail(b)).issue).toMatchObject({ issueId: b, state: 'ignored', merged: 0 });
	expect((await detail(a)).history[0]).toMatchObject({ changed: ['unmerged'], others: ['B'], state: 'resolved' });
});

test('an issue brings along what was merged into it, and takes it away again', async () => {
	const { merge, unmerge, counts, detail } = await world();
	await merge(b, [c]);
	await merge(d, [a]);
	// By the id of a merged one, into the id of a merged one.
	expect(await (await merge(a, [c])).json()).toEqual({ issueId: d, merged: [a, b, c] });
	expect(await counts()).toEqual({ [d]: 1_111 });
	await unmerge(d, [b]);
	expect(await counts()).toEqual({ [b]: 110, [d]: 1_001 });
	expect((await detail(c)).issue.issueId).toBe(b);
	// Into itself it changes nothing.
	expect(await (await merge(c, [b])).json()).toEqual({ issueId: b, merged: [c] });
});

test.each([
	['another kind', a, [loop], 409, 'NOT_ALIKE'],
	['another service', a, [elsewhere], 409, 'NOT_ALIKE'],
	['what did not occur', a, ['0'.repeat(16)], 404, 'NO_SUCH_ISSUE'],
	['no id', a, ['x'], 400, 'BAD_BODY'],
	['nothing', a, [], 400, 'BAD_BODY'],
])('%s is not merged', async (_, into, issues, status, code) => {
	const { merge, counts } = await world();
	const answer = await merge(into, issues);
	expect({ status: answer.status, ...((await answer.json()) as object) }).toMatchObject({ status, code });
	expect(Object.keys(await counts())).toHaveLength(4);
});

test('the issues of a trace are those that occurred there, or the ones that stand for them', async () => {
	const made = await issueWorld({
		groups,
		issues: {
			ofTrace: async (_, traceId) => {
				const issueIds = traceId.startsWith('1') ? [c, d] : [];
				return { issueIds, total: issueIds.length };
			},
		},
	});
	expect(await made.idsOf(`trace=${'1'.repeat(32)}`)).toEqual([c, d]);
	await made.send('POST', `/issues/${a}/merge`, { issues: [c] });
	expect((await made.idsOf(`trace=${'1'.repeat(32)}`)).sort()).toEqual([a, d]);
	expect(await made.idsOf(`trace=${'2'.repeat(32)}`)).toEqual([]);
	expect((await made.app.request('/issues?trace=1')).status).toBe(400);
});

test('what is not merged is not let go', async () => {
	const { merge, unmerge } = await world();
	await merge(a, [b]);
	for (const issue of [a, c]) expect((await unmerge(a, [issue])).status).toBe(409);
});

test('a merge that others overtake while issues are looked up is a conflict', async () => {
	const [isAsked, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
	let asked = 0;
	const { send, state } = await issueWorld({
		groups,
		issues: {
			issues: async () => {
				asked += 1;
				isAsked.resolve();
				if (asked === 1) await gate.promise;
				return { groups, total: groups.length };
			},
		},
	});
	const late = send('POST', `/issues/${a}/merge`, { issues: [b] });
	await isAsked.promise;
	expect((await send('POST', `/issues/${b}/merge`, { issues: [a] })).status).toBe(200);
	gate.resolve();
	expect((await late).status).toBe(412);
	expect(state.get({ project: 'default', kind: 'issue', name: b })?.value).not.toHaveProperty('mergedInto');
});

test('of merges that touch one issue at the same time one holds, so that none goes in a circle', async () => {
	const { merge, counts } = await world();
	const answers = await Promise.all([merge(a, [b]), merge(b, [c]), merge(c, [a])]);
	const held = answers.filter(({ status }) => status === 200).length;
	expect(held).toBeGreaterThan(0);
	expect(answers.every(({ status }) => status === 200 || status === 412)).toBe(true);
	// Whichever held: every occurrence is counted once.
	const all = Object.values(await counts());
	expect(all.reduce((total, count) => total + count, 0)).toBe(1_111);
	expect(all).toHaveLength(4 - held);
});
