import {
	doneAnswer,
	invitationBody,
	invitationPath,
	invitationsAnswer,
	linkAnswer,
	noQuery,
	userBody,
	userPath,
	usersAnswer,
} from '../../../schema/api-access.ts';
import type {
	DoneAnswer,
	InvitationBody,
	InvitationsAnswer,
	LinkAnswer,
	UserBody,
	UsersAnswer,
} from '../../../schema/api-access.ts';
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
		...invitationRoutes(access),
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

/** Links that were made and not used yet. */
const invitationRoutes = (access: Access): Route[] => [
	route({
		path: '/invitations',
		role: 'admin',
		reach: 'none',
		summary: 'Whose link can still be used, without the links: those are shown once, when they are made',
		query: noQuery,
		answer: invitationsAnswer,
		handle: async (c) => c.json<InvitationsAnswer>({ invitations: access.users.invitations() }),
	}),
	route({
		method: 'post',
		path: '/invitations',
		role: 'admin',
		reach: 'none',
		summary:
			'A link by which somebody chooses a password: for a new account, or for one whose password is lost. It takes the place of one from before',
		query: noQuery,
		body: invitationBody,
		answer: linkAnswer,
		handle: async (c, _, { email, role, projects }: InvitationBody) => {
			access.projects.checkAll(projects);
			const secret = await access.users.invite(email, { role, projects }, authorOf(c));
			return c.json<LinkAnswer>({ url: access.url(`/login?invitation=${secret}`) });
		},
	}),
	route({
		method: 'delete',
		path: '/invitations/{email}',
		role: 'admin',
		reach: 'none',
		summary: 'Withdraw an invitation: its link leads nowhere from now on',
		query: noQuery,
		answer: doneAnswer,
		handle: async (c) => {
			await access.users.withdraw(parsePath(invitationPath, c).email, authorOf(c));
			return c.json<DoneAnswer>({ done: true });
		},
	}),
];
