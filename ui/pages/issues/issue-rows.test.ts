import { expect, test } from 'vitest';
import type { Issue } from '../../../schema/api-issues.ts';
import { countsByStep, issueCourse, sortIssues } from './issue-rows.ts';

test('steps without occurrences are there, and what lies outside the window is not', () => {
	const window = { fromMs: 1_050, toMs: 1_400 };
	const points: [number, number][] = [
		[1_000, 2],
		[1_200, 3],
		[1_400, 9],
		[900, 9],
	];
	expect(countsByStep(points, window, 100)).toEqual({ timesMs: [1_000, 1_100, 1_200, 1_300], counts: [2, 0, 3, 0] });
});

test('what goes on is a straight line to the ends of the window, and what just came shows', () => {
	const window = { fromMs: 1_050, toMs: 1_310 };
	const steady: [number, number][] = [
		[1_000, 5],
		[1_100, 10],
		[1_200, 10],
	];
	expect(issueCourse(steady, window, 100)).toEqual([10, 10, 10, null]);
	expect(issueCourse([[1_300, 1]], window, 100)).toEqual([0, 0, 0, 4]);
});

const issue = (issueId: string, facts: Partial<Issue>) => ({ issueId, ...facts }) as Issue;

test('issues sort by what is asked, the same way each time', () => {
	const issues = [
		issue('a', { count: 2, lastSeenMs: 5, title: 'b' }),
		issue('b', { count: 3, lastSeenMs: 5, title: 'A' }),
		issue('c', { count: 2, lastSeenMs: 9, title: 'c' }),
	];
	const order = (sort: Parameters<typeof sortIssues>[1]) => sortIssues(issues, sort).map(({ issueId }) => issueId);
	expect(order('-last')).toEqual(['c', 'a', 'b']);
	expect(order('count')).toEqual(['a', 'c', 'b']);
	expect(order('-count')).toEqual(['b', 'a', 'c']);
	expect(order('title')).toEqual(['b', 'a', 'c']);
});
