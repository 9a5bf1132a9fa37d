import { expect, test } from 'vitest';
import { usualInAnHour } from '../analysis/issues/escalation.ts';
import { ISSUE_DOCUMENT } from '../analysis/issues/issue-state.ts';
import type { IssueDocument } from '../analysis/issues/issue-state.ts';
import { StateStore } from '../state/state-store.ts';
import type { WindowScope } from '../store/reader-types.ts';
import { MemoryTable } from '../../test/support/memory-table.ts';
import { WatchEscalations } from './watch-escalations.ts';

test('usual is twice the busiest hour, and never less than ten', () => {
	expect(usualInAnHour([])).toBe(10);
	expect(usualInAnHour([[0, 4]])).toBe(10);
	expect(
		usualInAnHour([
			[0, 4],
			[3_600_000, 31],
			[7_200_000, 30],
		]),
	).toBe(62);
});

const hour = 3_600_000;
const nowMs = 100 * hour;
const service = { service: 'a', namespace: '' };

async function watched(documents: Record<string, Omit<IssueDocument, 'service'>>, counts: Record<string, number>) {
	const table = new MemoryTable();
	const state = await StateStore.open({ clock: () => nowMs, table });
	for (const [name, document] of Object.entries(documents))
		await state.put({ project: 'p', kind: ISSUE_DOCUMENT, name }, { service, ...document }, { author: 'ann' });
	const asked: { scope: WindowScope; ids: readonly string[] }[] = [];
	const watch = new WatchEscalations({
		state,
		clock: () => nowMs,
		issues: {
			occurrences: async (scope, ids) => {
				asked.push({ scope, ids });
				return ids.flatMap((issueId) =>
					counts[issueId] === undefined ? [] : [{ issueId, count: counts[issueId], lastMs: nowMs }],
				);
			},
		},
	});
	await watch.step();
	await watch.step();
	const written = table.rows.slice(Object.keys(documents).length).map(({ name }) => name);
	return { asked, written, of: (name: string) => state.get({ project: 'p', kind: ISSUE_DOCUMENT, name })?.value };
}

test('what occurs more than usual within the last hour escalates once, and says how often; nothing else is touched', async () => {
	const { asked, written, of } = await watched(
		{
			flood: { state: 'ignored', escalatesAbove: 20, owner: 'bo' },
			usual: { state: 'ignored', escalatesAbove: 20 },
			forEver: { state: 'ignored' },
			looked: { state: 'ongoing' },
		},
		{ flood: 21, usual: 20, forEver: 1_000, looked: 1_000 },
	);
	expect(written).toEqual(['flood']);
	expect(of('flood')).toEqual({
		service,
		state: 'escalating',
		owner: 'bo',
		comment: '21 times within an hour; up to 20 were to be ignored.',
	});
	expect(asked[0]).toEqual({
		scope: { project: 'p', window: { fromMs: nowMs - hour, toMs: nowMs } },
		ids: ['flood', 'usual'],
	});
});

test('occurrences of merged issues count as of the one that stands for them', async () => {
	const { written } = await watched(
		{
			root: { state: 'ignored', escalatesAbove: 20 },
			member: { state: 'ignored', escalatesAbove: 1, mergedInto: { issueId: 'root', title: '' } },
		},
		{ root: 12, member: 9 },
	);
	expect(written).toEqual(['root']);
});
