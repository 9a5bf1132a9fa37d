import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Everything from this origin, scripts and styles only from files: telemetry is written by strangers. The query editor adds
 * its styles as an element, which the nonce of the page lets in.
 */
const contentSecurityPolicy = (nonce: string): string =>
	[
		"default-src 'none'",
		"script-src 'self'",
		`style-src 'self' 'nonce-${nonce}'`,
		"img-src 'self' data: blob:",
		"font-src 'self'",
		"connect-src 'self'",
		"worker-src 'self'",
		"base-uri 'none'",
		"form-action 'self'",
		"frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
		'trusted-types svelte-trusted-html spanhouse-worker',
	].join('; ');

/** The built screen: hashed files for good, and index.html for every other path, since the routes are the browser's. */
export function screenFiles(folder: string, basePath: string): Hono<{ Variables: { nonce: string } }> {
	const app = new Hono<{ Variables: { nonce: string } }>();
	const indexPath = join(folder, 'index.html');
	const index = existsSync(indexPath) ? withBasePath(readFileSync(indexPath, 'utf8'), basePath) : undefined;
	app.use('*', async (c, next) => {
		c.set('nonce', randomBytes(16).toString('base64'));
		await next();
		c.header('x-content-type-options', 'nosniff');
		c.header('referrer-policy', 'same-origin');
		c.header('cross-origin-opener-policy', 'same-origin');
		c.header('cross-origin-resource-policy', 'same-origin');
		c.header('content-security-policy', contentSecurityPolicy(c.get('nonce')));
	});
	app.use('/assets/*', async (c, next) => {
		await next();
		if (c.res.ok) c.header('cache-control', 'public, max-age=31536000, immutable');
	});
	app.get(
		'/assets/*',
		serveStatic({ root: folder, rewriteRequestPath: (path) => path.slice(basePath.length - 1) }),
		(c) => c.text('no such file', 404),
	);
	app.get('*', serveIcon(folder), (c) => {
		if (index === undefined) return c.text('The screen is not built; run `npm run build`.', 503);
		return c.html(withNonce(index, c.get('nonce')), 200, { 'cache-control': 'no-cache' });
	});
	return app;
}

const serveIcon = (folder: string) =>
	serveStatic({
		root: folder,
		rewriteRequestPath: (path) => (path.endsWith('/favicon.svg') ? '/favicon.svg' : '/none'),
	});

/** Asset URLs are relative in the build, which deep links would break: make them absolute, and tell the router where it lives. */
const withBasePath = (html: string, basePath: string): string =>
	html
		.replaceAll(/(src|href)="\.\//g, `$1="${basePath}`)
		.replace('<head>', `<head>\n\t\t<meta name="spanhouse-base" content="${basePath}">`);

const withNonce = (html: string, nonce: string): string =>
	html.replace('<head>', `<head>\n\t\t<meta name="spanhouse-style-nonce" nonce="${nonce}">`);
