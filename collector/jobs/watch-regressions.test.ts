import { expect, test } from 'vitest';
import { ISSUE_DOCUMENT, regressedIn, stateAt } from '../analysis/issues/issue-state.ts';
import type { IssueDocument } from '../analysis/issues/issue-state.ts';
import { StateStore } from '../state/state-store.ts';
import type { SeenIssue } from '../store/issues/issue-types.ts';
import { WatchRegressions } from './watch-regressions.ts';
import { MemoryTable } from '../../test/support/memory-table.ts';

const firstSeen = new Map([
	['v1', 100],
	['v2', 200],
	['v3', 600],
]);
const deploysOf = (all: ReadonlyMap<string, number>) => ({
	deploys: [...all].map(([version, firstSeenMs]) => ({ version, firstSeenMs })),
	total: all.size,
});
const of = (version: string) => firstSeen.get(version);

test.each<[string, Parameters<typeof regressedIn>[0], [string, number][], string | undefined]>([
	['resolved now, seen before', { in: 'now', atMs: 500 }, [['v2', 499]], undefined],
	['resolved now, seen after', { in: 'now', atMs: 500 }, [['v2', 501]], 'v2'],
	['resolved now, in a service without versions', { in: 'now', atMs: 500 }, [['', 501]], ''],
	[
		'in the next version, seen in old instances',
		{ in: 'next-version', atMs: 500 },
		[
			['v1', 900],
			['v2', 901],
		],
		undefined,
	],
	[
		'in the next version, seen there',
		{ in: 'next-version', atMs: 500 },
		[
			['v1', 900],
			['v3', 950],
		],
		'v3',
	],
	[
		'in a version, seen in it and before it',
		{ in: 'version', version: 'v2', atMs: 500 },
		[
			['v1', 900],
			['v2', 900],
		],
		undefined,
	],
	['in a version, seen in a later one', { in: 'version', version: 'v2', atMs: 500 }, [['v3', 700]], 'v3'],
	['in a version that nobody has seen', { in: 'version', version: 'v9', atMs: 500 }, [['v3', 700]], 'v3'],
	['in a version, a service without versions', { in: 'version', version: 'v2', atMs: 500 }, [['', 700]], undefined],
])('%s', (_, resolution, seen, expected) => {
	expect(
		regressedIn(
			resolution,
			seen.map(([version, lastMs]) => ({ version, lastMs })),
			of,
		)?.version,
	).toBe(expected);
});

test('an issue is new until somebody decides, and ignored no longer than was said', () => {
	expect(stateAt(undefined, 0)).toBe('new');
	const service = { service: 'a', namespace: '' };
	const until: IssueDocument = { service, state: 'ignored', ignoredUntilMs: 100 };
	expect([stateAt(until, 99), stateAt(until, 100), stateAt({ state: 'ignored' }, 1e15)]).toEqual([
		'ignored',
		'ongoing',
		'ignored',
	]);
});

test('what came back is reopened once, with the version in its history, and nothing else is touched', async () => {
	const table = new MemoryTable();
	const { rows } = table;
	const state = await StateStore.open({
		clock: () => 1_000,
		table,
	});
	const decide = (name: string, document: Omit<IssueDocument, 'service'>) =>
		state.put(
			{ project: 'p', kind: ISSUE_DOCUMENT, name },
			{ service: { service: 'a', namespace: '' }, ...document },
			{ author: 'ann' },
		);
	await decide('back', { state: 'resolved', resolution: { in: 'next-version', atMs: 500 } });
	await decide('quiet', { state: 'resolved', resolution: { in: 'now', atMs: 500 } });
	await decide('ignored', { state: 'ignored' });
	const seen = (issueId: string, version: string, lastMs: number) =>
		[issueId, [{ issueId, version, firstMs: 0, lastMs }]] as [string, SeenIssue[]];
	const watch = new WatchRegressions({
		state,
		issues: {
			seen: async () => new Map([seen('back', 'v3', 900), seen('quiet', 'v2', 400), seen('ignored', 'v3', 900)]),
			deploys: async () => deploysOf(firstSeen),
		},
	});
	await watch.step();
	await watch.step();
	expect(rows.slice(3)).toMatchObject([{ name: 'back', version: 2, author: 'spanhouse' }]);
	expect(state.get({ project: 'p', kind: ISSUE_DOCUMENT, name: 'back' })?.value).toMatchObject({
		state: 'regressed',
		comment: 'It came back in v3.',
	});
});

test('what comes back of a merged issue comes back as the one that stands for it, which keeps its owner', async () => {
	const table = new MemoryTable();
	const state = await StateStore.open({ clock: () => 1_000, table });
	const service = { service: 'a', namespace: '' };
	const put = (name: string, value: IssueDocument) =>
		state.put({ project: 'p', kind: ISSUE_DOCUMENT, name }, value, { author: 'ann' });
	await put('root', {
		service,
		state: 'resolved',
		resolution: { in: 'now', atMs: 500 },
		owner: 'bo',
		comment: 'fixed',
	});
	await put('member', {
		service,
		state: 'resolved',
		resolution: { in: 'now', atMs: 100 },
		mergedInto: { issueId: 'root', title: 'member' },
	});
	const watch = new WatchRegressions({
		state,
		issues: {
			seen: async () =>
				new Map([
					['root', [{ issueId: 'root', version: 'v1', firstMs: 0, lastMs: 400 }]],
					['member', [{ issueId: 'member', version: 'v3', firstMs: 0, lastMs: 900 }]],
				]),
			deploys: async () => deploysOf(firstSeen),
		},
	});
	await watch.step();
	await watch.step();
	expect(table.rows.slice(2)).toMatchObject([{ name: 'root', author: 'spanhouse' }]);
	expect(state.get({ project: 'p', kind: ISSUE_DOCUMENT, name: 'root' })?.value).toEqual({
		service,
		state: 'regressed',
		resolution: { in: 'now', atMs: 500 },
		owner: 'bo',
		comment: 'It came back in v3.',
	});
});
