/** The demo as a package: packed, and unpacked as a stranger has it. */
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unpackSdk } from '../../sdk/test/packed-sdk.ts';
import type { Stranger } from '../../sdk/test/packed-sdk.ts';
import { projectRoot } from './product.ts';

const run = promisify(execFile);
const demo = join(projectRoot, 'demo');

export interface Packed {
	tarball: string;
	/** In the tarball, by their paths. */
	files: string[];
}

export async function packDemo(destination: string): Promise<Packed> {
	await run(process.execPath, ['build.ts'], { cwd: demo });
	const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', destination];
	const { stdout } = await run('npm', args, { cwd: demo });
	const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
	return { tarball: join(destination, filename), files: files.map(({ path }) => path) };
}

/** Both in `node_modules` of a folder elsewhere, beside what they depend on; `files` are the demo's. */
export async function unpackDemo(): Promise<Stranger & { bin: string }> {
	const stranger = await unpackSdk();
	const packed = await packDemo(join(stranger.folder, '..'));
	const folder = join(stranger.folder, 'node_modules/@spanhouse/demo');
	mkdirSync(folder);
	await run('tar', ['-xzf', packed.tarball, '-C', folder, '--strip-components=1']);
	return { ...stranger, ...packed, bin: join(folder, 'dist/bin.js') };
}
