import type { MiddlewareHandler } from 'hono';
import { ProblemError } from '../problem.ts';

/**
 * While there is no login, only requests that name this machine are answered: a web page of a stranger whose DNS name
 * is made to resolve to 127.0.0.1 (DNS rebinding) still sends its own name as Host, and a proxy adds `Forwarded`.
 */
export function hostGuard(allowedHosts: ReadonlySet<string>): MiddlewareHandler {
	return async (c, next) => {
		const host = hostName(c.req.header('host') ?? '');
		if (!allowedHosts.has(host)) {
			throw new ProblemError(
				403,
				'HOST_NOT_ALLOWED',
				`Host is ${JSON.stringify(host)}; without a login only ${[...allowedHosts].join(', ')} are answered`,
			);
		}
		const proxied = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'].find(
			(name) => c.req.header(name) !== undefined,
		);
		if (proxied !== undefined) {
			throw new ProblemError(
				403,
				'PROXIED_WITHOUT_LOGIN',
				`the request carries ${proxied}: without a login nothing is answered through a proxy`,
			);
		}
		await next();
	};
}

/** `localhost` of `localhost:4319`, `[::1]` of `[::1]:4319`. */
export const hostName = (host: string): string => host.toLowerCase().replace(/:\d*$/, '');

/** The names under which a loopback listener is reached. */
export const loopbackHosts = (configured: string): ReadonlySet<string> =>
	new Set(['localhost', '127.0.0.1', '[::1]', configured.includes(':') ? `[${configured}]` : configured]);
