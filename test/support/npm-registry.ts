/** A registry of npm packages on loopback that has a few tarballs and nothing else. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface NpmRegistry extends AsyncDisposable {
	/** What has npm ask here for packages of the scope, and its usual registry for all others. */
	env: Record<string, string>;
}

interface Version {
	manifest: { name: string; version: string };
	bytes: Buffer;
}

/**
 * `aside` is a folder for npm's cache, since what it remembers of another registry on the same port would be wrong here, and for a file
 * of settings: a shell in between drops variables that are named by a scope.
 */
export async function npmRegistry(tarballs: readonly string[], aside: string): Promise<NpmRegistry> {
	const versions = tarballs.map(readVersion);
	const server = createServer((request, response) => {
		const path = decodeURIComponent(request.url ?? '').slice(1);
		const wanted = versions.filter(({ manifest }) => manifest.name === path);
		const [tarball] = versions.filter(({ manifest }) => tarballPath(manifest) === path);
		if (tarball !== undefined) response.end(tarball.bytes);
		else if (wanted.length > 0) response.end(JSON.stringify(describe(wanted, url())));
		else response.writeHead(404).end('{"error":"Not found"}');
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	mkdirSync(aside, { recursive: true });
	const settings = join(aside, 'npmrc');
	const usual = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();
	writeFileSync(settings, `registry=${usual}\n@spanhouse:registry=${url()}/\n`);
	return {
		env: { npm_config_globalconfig: settings, npm_config_cache: join(aside, 'cache') },
		async [Symbol.asyncDispose]() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

function readVersion(tarball: string): Version {
	const text = execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' });
	return { manifest: JSON.parse(text) as Version['manifest'], bytes: readFileSync(tarball) };
}

const tarballPath = ({ name, version }: Version['manifest']): string => `${name}/-/${version}.tgz`;

/** Source: npm's registry, package metadata. */
function describe(versions: readonly Version[], url: string): object {
	const newest = versions.at(-1)?.manifest;
	const described = versions.map(({ manifest, bytes }) => {
		const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
		return [manifest.version, { ...manifest, dist: { tarball: `${url}/${tarballPath(manifest)}`, integrity } }];
	});
	return { name: newest?.name, 'dist-tags': { latest: newest?.version }, versions: Object.fromEntries(described) };
}
