import type { Context } from 'hono';
import { doneAnswer, providerRequest } from '../../../schema/api-access.ts';
import type { Access } from '../../access/access.ts';
import type { Log } from '../../log.ts';
import { messageOf, ProblemError } from '../../problem.ts';
import { route } from '../route.ts';
import type { Route } from '../route.ts';

/** Login by OpenID Connect. Both routes are opened by a browser, which is sent on; what fails is told on the login screen. */
export function providerRoutes(access: Access, addressOf: (c: Context) => string, log: Log): Route[] {
	const providerOf = () => {
		if (access.provider !== undefined) return access.provider;
		throw new ProblemError(404, 'NO_PROVIDER', 'there is no OpenID Connect here; see SPANHOUSE_OIDC_ISSUER');
	};
	const refuse = (c: Context, error: unknown) => {
		log.warn({ error: messageOf(error) }, 'a login by OpenID Connect failed');
		const hasNoAccount = error instanceof ProblemError && error.code === 'NO_ACCOUNT';
		return c.redirect(access.url(`/login?refused=${hasNoAccount ? 'account' : 'failed'}`));
	};
	return [
		route({
			path: '/session/provider',
			role: 'anyone',
			reach: 'none',
			summary: 'Sends a browser to the provider of OpenID Connect',
			query: providerRequest,
			answer: doneAnswer,
			handle: async (c, { next }) => {
				const provider = providerOf();
				try {
					const { url, state } = await provider.begin(next);
					access.cookie.writeState(c, state);
					return c.redirect(url);
				} catch (error) {
					return refuse(c, error);
				}
			},
		}),
		route({
			path: '/session/provider/callback',
			role: 'anyone',
			reach: 'none',
			summary: 'Where the provider sends the browser back to',
			query: providerRequest.omit({ next: true }).loose(),
			answer: doneAnswer,
			handle: async (c) => {
				const provider = providerOf();
				try {
					const { email, role, next } = await provider.finish(new URL(c.req.url).search, access.cookie.takeState(c));
					await access.users.vouched(email, role, provider.newUsers);
					access.cookie.write(c, await access.logins.byProvider(email, addressOf(c)));
					return c.redirect(access.url(next));
				} catch (error) {
					return refuse(c, error);
				}
			},
		}),
	];
}
