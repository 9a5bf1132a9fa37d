import { expect, test } from 'vitest';
import { ISSUE_DOCUMENT } from '../analysis/issues/issue-state.ts';
import type { CallsByWindow } from '../analysis/dependency-changes.ts';
import { StateStore } from '../state/state-store.ts';
import type { TimeWindow } from '../../schema/api.ts';
import { issueGroup } from '../../test/support/issue-world.ts';
import { MemoryTable } from '../../test/support/memory-table.ts';
import { deployContents } from './deploy-contents.ts';
import type { ContentSources } from './deploy-contents.ts';

const minuteMs = 60_000;
const firstMs = 1_700_000_040_000 + 7_000;
const after = { fromMs: firstMs, toMs: firstMs + 30 * minuteMs };
const sight = (version: string, lastMs: number) => ({ namespace: 'shop', service: 'checkout', environment: 'prod', version, firstMs, lastMs }); // prettier-ignore
const deploy = sight('2', after.toMs);

/** Calls of a host of before, and of one of after. */
const calls: CallsByWindow[] = [
	[100, 0, 50, 0],
	[0, 20, 0, 20],
].map((counts, at) => ({
	edge: {
		type: 'request',
		caller: { type: 'service', name: 'shop/checkout' },
		callee: { type: 'external', name: `${at}.test` },
		address: '',
	},
	calls: counts,
}));

async function contents(more: {
	issues?: Partial<ContentSources['issues']>;
	pendingBuckets?: number;
	edges?: number;
	otherUntilMs?: number;
	versions?: number;
	services?: number;
	merged?: string;
}) {
	const state = await StateStore.open({ clock: () => firstMs, table: new MemoryTable() });
	if (more.merged !== undefined) {
		const value = { mergedInto: { issueId: 'a', title: '' } };
		await state.put({ project: 'p', kind: ISSUE_DOCUMENT, name: more.merged }, value, { author: 'x' });
	}
	const asked: TimeWindow[][] = [];
	const sources = {
		state,
		changes: {
			versions: async () => ({
				versions: [deploy, sight('1', more.otherUntilMs ?? firstMs + 90_000)],
				total: more.versions ?? 2,
			}),
		},
		issues: { ofVersion: async () => ({ groups: [], total: 0 }), ...more.issues },
		queries: { newSince: async () => ({ queries: [], total: 0 }) },
		serviceCalls: {
			calls: async (_: unknown, __: unknown, windows: TimeWindow[]) => {
				asked.push(windows);
				return { calls, edges: more.edges ?? calls.length, pendingBuckets: more.pendingBuckets ?? 0, buckets: 7 };
			},
			countedTo: async () => firstMs + 20 * minuteMs,
			services: async () => ({ names: [], total: more.services ?? 0 }),
		},
	} as unknown as ContentSources;
	return { found: await deployContents(sources, { project: 'p' }, deploy, after), windows: asked[0]! };
}

test('what is gone is looked for as long as calls are counted, once no other version answers', async () => {
	const { found, windows } = await contents({});
	const [, since, left, late] = windows as [TimeWindow, TimeWindow, TimeWindow, TimeWindow];
	const wholeMs = firstMs - 7_000;
	expect(since.fromMs).toBe(wholeMs - 5 * minuteMs);
	expect(late).toEqual({ fromMs: wholeMs + 3 * minuteMs, toMs: firstMs + 20 * minuteMs });
	expect(left).toEqual({ fromMs: since.fromMs - (late.toMs - late.fromMs), toMs: since.fromMs });
	expect(found.newDependencies).toEqual({ list: [{ node: 'external:1.test', calls: 20 }] });
	expect(found.goneDependencies).toEqual({ list: [{ node: 'external:0.test', calls: 50 }] });
});

test('while another version answers nothing is asked of the time after', async () => {
	const { windows } = await contents({ otherUntilMs: after.toMs - 1 });
	const late = windows[3]!;
	expect(late.toMs).toBe(late.fromMs);
});

test('while calls wait to be counted nothing is said to be gone, and it is said that they wait', async () => {
	const { found } = await contents({ pendingBuckets: 2 });
	const partial = { reason: 'spans that have just come are not all counted yet', seen: 5, of: 7, what: 'parts of the window' }; // prettier-ignore
	expect(found.goneDependencies).toEqual({ list: [], partial });
	expect(found.newDependencies).toEqual({ list: [{ node: 'external:1.test', calls: 20 }], partial });
});

const seen =
	(...sights: [id: string, version: string, firstMs: number][]) =>
	async () =>
		Map.groupBy(
			sights.map(([issueId, version, ms]) => ({ issueId, version, firstMs: ms, lastMs: ms })),
			({ issueId }) => issueId,
		);

test('versions and services that were not looked at are said where they can be missed', async () => {
	const { found } = await contents({ versions: 20_500, services: 12_000 });
	for (const { partial } of [found.newDependencies, found.goneDependencies]) {
		expect(partial).toMatchObject({ seen: 0, of: 12_000, what: 'services' });
		expect(partial?.reason).toContain('2 of 20500 versions of services');
	}
});

test('an issue is known when one that was merged into it was seen before', async () => {
	const issues = {
		ofVersion: async () => ({ groups: [issueGroup('a'), issueGroup('b')], total: 2 }),
		seen: seen(['a', '2', firstMs], ['b', '2', firstMs - 1], ['b', '1', firstMs], ['c', '1', firstMs - 9]),
	};
	const idsOf = (of: { list: { issueId: string }[] }) => of.list.map(({ issueId }) => issueId);
	expect(idsOf((await contents({ issues })).found.newIssues)).toEqual(['a', 'b']);
	expect(idsOf((await contents({ issues, merged: 'c' })).found.newIssues)).toEqual(['b']);
});

test('where the version has more issues than are looked at, that is said', async () => {
	const issues = { ofVersion: async () => ({ groups: [issueGroup('a')], total: 1_200 }), seen: seen() };
	expect((await contents({ issues })).found.newIssues.partial).toMatchObject({ seen: 1, of: 1_200 });
});
