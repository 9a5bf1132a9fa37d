import { formatCounted } from '../../lib/format.ts';
import type { Issue, IssueDecision } from '../../../schema/api-issues.ts';
import type { IssueKind, IssueState } from '../../../schema/issue.ts';
import type { IconName } from '../../components/icon-paths.ts';

export const KIND_WORDS: Record<IssueKind, { name: string; icon: IconName; explains: string }> = {
	exception: { name: 'Exception', icon: 'error', explains: 'An exception that spans or logs recorded.' },
	'n-plus-one': {
		name: 'N+1',
		icon: 'repeat',
		explains: 'One call for each of many things, where one call for all of them would do.',
	},
	'repeated-calls': {
		name: 'Repeated call',
		icon: 'copy',
		explains: 'The same question with the same values, asked again within one trace.',
	},
	'sequential-calls': {
		name: 'One after the other',
		icon: 'arrow-right',
		explains:
			'Reads of different things that wait for each other. Where none needs what another found, they can run at once.',
	},
	'retry-storm': {
		name: 'Retries',
		icon: 'refresh',
		explains: 'A call that fails is tried again and again while somebody waits.',
	},
	gap: {
		name: 'Gap',
		icon: 'clock',
		explains: 'A long stretch in which no span ran: work that nobody instrumented, a lock, a busy event loop.',
	},
};

export const STATE_WORDS: Record<IssueState, string> = {
	new: 'New',
	regressed: 'Regressed',
	escalating: 'Escalating',
	ongoing: 'Ongoing',
	resolved: 'Resolved',
	ignored: 'Ignored',
};

/** What a state is called once an issue was put into it. */
export const STATE_DONE: Record<IssueState, string> = {
	new: 'Made new again',
	regressed: 'Reopened',
	escalating: 'Reopened',
	ongoing: 'Acknowledged',
	resolved: 'Resolved',
	ignored: 'Ignored',
};

/** The kind and the exception's type in front of what it says. */
export const headOf = ({ kind, type }: Pick<Issue, 'kind' | 'type'>): string =>
	kind === 'exception' && type !== '' ? type : KIND_WORDS[kind].name;

/** How far a decision holds; empty where the state says it all. */
export function extentWords(
	{ resolution, resolvedVersion, ignoredUntilMs, escalatesAbove }: IssueDecision,
	moment: (ms: number) => string,
): string {
	if (resolution === 'next-version') return 'in the next version';
	if (resolvedVersion !== undefined) return `in ${resolvedVersion}`;
	if (escalatesAbove !== undefined)
		return `until it occurs more than ${formatCounted(escalatesAbove, 'time')} in an hour`;
	return ignoredUntilMs === undefined ? '' : `until ${moment(ignoredUntilMs)}`;
}
