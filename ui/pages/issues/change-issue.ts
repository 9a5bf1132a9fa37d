import type { QueryClient } from '@tanstack/svelte-query';
import type { Issue, IssueChange } from '../../../schema/api-issues.ts';
import type { IssueState } from '../../../schema/issue.ts';
import { problemOf } from '../../lib/api.ts';
import type { AppParts } from '../../lib/app.ts';
import { STATE_DONE } from './issue-words.ts';

/** Puts an issue into a state, reads what shows it anew, and offers to undo that. */
export async function changeIssue(
	app: AppParts,
	client: QueryClient,
	issue: Issue,
	change: IssueChange & { state: Exclude<IssueState, 'regressed'> },
): Promise<void> {
	const title = issue.title.length > 60 ? `${issue.title.slice(0, 59)}…` : issue.title;
	const changed = await send(app, client, issue, change);
	if (changed === undefined) return;
	app.toasts.add(`${STATE_DONE[change.state]}: ${title}`, {
		label: 'Undo',
		run: () => void send(app, client, changed, { restoreVersion: issue.stateVersion }),
	});
}

/** Only if nobody else changed it in the meantime. */
async function send(app: AppParts, client: QueryClient, issue: Issue, change: IssueChange): Promise<Issue | undefined> {
	let changed: Issue | undefined;
	try {
		const answer = await app.api.request(`/issues/${issue.issueId}`, {
			method: 'PATCH',
			query: app.time.parameters,
			json: change,
			headers: { 'if-match': `"${issue.stateVersion}"` },
		});
		changed = (await answer.json()) as Issue;
	} catch (error) {
		const { code, detail } = problemOf(error);
		app.toasts.add(code === 'VERSION_CONFLICT' ? 'Somebody else changed this issue just now.' : detail);
	}
	await client.invalidateQueries({ predicate: ({ queryKey: [path] }) => String(path).startsWith('/issues') });
	return changed;
}
