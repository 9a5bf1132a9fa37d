import {
	doneAnswer,
	invitationBody,
	linkAnswer,
	noQuery,
	userBody,
	userPath,
	usersAnswer,
} from '../../../schema/api-access.ts';
import type { DoneAnswer, InvitationBody, LinkAnswer, UserBody, UsersAnswer } from '../../../schema/api-access.ts';
import type { Access } from '../../access/access.ts';
import { parsePath, route } from '../route.ts';
import type { Route } from '../route.ts';
import { authorOf } from '../scope.ts';

/** Accounts, for admins. */
export function userRoutes(access: Access): Route[] {
	const { users } = access;
	return [
		route({
			path: '/users',
			role: 'admin',
			reach: 'none',
			summary: 'Everybody who may log in',
			query: noQuery,
			answer: usersAnswer,
			handle: async (c) => c.json<UsersAnswer>({ users: users.list() }),
		}),
		route({
			method: 'post',
			path: '/invitations',
			role: 'admin',
			reach: 'none',
			summary: 'A link by which somebody chooses a password: for a new account, or for one whose password is lost',
			query: noQuery,
			body: invitationBody,
			answer: linkAnswer,
			handle: async (c, _, { email, role, projects }: InvitationBody) => {
				access.projects.checkAll(projects);
				const secret = await users.invite(email, { role, projects }, authorOf(c));
				return c.json<LinkAnswer>({ url: access.url(`/login?invitation=${secret}`) });
			},
		}),
		route({
			method: 'put',
			path: '/users/{email}',
			role: 'admin',
			reach: 'none',
			summary: 'Change the role, and to which projects somebody is limited; it counts from the next request on',
			query: noQuery,
			body: userBody,
			answer: doneAnswer,
			handle: async (c, _, { role, projects }: UserBody) => {
				access.projects.checkAll(projects);
				await users.setGrant(parsePath(userPath, c).email, { role, projects }, authorOf(c));
				return c.json<DoneAnswer>({ done: true });
			},
		}),
		route({
			method: 'delete',
			path: '/users/{email}',
			role: 'admin',
			reach: 'none',
			summary: 'Remove an account with its sessions and tokens',
			query: noQuery,
			answer: doneAnswer,
			handle: async (c) => {
				const { email } = parsePath(userPath, c);
				await users.remove(email, authorOf(c));
				await access.sessions.endAllOf(email, authorOf(c));
				await access.tokens.deleteAllOf(email, authorOf(c));
				return c.json<DoneAnswer>({ done: true });
			},
		}),
	];
}
