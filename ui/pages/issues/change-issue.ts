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
	const changed = await send(app, client, issue, change);
	if (changed === undefined) return false;
	const undo = {
		label: 'Undo',
		run: () => void send(app, client, changed, { restoreVersion: issue.stateVersion }),
	};
	// What was said stays in the history.
	const isDecision = change.state !== undefined || change.owner !== undefined;
	app.toasts.add(`${doneWords(change)}: ${shortTitle(issue)}`, isDecision ? undo : undefined);
	return true;
}

function doneWords({ state, owner }: IssueChange): string {
	if (state !== undefined) return STATE_DONE[state];
	if (owner === undefined) return 'Commented';
	return owner === '' ? 'No owner' : `Given to ${owner}`;
}

const shortTitle = ({ title }: Pick<Issue, 'title'>): string => (title.length > 60 ? `${title.slice(0, 59)}…` : title);

/** Only if nobody else changed it in the meantime. */
async function send(app: AppParts, client: QueryClient, issue: Issue, change: IssueChange): Promise<Issue | undefined> {
	const headers = { 'if-match': `"${issue.stateVersion}"` };
	return ask<Issue>(app, client, `/issues/${issue.issueId}`, { method: 'PATCH', json: change, headers });
}

/** Makes several issues one, and offers to undo that. True when it is done. */
export async function mergeIssues(
	app: AppParts,
	client: QueryClient,
	into: Issue,
	others: readonly Issue[],
): Promise<boolean> {
	const issues = others.map(({ issueId }) => issueId);
	const merged = await ask<MergedAnswer>(app, client, `/issues/${into.issueId}/merge`, {
		method: 'POST',
		json: { issues },
	});
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
	return ask<MergedAnswer>(app, client, `/issues/${from}/unmerge`, { method: 'POST', json: { issues } });
}

async function ask<Answer>(
	app: AppParts,
	client: QueryClient,
	path: string,
	request: Parameters<AppParts['api']['request']>[1],
): Promise<Answer | undefined> {
	let answer: Answer | undefined;
	try {
		const response = await app.api.request(path, { query: app.time.parameters, ...request });
		answer = (await response.json()) as Answer;
	} catch (error) {
		const { code, detail } = problemOf(error);
		app.toasts.add(code === 'VERSION_CONFLICT' ? 'Somebody else changed this issue just now.' : detail);
	}
	const isShown = ({ queryKey: [path] }: { queryKey: readonly unknown[] }) => /^\/(?:issues|owners)/.test(String(path));
	await client.invalidateQueries({ predicate: isShown });
	return answer;
}
