/** `spanhouse demo` of the published package, with a registry on loopback and a demo that does nothing. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { helpOf } from '../../demo/options.ts';
import { npmRegistry } from '../../test/support/npm-registry.ts';
import { demo } from './demo.ts';
import { fetchDemo } from '../fetch-demo.ts';

let aside: string;
beforeEach(() => void (aside = mkdtempSync(join(tmpdir(), 'spanhouse-fetch-'))));
afterEach(() => rmSync(aside, { recursive: true, force: true }));

/** One that writes down where it is and what it was asked. */
function packStub(version: string): string {
	const folder = join(aside, `stub-${version}`);
	mkdirSync(join(folder, 'package/dist'), { recursive: true });
	const manifest = { name: '@spanhouse/demo', version, type: 'module' };
	writeFileSync(join(folder, 'package/package.json'), JSON.stringify(manifest));
	const code = `import { writeFileSync } from 'node:fs';
export async function run(argv, stopping) {
	writeFileSync(argv[0], JSON.stringify({ argv, here: import.meta.url, isStopping: stopping.aborted }));
	return 7;
}`;
	writeFileSync(join(folder, 'package/dist/index.js'), code);
	const tarball = join(aside, `${version}.tgz`);
	execFileSync('tar', ['-czf', tarball, '-C', folder, 'package']);
	return tarball;
}

const fetchedFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`spanhouse-demo-${process.pid}-`));
const fetching = (env: NodeJS.ProcessEnv, version = '1.2.3', signal = new AbortController().signal) =>
	fetchDemo({ version, env: { ...process.env, ...env }, signal });

test('the demo of the same version is fetched, run with the options, and removed', async () => {
	await using registry = await npmRegistry([packStub('1.2.3'), packStub('1.2.4')], join(aside, 'registry'));
	const noted = join(aside, 'noted.json');
	const context = { packageRoot: `${aside}/`, version: '1.2.3', env: { ...process.env, ...registry.env } };
	expect(await demo.run([noted, '--rate', '3'], context)).toBe(7);
	const { default: found } = (await import(noted, { with: { type: 'json' } })) as {
		default: { argv: string[]; here: string; isStopping: boolean };
	};
	expect(found).toMatchObject({ argv: [noted, '--rate', '3'], isStopping: false });
	expect(found.here).toMatch(/\/node_modules\/@spanhouse\/demo\/dist\/index\.js$/);
	expect(existsSync(dirname(new URL(found.here).pathname))).toBe(false);
	expect(fetchedFolders()).toEqual([]);
});

test('what is not published is said, with the way out', async () => {
	await using registry = await npmRegistry([packStub('1.2.4')], join(aside, 'registry'));
	await expect(fetching(registry.env)).rejects.toThrow(
		/^the registry that npm is set to does not have @spanhouse\/demo 1\.2\.3 \(.*\); a checkout has it: `npm run demo`$/,
	);
	await using empty = await npmRegistry([], join(aside, 'other-registry'));
	await expect(fetching(empty.env)).rejects.toThrow(/ does not have @spanhouse\/demo 1\.2\.3 \(Not [Ff]ound/);
	expect(fetchedFolders()).toEqual([]);
});

test('a registry that is away, an npm that is absent, and a broken package are told apart', async () => {
	const registry = await npmRegistry([], join(aside, 'registry'));
	await registry[Symbol.asyncDispose]();
	await expect(fetching(registry.env)).rejects.toThrow(/^npm does not reach its registry .*ECONNREFUSED/);
	await expect(fetching({ PATH: aside })).rejects.toThrow(
		'npm is needed to fetch @spanhouse/demo 1.2.3, and there is none on the PATH',
	);
	writeFileSync(join(aside, 'npm'), '#!/bin/sh\necho no room; exit 1\n', { mode: 0o755 });
	await expect(fetching({ PATH: `${aside}:${process.env['PATH']}` })).rejects.toThrow(
		'npm could not install @spanhouse/demo 1.2.3: no room',
	);
	expect(fetchedFolders()).toEqual([]);
});

test('Ctrl-C while npm waits for an answer leaves nothing', async () => {
	const stopping = new AbortController();
	const silent = createServer(() => stopping.abort());
	await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
	const registry = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
	const env = { 'npm_config_@spanhouse:registry': registry, npm_config_cache: join(aside, 'cache') };
	expect(await fetching(env, '1.2.3', stopping.signal)).toBeUndefined();
	expect(fetchedFolders()).toEqual([]);
	silent.closeAllConnections();
	silent.close();
});

test('an npm that takes its time to end is waited for, since it still writes into the folder', async () => {
	const stopping = new AbortController();
	const [began, ended] = [join(aside, 'began'), join(aside, 'ended')];
	const script = `#!/bin/sh
here=$PWD
trap 'sleep 0.2; mkdir -p "$here/node_modules"; touch "${ended}"; exit 1' TERM
touch "${began}"
while :; do sleep 0.05; done`;
	writeFileSync(join(aside, 'npm'), script, { mode: 0o755 });
	const fetched = fetching({ PATH: `${aside}:${process.env['PATH']}` }, '1.2.3', stopping.signal);
	await expect.poll(() => existsSync(began), { timeout: 30_000 }).toBe(true);
	stopping.abort();
	expect(await fetched).toBeUndefined();
	expect(existsSync(ended)).toBe(true);
	expect(fetchedFolders()).toEqual([]);
});

test('its help lists the options of the demo, word for word', () => {
	const optionsOf = (help: string) => help.split('\n').filter((line) => /^ {2}--(?!help)/.test(line));
	expect(optionsOf(demo.help)).toEqual(optionsOf(helpOf('spanhouse demo')));
	expect(optionsOf(demo.help).length).toBeGreaterThan(4);
});
