import { expect, test } from 'vitest';
import { issueGroup, issueWorld, now } from '../../test/support/issue-world.ts';

const [first, second] = ['a'.repeat(16), 'b'.repeat(16)];
const { change, detail, idsOf, list } = await issueWorld({
	groups: [
		issueGroup(first),
		issueGroup(second, {
			kind: 'n-plus-one',
			type: '',
			title: 'SELECT *\n  FROM item',
			culprit: '',
			serviceName: 'cart',
			namespace: '',
		}),
	],
	issues: {
		seen: async () => new Map([[first, [{ issueId: first, version: 'v0', firstMs: now - 9_000, lastMs: now - 300 }]]]),
		details: async () => ({
			operations: [{ value: 'POST /charge', count: 3, firstMs: 1, lastMs: 2 }],
			environments: [],
			versions: [],
			messages: [{ message: 'charge 1 timed out', stack: 'at charge', count: 3 }],
			of: { operations: 1, environments: 0, versions: 0, messages: 4 },
			members: [],
		}),
		deploys: async () => ({ deploys: [{ version: 'v1', firstSeenMs: now - 600 }], total: 1 }),
		versions: async () =>
			new Map([
				[
					JSON.stringify(['shop', 'payment']),
					[
						{ version: 'v0', firstSeenMs: now - 10_000 },
						{ version: 'old', firstSeenMs: now - 90_000 },
					],
				],
			]),
	},
});

test('an inbox tells first and last sight over all time, services, what was analysed and what was cut', async () => {
	const answer = await list('');
	expect(answer.issues[0]).toMatchObject({
		service: 'shop/payment',
		firstSeenMs: now - 9_000,
		lastSeenMs: now - 100,
		state: 'new',
		stateVersion: 0,
		cameWith: { version: 'v0', isNewest: true },
	});
	expect(answer).toMatchObject({
		services: ['cart', 'shop/payment'],
		analysis: { tracesAnalysed: 7 },
		partial: { seen: 2, of: 5 },
		issues: [{}, { title: 'SELECT * FROM item', cameWith: null }],
	});
});

test.each([
	['kind=exception', [first]],
	['kind=performance', [second]],
	['kind=gap', []],
	['service=cart', [second]],
	['q=PAY.JS', [first]],
	['q=from%20item', [second]],
	['state=new', [first, second]],
	['state=resolved', []],
])('%s', async (query, expected) => {
	expect(await idsOf(query)).toEqual(expected);
});

test('a change of state shows in the list, its counts and the history, and can be undone', async () => {
	const resolved = await change(
		first,
		{ state: 'resolved', resolution: 'next-version', comment: 'fixed' },
		{ 'if-match': '"0"' },
	);
	expect(await resolved.json()).toMatchObject({ issueId: first, state: 'resolved', stateVersion: 1 });
	expect(resolved.headers.get('etag')).toBe('"1"');
	expect(await idsOf('state=open')).toEqual([second]);
	expect((await list('state=open')).states).toEqual({
		new: 1,
		regressed: 0,
		escalating: 0,
		ongoing: 0,
		resolved: 1,
		ignored: 0,
	});
	expect((await change(first, { state: 'ongoing' }, { 'if-match': '"7"' })).status).toBe(412);
	await change(first, { state: 'ignored', ignoredUntilMs: now + 1 });
	await change(first, { restoreVersion: 1 });
	expect(await idsOf('state=resolved')).toEqual([first]);
	await change(first, { restoreVersion: 0 });
	expect((await list('state=open')).issues).toMatchObject([{ state: 'new', stateVersion: 0 }, {}]);
	expect((await change(first, { restoreVersion: 9 })).status).toBe(404);
	expect(await detail(first)).toMatchObject({
		stack: 'at charge',
		message: 'charge 1 timed out',
		operations: [{ value: 'POST /charge', count: 3 }],
		deploys: [{ version: 'v1' }],
		history: [
			{ state: 'resolved', version: 3, resolution: 'next-version', comment: '', changed: ['state'] },
			{ state: 'ignored', version: 2, ignoredUntilMs: now + 1, changed: ['state'] },
			{
				state: 'resolved',
				version: 1,
				changed: ['state'],
				resolution: 'next-version',
				comment: 'fixed',
				author: 'anonymous',
				changedMs: now,
			},
		],
	});
});

