import type { MiddlewareHandler } from 'hono';

/** Does the origin match one of the patterns? `*` in a pattern stands for any characters but `/`; alone, for any origin. */
function originMatcher(patterns: readonly string[]): (origin: string) => boolean {
	if (patterns.includes('*')) return () => true;
	const expressions = patterns.map((pattern) => {
		const escaped = pattern.split('*').map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
		return new RegExp(`^${escaped.join('[^/]*')}$`, 'i');
	});
	return (origin) => expressions.some((expression) => expression.test(origin));
}

/**
 * Lets browsers at the listed origins send telemetry, by patterns and, as keys of browsers come and go, by exact names. The headers stand on errors too: without them a browser hides the
 * status, and the exporter takes the refusal for a broken network. `Retry-After` has to be exposed to be seen.
 */
export function otlpCors(
	origins: readonly string[],
	browserOrigins: () => readonly string[] = () => [],
): MiddlewareHandler {
	const isAllowed = originMatcher(origins);
	return async (c, next) => {
		const origin = c.req.header('origin');
		const isListed = origin !== undefined && (isAllowed(origin) || browserOrigins().includes(origin));
		if (c.req.method !== 'OPTIONS') await next();
		else c.res = new Response(null, { status: 204, headers: { allow: 'POST, OPTIONS' } });
		if (origins.length > 0 || browserOrigins().length > 0) c.res.headers.append('vary', 'Origin');
		if (!isListed) return;
		c.res.headers.set('access-control-allow-origin', origin);
		c.res.headers.set('access-control-expose-headers', 'Retry-After');
		if (c.req.method !== 'OPTIONS') return;
		c.res.headers.set('access-control-allow-methods', 'POST');
		c.res.headers.set('access-control-allow-headers', c.req.header('access-control-request-headers') ?? 'content-type');
		c.res.headers.set('access-control-max-age', '7200');
	};
}
