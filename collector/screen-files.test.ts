import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { screenFiles } from './screen-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'spanhouse-screen-'));
mkdirSync(join(folder, 'assets'));
writeFileSync(join(folder, 'index.html'), '<html><head><script src="./assets/a.js"></script></head></html>');
writeFileSync(join(folder, 'assets/a.js'), 'export {};');
writeFileSync(join(folder, 'secret.txt'), 'not an asset');

const under = (basePath: string) => new Hono().route(basePath, screenFiles(folder, basePath));

test('every path that is no file is the page, with absolute assets and its base told to the router', async () => {
	const answer = await under('/').request('/trace/abc?span=1');
	expect(answer.headers.get('content-type')).toMatch('text/html');
	expect(await answer.text()).toMatch(
		/^<html><head>\s*<meta name="spanhouse-style-nonce" nonce="[^"]{20,}">\s*<meta name="spanhouse-base" content="\/"><script src="\/assets\/a.js"><\/script><\/head><\/html>$/,
	);
});

test('behind a prefix the assets carry it', async () => {
	const app = under('/apm/');
	expect(await (await app.request('/apm/services')).text()).toContain('src="/apm/assets/a.js"');
	const asset = await app.request('/apm/assets/a.js');
	expect(await asset.text()).toBe('export {};');
	expect(asset.headers.get('cache-control')).toContain('immutable');
});

test('scripts of strangers cannot run, and nothing outside assets is read', async () => {
	const answer = await under('/').request('/secret.txt');
	const policy = answer.headers.get('content-security-policy');
	for (const part of [
		"default-src 'none'",
		"script-src 'self'",
		"frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
	])
		expect(policy?.split('; ')).toContain(part);
	expect(Object.fromEntries(answer.headers)).toMatchObject({
		'x-content-type-options': 'nosniff',
		'referrer-policy': 'same-origin',
		'cross-origin-opener-policy': 'same-origin',
		'cross-origin-resource-policy': 'same-origin',
	});
	expect(await answer.text()).not.toContain('not an asset');
	expect(await (await under('/').request('/assets/../secret.txt')).text()).not.toContain('not an asset');
	expect(await (await under('/').request('/assets/%2e%2e/secret.txt')).text()).not.toContain('not an asset');
});

test('an asset that is not there is a 404, not the page', async () => {
	expect((await under('/').request('/assets/gone.js')).status).toBe(404);
});

test('styles that the page adds carry a nonce, another for every answer', async () => {
	const nonces = await Promise.all(
		[1, 2].map(async () => {
			const answer = await under('/').request('/');
			const nonce = /nonce="([^"]+)"/.exec(await answer.text())?.[1];
			expect(answer.headers.get('content-security-policy')).toContain(`style-src 'self' 'nonce-${nonce}'`);
			return nonce;
		}),
	);
	expect(nonces[0]).not.toBe(nonces[1]);
});