test('ignored until it escalates remembers what was usual in the week before', async () => {
	const world = await issueWorld({
		groups: [
			issueGroup(first, {
				points: [
					[now - 7_200_000, 4],
					[now - 3_600_000, 30],
				],
			}),
		],
	});
	await world.change(first, { state: 'ignored', untilEscalating: true });
	const { issue, history } = await world.detail(first);
	expect(issue.state).toBe('ignored');
	expect(history).toMatchObject([{ state: 'ignored', escalatesAbove: 60, changed: ['state'] }]);
	await world.change(first, { state: 'ignored' });
	expect((await world.detail(first)).history[0]).not.toHaveProperty('escalatesAbove');
});

test('what is left out of an issue is said: decisions, versions of its service, and those it occurred in', async () => {
	const many = { versions: ['v1', 'v2'], versionsOf: 31 };
	const world = await issueWorld({
		groups: [issueGroup(first, many), issueGroup(second, { ...many, versionsOf: 9 })],
		issues: { deploys: async () => ({ deploys: [{ version: 'v2', firstSeenMs: now }], total: 64 }) },
	});
	await world.change(first, { state: 'resolved', owner: 'ada' });
	for (let comment = 2; comment <= 53; comment += 1) await world.change(first, { comment: `${comment}` });
	const { history, issue, partial } = await world.detail(first);
	expect(history.map(({ version }) => version)).toEqual(Array.from({ length: 50 }, (_, place) => 53 - place));
	// What it was before is known, though it is not told.
	expect(history.flatMap(({ changed }) => changed)).toEqual([]);
	expect(issue.versionsOf).toBe(31);
	expect(partial).toMatchObject({ seen: 1, of: 64, what: 'versions' });
	expect(partial?.reason).toContain('50 of 53 decisions');
	// A number that was given to a write that failed, and what was taken back, are no decisions.
	world.table.rows.splice(30, 1);
	await world.change(first, { restoreVersion: 0 });
	await world.change(first, { comment: 'again' });
	const later = await world.detail(first);
	expect([later.history.length, later.history[0]?.version]).toEqual([49, 55]);
	expect(later.partial?.reason).toContain('49 of 53 decisions');
	expect((await world.list('')).partial?.reason).toContain('4 of 40 versions');
	expect((await world.detail(second)).partial?.reason).not.toContain('decisions');
});

test('more issues in a trace, and more services to choose from, than are told is said', async () => {
	const world = await issueWorld({
		groups: [issueGroup(first)],
		issues: {
			ofTrace: async () => ({ issueIds: [first], total: 1_700 }),
			services: async () => ({ names: ['cart'], total: 1_300 }),
		},
	});
	expect((await world.list(`trace=${'1'.repeat(32)}`)).partial?.reason).toContain('1 of 1700');
	expect((await world.list('')).partial?.reason).toContain('1 of 1300 services');
});

test.each([
	['c'.repeat(16), { state: 'ongoing' }, 404, 'NO_SUCH_ISSUE'],
	['xyz', { state: 'ongoing' }, 400, 'BAD_PARAMETER'],
	[first, { state: 'regressed' }, 400, 'BAD_BODY'],
	[first, { state: 'resolved', resolution: 'version' }, 400, 'BAD_BODY'],
	[first, { state: 'resolved', resolvedVersion: 'v1' }, 400, 'BAD_BODY'],
	[first, { state: 'ongoing', restoreVersion: 1 }, 400, 'BAD_BODY'],
	[first, { comment: 'x', restoreVersion: 1 }, 400, 'BAD_BODY'],
	[first, { state: 'ongoing', ignoredUntilMs: 1 }, 400, 'BAD_BODY'],
	[first, { state: 'ongoing', untilEscalating: true }, 400, 'BAD_BODY'],
	[first, { state: 'ignored', ignoredUntilMs: 1, untilEscalating: true }, 400, 'BAD_BODY'],
	[first, { state: 'escalating' }, 400, 'BAD_BODY'],
	[first, { owner: ' - ' }, 400, 'BAD_BODY'],
	[first, {}, 400, 'BAD_BODY'],
])('PATCH %s %j is refused', async (id, body, status, code) => {
	const answer = await change(id, body);
	expect({ status: answer.status, ...((await answer.json()) as object) }).toMatchObject({ status, code });
});
