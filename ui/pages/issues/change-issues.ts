import type { QueryClient } from '@tanstack/svelte-query';
import type { Issue, IssueChange } from '../../../schema/api-issues.ts';
import type { AppParts } from '../../lib/app.ts';
import { formatCounted } from '../../lib/format.ts';
import { doneWords, readAnew, sendChange, whyNot } from './change-issue.ts';

/** Requests that are under way at once. */
const LANES = 4;

/**
 * Decides the same of several issues, each on its own: one that fails keeps none of the others back. Tells what was done and what
 * failed with why, and offers to undo what was done. Resolves with the issues that failed.
 */
export async function changeIssues(
	app: AppParts,
	client: QueryClient,
	issues: readonly Issue[],
	change: Pick<IssueChange, 'state' | 'owner'>,
): Promise<Issue[]> {
	const { done, failed } = await each(issues, (issue) => sendChange(app, issue, change));
	await readAnew(client);
	const of = done.map(({ from, to }) => ({ now: to, version: from.stateVersion }));
	tell(app, doneWords(change), done.length, failed, {
		label: 'Undo',
		run: () => void undoAll(app, client, of),
	});
	return failed.map(({ from }) => from);
}

async function undoAll(app: AppParts, client: QueryClient, of: readonly { now: Issue; version: number }[]) {
	const { done, failed } = await each(of, ({ now, version }) => sendChange(app, now, { restoreVersion: version }));
	await readAnew(client);
	tell(app, 'Undone', done.length, failed);
}

interface Outcome<From> {
	done: { from: From; to: Issue }[];
	failed: { from: From; why: string }[];
}

async function each<From>(all: readonly From[], run: (one: From) => Promise<Issue>): Promise<Outcome<From>> {
	const outcome: Outcome<From> = { done: [], failed: [] };
	const left = [...all];
	const lane = async () => {
		for (let from = left.shift(); from !== undefined; from = left.shift()) {
			try {
				outcome.done.push({ from, to: await run(from) });
			} catch (error) {
				outcome.failed.push({ from, why: whyNot(error) });
			}
		}
	};
	await Promise.all(Array.from({ length: LANES }, lane));
	return outcome;
}

/** "Resolved: 4 issues. 1 failed: Somebody else changed this issue just now." */
function tell(
	app: AppParts,
	what: string,
	done: number,
	failed: readonly { why: string }[],
	undo?: Parameters<AppParts['toasts']['add']>[1],
): void {
	const reasons = [...new Set(failed.map(({ why }) => why))];
	const parts = [
		...(done > 0 ? [`${what}: ${formatCounted(done, 'issue')}`] : []),
		...(failed.length > 0 ? [`${formatCounted(failed.length, 'issue')} failed: ${reasons.join(' ')}`] : []),
	];
	app.toasts.add(parts.join('. '), done > 0 ? undo : undefined);
}
