import { ISSUE_KINDS, ISSUE_STATES } from '../../../schema/issue.ts';
import {
	choiceParameter,
	integerParameter,
	sortParameter,
	textParameter,
	traceIdParameter,
} from '../../lib/query-state.ts';
import { MOST_CHOSEN } from './issue-choice.ts';
import type { Parameter } from '../../lib/query-state.ts';

export const STATE_TABS = ['open', ...ISSUE_STATES, 'all'] as const;
export type StateTab = (typeof STATE_TABS)[number];
export const KIND_CHOICES = ['all', 'performance', ...ISSUE_KINDS] as const;

const ISSUE_SORTS = ['last', 'first', 'count', 'traces', 'wasted', 'title'] as const;
export type IssueSort = (typeof ISSUE_SORTS)[number];

const idsParameter: Parameter<readonly string[]> = {
	fallback: [],
	decode: (text) => {
		const ids = [...new Set(text.split(','))];
		return ids.length <= MOST_CHOSEN && ids.every((id) => /^[0-9a-f]{16}$/.test(id)) ? ids : undefined;
	},
	encode: (ids) => (ids.length === 0 ? null : ids.join(',')),
};

export const issuesQuery = {
	state: choiceParameter(STATE_TABS, 'open'),
	kind: choiceParameter(KIND_CHOICES, 'all'),
	svc: textParameter(),
	/** Id of a trace: those that occurred in it. */
	trace: traceIdParameter,
	/** `-`: those that nobody takes care of. */
	owner: textParameter(),
	f: textParameter(),
	/** Ids of the issues that are chosen. */
	sel: idsParameter,
	sort: sortParameter(ISSUE_SORTS, '-last'),
};

/** `sample`: which of the newest occurrences is shown, from 1. */
export const issueQuery = { sample: integerParameter(1, 25) };
