import type { Context } from 'hono';
import {
	acceptBody,
	doneAnswer,
	invitedAnswer,
	invitedBody,
	loginBody,
	noQuery,
	passwordBody,
	sessionAnswer,
} from '../../../schema/api-access.ts';
import type {
	AcceptBody,
	DoneAnswer,
	InvitedAnswer,
	InvitedBody,
	LoginBody,
	PasswordBody,
	SessionAnswer,
} from '../../../schema/api-access.ts';
import { PROVIDER_PATH } from '../../access/access.ts';
import type { Access } from '../../access/access.ts';
import { principalOf } from '../../access/principal.ts';
import type { Principal } from '../../access/principal.ts';
import { ProblemError } from '../../problem.ts';
import { route } from '../route.ts';
import type { Route } from '../route.ts';

/** Logging in and out. `addressOf` tells the sender's network address. */
export function sessionRoutes(access: Access, addressOf: (c: Context) => string): Route[] {
	const begin = async (c: Context, secret: string) => {
		// A browser that had another session before: it ends, so that no cookie from before a login lives on.
		const before = access.cookie.read(c);
		const found = before === undefined ? undefined : access.sessions.find(before);
		if (found !== undefined) await access.sessions.end(found.session, found.user);
		access.cookie.write(c, secret);
		return c.json<DoneAnswer>({ done: true });
	};
	const checkOn = () => {
		if (!access.isLoginNeeded) throw new ProblemError(409, 'LOGIN_OFF', 'there is no login here; see --login');
	};
	return [
		route({
			path: '/session',
			role: 'anyone',
			reach: 'none',
			summary: 'Who is logged in, and how to',
			query: noQuery,
			answer: sessionAnswer,
			handle: async (c) => c.json<SessionAnswer>(describeSession(c, access)),
		}),
		route({
			method: 'post',
			path: '/session',
			role: 'anyone',
			reach: 'none',
			summary: 'Log in by password; the answer sets a cookie',
			query: noQuery,
			body: loginBody,
			answer: doneAnswer,
			handle: async (c, _, { email, password }: LoginBody) => {
				checkOn();
				access.cookie.checkWay(c);
				return begin(c, await access.logins.byPassword(email, password, addressOf(c)));
			},
		}),
		route({
			method: 'delete',
			path: '/session',
			role: 'anyone',
			reach: 'none',
			summary: 'Log out',
			query: noQuery,
			answer: doneAnswer,
			handle: async (c) => {
				const principal = principalOf(c);
				if (principal?.session !== undefined) await access.sessions.end(principal.session, principal.name);
				access.cookie.clear(c);
				return c.json<DoneAnswer>({ done: true });
			},
		}),
		passwordRoute(access, checkOn, addressOf),
		...linkRoutes(access, begin, checkOn, addressOf),
	];
}

function passwordRoute(access: Access, checkOn: () => void, addressOf: (c: Context) => string): Route {
	return route({
		method: 'put',
		path: '/session/password',
		role: 'viewer',
		reach: 'none',
		summary: 'Change the own password; ends all other sessions of the account',
		query: noQuery,
		body: passwordBody,
		answer: doneAnswer,
		handle: async (c, _, { current, password }: PasswordBody) => {
			checkOn();
			const { name, session } = personOf(c);
			await access.logins.checkPassword(name, current, addressOf(c));
			await access.users.setPassword(name, password);
			await access.sessions.endAllOf(name, name, session);
			return c.json<DoneAnswer>({ done: true });
		},
	});
}

/** What is done with the link of an invitation. Not by GET: what fetches links ahead must not use them up. */
function linkRoutes(
	access: Access,
	begin: (c: Context, secret: string) => Promise<Response>,
	checkOn: () => void,
	addressOf: (c: Context) => string,
): Route[] {
	return [
		route({
			method: 'post',
			path: '/invitations/check',
			role: 'anyone',
			reach: 'none',
			summary: 'Whom an invitation is for; `email` is null where its holder chooses',
			query: noQuery,
			body: invitedBody,
			answer: invitedAnswer,
			handle: async (c, _, { invitation }: InvitedBody) => {
				const { email } = access.logins.invited(invitation, addressOf(c));
				return c.json<InvitedAnswer>({ email: email ?? null });
			},
		}),
		route({
			method: 'post',
			path: '/invitations/accept',
			role: 'anyone',
			reach: 'none',
			summary: 'Choose a password by the link of an invitation, and log in',
			query: noQuery,
			body: acceptBody,
			answer: doneAnswer,
			handle: async (c, _, { invitation, email, password }: AcceptBody) => {
				checkOn();
				access.cookie.checkWay(c);
				return begin(c, await access.logins.byLink(invitation, email, password, addressOf(c)));
			},
		}),
	];
}

function describeSession(c: Context, access: Access): SessionAnswer {
	const principal = principalOf(c);
	return {
		login: access.isLoginNeeded ? (principal === undefined ? 'needed' : 'done') : 'off',
		hasAccounts: access.users.setupSecret() === undefined,
		user: principal === undefined ? null : describeUser(principal),
		provider: access.provider === undefined ? null : `/api/v1${PROVIDER_PATH}`,
	};
}

const describeUser = ({ name, role, projects }: Principal) => ({ name, role, projects: projects ?? null });

/** Whoever is logged in by a browser; a token can't do this. */
function personOf(c: Context): { name: string; session: string } {
	const principal = principalOf(c);
	if (principal?.session === undefined) {
		throw new ProblemError(403, 'NOT_A_PERSON', 'this is done by who is logged in, not by a token');
	}
	return { name: principal.name, session: principal.session };
}
