import { doneAnswer, idPath, noQuery, tokenBody, tokenCreated, tokensAnswer } from '../../../schema/api-access.ts';
import type { DoneAnswer, TokenBody, TokenCreated, TokensAnswer } from '../../../schema/api-access.ts';
import type { Context } from 'hono';
import type { Access } from '../../access/access.ts';
import type { ApiToken, ApiTokens } from '../../access/api-tokens.ts';
import { includesRole, principalOf } from '../../access/principal.ts';
import { ProblemError } from '../../problem.ts';
import { parsePath, route } from '../route.ts';
import type { Route } from '../route.ts';
import { authorOf } from '../scope.ts';

const dayMs = 86_400_000;

/** Tokens of programs: each sees and deletes the own ones, an admin all. */
export function tokenRoutes({ tokens, projects: all }: Pick<Access, 'tokens' | 'projects'>): Route[] {
	return [
		route({
			path: '/tokens',
			role: 'viewer',
			reach: 'none',
			summary: 'The own API tokens; those of everybody, for an admin',
			query: noQuery,
			answer: tokensAnswer,
			handle: async (c) => c.json<TokensAnswer>({ tokens: tokensFor(c, tokens) }),
		}),
		route({
			method: 'post',
			path: '/tokens',
			role: 'viewer',
			reach: 'none',
			summary: 'Make an API token, with a role that is at most the own',
			query: noQuery,
			body: tokenBody,
			answer: tokenCreated,
			handle: async (c, _, { label, role, projects, days }: TokenBody) => {
				const principal = principalOf(c);
				if (principal?.kind !== 'user') {
					throw new ProblemError(403, 'NOT_A_PERSON', 'tokens are made by who is logged in');
				}
				if (!includesRole(principal.role, role)) {
					throw new ProblemError(
						403,
						'ROLE_MISSING',
						`${principal.name} is ${principal.role}, the token would be ${role}`,
					);
				}
				for (const name of projects ?? []) all.readable(name, principal.projects);
				if (role === 'admin' && projects !== undefined) {
					throw new ProblemError(400, 'ADMIN_OF_ALL', 'an admin is so in all projects; limit an editor or a viewer');
				}
				const token = { label, role, owner: principal.name, ...(projects === undefined ? {} : { projects }) };
				return c.json<TokenCreated>(await tokens.create(token, days === undefined ? undefined : days * dayMs));
			},
		}),
		route({
			method: 'delete',
			path: '/tokens/{id}',
			role: 'viewer',
			reach: 'none',
			summary: 'Delete an own API token; any, for an admin',
			query: noQuery,
			answer: doneAnswer,
			handle: async (c) => {
				const { id } = parsePath(idPath, c);
				const isTheirs = tokensFor(c, tokens).some((token) => token.id === id);
				if (!isTheirs || !(await tokens.delete(id, authorOf(c)))) {
					throw new ProblemError(404, 'NO_SUCH_TOKEN', `there is no token ${id} of yours`);
				}
				return c.json<DoneAnswer>({ done: true });
			},
		}),
	];
}

/** An admin's are all. Who is limited to projects sees no token that reaches further. */
function tokensFor(c: Context, tokens: ApiTokens): ApiToken[] {
	const { role, projects } = principalOf(c) ?? {};
	const all = tokens.list(role === 'admin' ? undefined : authorOf(c));
	return projects === undefined ? all : all.filter((token) => token.projects?.every((name) => projects.includes(name)));
}
