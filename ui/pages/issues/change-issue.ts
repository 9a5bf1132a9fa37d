import type { QueryClient } from '@tanstack/svelte-query';
import type { Issue, IssueChange, MergedAnswer } from '../../../schema/api-issues.ts';
import { problemOf } from '../../lib/api.ts';
import type { AppParts } from '../../lib/app.ts';
import { formatCounted } from '../../lib/format.ts';
import { STATE_DONE } from './issue-words.ts';

/** Decides of an issue, reads what shows it anew, and offers to undo that. */
export async function changeIssue(
	app: AppParts,
	client: QueryClient,
	issue: Issue,
	change: Omit<IssueChange, 'restoreVersion'>,
): Promise<boolean> {
	const changed = await ask(app, client, () => sendChange(app, issue, change));
	if (changed === undefined) return false;
	const undo = {
		label: 'Undo',
		run: () => void ask(app, client, () => sendChange(app, changed, { restoreVersion: issue.stateVersion })),
	};
	// What was said stays in the history.
	const isDecision = change.state !== undefined || change.owner !== undefined;
	app.toasts.add(`${doneWords(change)}: ${shortTitle(issue)}`, isDecision ? undo : undefined);
	return true;
}

/** What was done: "Resolved". */
export function doneWords({ state, owner }: IssueChange): string {
	if (state !== undefined) return STATE_DONE[state];
	if (owner === undefined) return 'Commented';
	return owner === '' ? 'No owner' : `Given to ${owner}`;
}

const shortTitle = ({ title }: Pick<Issue, 'title'>): string => (title.length > 60 ? `${title.slice(0, 59)}…` : title);

/** Only if nobody else changed it in the meantime. Rejects with what the server says. */
export const sendChange = (app: AppParts, { issueId, stateVersion }: Issue, change: IssueChange): Promise<Issue> =>
	send(app, `/issues/${issueId}`, { method: 'PATCH', json: change, headers: { 'if-match': `"${stateVersion}"` } });

/** Makes several issues one, and offers to undo that. True when it is done. */
export async function mergeIssues(
	app: AppParts,
	client: QueryClient,
	into: Issue,
	others: readonly Issue[],
): Promise<boolean> {
	const issues = others.map(({ issueId }) => issueId);
	const path = `/issues/${into.issueId}/merge`;
	const merged = await ask(app, client, () => send<MergedAnswer>(app, path, { method: 'POST', json: { issues } }));
	if (merged === undefined) return false;
	app.toasts.add(`Merged ${formatCounted(issues.length, 'issue')} into ${shortTitle(into)}`, {
		label: 'Undo',
		run: () => void unmergeIssues(app, client, merged.issueId, issues),
	});
	return true;
}

/** Lets merged issues go: each is one of its own again. */
export function unmergeIssues(
	app: AppParts,
	client: QueryClient,
	from: string,
	issues: readonly string[],
): Promise<MergedAnswer | undefined> {
	return ask(app, client, () => send(app, `/issues/${from}/unmerge`, { method: 'POST', json: { issues } }));
}

async function send<Answer>(
	app: AppParts,
	path: string,
	request: Parameters<AppParts['api']['request']>[1],
): Promise<Answer> {
	const response = await app.api.request(path, { query: app.time.parameters, ...request });
	return (await response.json()) as Answer;
}

async function ask<Answer>(
	app: AppParts,
	client: QueryClient,
	run: () => Promise<Answer>,
): Promise<Answer | undefined> {
	let answer: Answer | undefined;
	try {
		answer = await run();
	} catch (error) {
		app.toasts.add(whyNot(error));
	}
	await readAnew(client);
	return answer;
}

/** Why an issue could not be changed, for people. */
export function whyNot(error: unknown): string {
	const { code, detail } = problemOf(error);
	return code === 'VERSION_CONFLICT' ? 'Somebody else changed this issue just now.' : detail;
}

/** All that shows issues. */
export async function readAnew(client: QueryClient): Promise<void> {
	const isShown = ({ queryKey: [path] }: { queryKey: readonly unknown[] }) => /^\/(?:issues|owners)/.test(String(path));
	await client.invalidateQueries({ predicate: isShown });
}
