import { ISSUE_KINDS, ISSUE_STATES } from '../../../schema/issue.ts';
import { choiceParameter, integerParameter, sortParameter, textParameter } from '../../lib/query-state.ts';

export const STATE_TABS = ['open', ...ISSUE_STATES, 'all'] as const;
export type StateTab = (typeof STATE_TABS)[number];
export const KIND_CHOICES = ['all', 'performance', ...ISSUE_KINDS] as const;

const ISSUE_SORTS = ['last', 'first', 'count', 'traces', 'wasted', 'title'] as const;
export type IssueSort = (typeof ISSUE_SORTS)[number];

export const issuesQuery = {
	state: choiceParameter(STATE_TABS, 'open'),
	kind: choiceParameter(KIND_CHOICES, 'all'),
	svc: textParameter(),
	f: textParameter(),
	sort: sortParameter(ISSUE_SORTS, '-last'),
};

/** `sample`: which of the newest occurrences is shown, from 1. */
export const issueQuery = { sample: integerParameter(1, 25) };
