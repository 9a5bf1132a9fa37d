/** The SDK as a stranger has it: packed, unpacked into `node_modules` of a folder elsewhere, its dependencies beside it. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildSdkIfStale } from '../build.ts';

const run = promisify(execFile);
const sdk = fileURLToPath(new URL('..', import.meta.url));
const installed = fileURLToPath(new URL('../../node_modules', import.meta.url));

export interface Stranger extends Disposable {
	/** With the apps in it. */
	folder: string;
	tarball: string;
	/** In the tarball, by their paths. */
	files: string[];
}

/** @param apps a folder that is copied beside `node_modules`. */
export async function unpackSdk(apps?: URL): Promise<Stranger> {
	await buildSdkIfStale();
	const aside = mkdtempSync(join(tmpdir(), 'spanhouse-sdk-'));
	const folder = join(aside, 'stranger');
	const modules = join(folder, 'node_modules');
	mkdirSync(join(modules, '@spanhouse/sdk'), { recursive: true });
	const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', aside];
	const { stdout } = await run('npm', args, { cwd: sdk });
	const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
	const tarball = join(aside, filename);
	await run('tar', ['-xzf', tarball, '-C', join(modules, '@spanhouse/sdk'), '--strip-components=1']);
	// What it depends on is the same for everybody, and takes a minute to install.
	for (const name of readdirSync(installed)) {
		if (!name.startsWith('.') && name !== '@spanhouse') symlinkSync(join(installed, name), join(modules, name));
	}
	if (apps !== undefined) cpSync(apps, folder, { recursive: true });
	return {
		folder,
		tarball,
		files: files.map(({ path }) => path),
		[Symbol.dispose]: () => rmSync(aside, { recursive: true, force: true }),
	};
}
