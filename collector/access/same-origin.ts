import type { Context, MiddlewareHandler } from 'hono';
import { ProblemError } from '../problem.ts';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Nothing is changed on behalf of a page of somebody else, which a browser would send its user's cookie with, or reach this
 * machine from. Browsers say where a request comes from, in `Sec-Fetch-Site` or at least in `Origin`; programs say neither,
 * and carry no cookie. `publicHost`: the name behind which a proxy hides ours.
 */
export function sameOriginGuard(publicHost: string | undefined): MiddlewareHandler {
	return async (c, next) => {
		if (!READING.has(c.req.method) && !isOwn(c, publicHost)) {
			const from = c.req.header('origin') ?? c.req.header('sec-fetch-site') ?? 'a page that is not told';
			throw new ProblemError(
				403,
				'OTHER_ORIGIN',
				`the request comes from ${JSON.stringify(from.slice(0, 200))}; changes are taken from pages of this Spanhouse, and from programs without cookies`,
			);
		}
		await next();
	};
}

function isOwn(c: Context, publicHost: string | undefined): boolean {
	const site = c.req.header('sec-fetch-site');
	if (site !== undefined) return site === 'same-origin' || site === 'none';
	const origin = c.req.header('origin');
	if (origin === undefined) return c.req.header('cookie') === undefined;
	// `null`, of pages without an origin, has no host.
	const host = URL.parse(origin)?.host;
	return host !== undefined && (host === c.req.header('host') || host === publicHost);
}
