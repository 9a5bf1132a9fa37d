/** The routes about issues before issues that are made up, with a store of documents in memory. */
import { Hono } from 'hono';
import type { IssueAnswer, IssuesAnswer } from '../../schema/api-issues.ts';
import { issueRoutes } from '../../collector/api/issues.ts';
import type { IssueSources } from '../../collector/api/issue-sources.ts';
import { problemResponse } from '../../collector/api/problem-response.ts';
import { mount } from '../../collector/api/route.ts';
import { silentLog } from '../../collector/log.ts';
import { StateStore } from '../../collector/state/state-store.ts';
import type { IssueGroup, IssueReader } from '../../collector/store/issues/issue-types.ts';
import { MemoryTable } from './memory-table.ts';

export const now = 1_700_000_000_000;

export const issueGroup = (issueId: string, more: Partial<IssueGroup> = {}): IssueGroup => ({
	issueId,
	kind: 'exception',
	type: 'Timeout',
	title: 'charge timed out',
	culprit: 'charge · pay.js:51',
	operation: 'POST /charge',
	namespace: 'shop',
	serviceName: 'payment',
	count: 3,
	traces: 2,
	wastedNano: 0,
	firstMs: now - 500,
	lastMs: now - 100,
	versions: ['v1'],
	versionsOf: 1,
	points: [],
	samples: [],
	...more,
});

interface Parts {
	groups: readonly IssueGroup[];
	issues?: Partial<IssueReader>;
	access?: IssueSources['access'];
}

const openAccess = { isLoginNeeded: false, users: { list: () => [] } } as unknown as IssueSources['access'];

export async function issueWorld({ groups, issues, access = openAccess }: Parts) {
	const table = new MemoryTable();
	const state = await StateStore.open({ clock: () => now, table });
	const reader: IssueReader = {
		// As the store does it: merged ones are counted to the one that stands for them.
		issues: async (_, __, { members, roots } = { members: [], roots: [] }, { only } = {}) => {
			const asked = groups.filter(({ issueId }) => only?.includes(issueId) ?? true);
			const byRoot = Map.groupBy(asked, ({ issueId }) => roots[members.indexOf(issueId)] ?? issueId);
			const summed = [...byRoot].map(([issueId, all]) => sum(issueId, all));
			return { groups: summed, total: asked.length + 3 };
		},
		issue: async (_, [root, ...members]) => {
			const all = groups.filter(({ issueId }) => issueId === root || members.includes(issueId));
			return all.length === 0 ? undefined : sum(root, all);
		},
		services: async () => {
			const names = [...new Set(groups.map(nameOf))].sort();
			return { names, total: names.length };
		},
		ofVersion: async () => ({ groups: [], total: 0 }),
		seen: async () => new Map(),
		details: async () => ({
			operations: [],
			environments: [],
			versions: [],
			messages: [],
			of: { operations: 0, environments: 0, versions: 0, messages: 0 },
			members: [],
		}),
		deploys: async () => ({ deploys: [], total: 0 }),
		occurrences: async (_, ids) =>
			groups
				.filter(({ issueId }) => ids.includes(issueId))
				.map(({ issueId, count, lastMs }) => ({ issueId, count, lastMs })),
		ofTrace: async () => ({ issueIds: [], total: 0 }),
		versions: async () => new Map(),
		...issues,
	};
	const app = new Hono();
	app.onError((error, c) => problemResponse(c, error, silentLog));
	const analysed = () => ({ tracesAnalysed: 7, tracesSkipped: 1, tracesWaiting: 2 });
	const red: IssueSources['red'] = {
		namespacesOf: async (_, service) => [
			...new Set(groups.filter(({ serviceName }) => serviceName === service).map(({ namespace }) => namespace)),
		],
	};
	mount(app, issueRoutes({ state, clock: () => now, analysed, issues: reader, access, red }), () => {});
	const list = async (query: string) => (await (await app.request(`/issues?${query}`)).json()) as IssuesAnswer;
	const send = (method: string, path: string, body: object, headers: Record<string, string> = {}) =>
		app.request(path, {
			method,
			headers: { 'content-type': 'application/json', ...headers },
			body: JSON.stringify(body),
		});
	return {
		app,
		table,
		state,
		list,
		send,
		idsOf: async (query: string) => (await list(query)).issues.map(({ issueId }) => issueId),
		detail: async (id: string) => (await (await app.request(`/issues/${id}`)).json()) as IssueAnswer,
		change: (id: string, body: object, headers?: Record<string, string>) =>
			send('PATCH', `/issues/${id}`, body, headers),
	};
}

const nameOf = ({ namespace, serviceName }: IssueGroup): string =>
	namespace === '' ? serviceName : `${namespace}/${serviceName}`;

const sum = (issueId: string, all: readonly IssueGroup[]): IssueGroup => ({
	...(all.find((group) => group.issueId === issueId) ?? all[0] ?? issueGroup(issueId)),
	issueId,
	count: all.reduce((total, { count }) => total + count, 0),
});
