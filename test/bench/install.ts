import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot, startProduct } from '../support/product.ts';
import type { BenchOptions, Figures } from './main.ts';
import { firstSpanAccepted } from './start.ts';
import { medianAndSpread } from './statistics.ts';

const run = promisify(execFile);
const packages = { spanhouse: '.', '@spanhouse/sdk': 'sdk' } as const;

/**
 * What a stranger waits for, from an empty folder and a cold cache of npm: installing each package from its tarball, and for the
 * product until the first span is accepted. Downloads depend on the registry and the way to it.
 */
export async function install({ runs }: BenchOptions): Promise<Figures> {
	const figures: Figures = {};
	const aside = mkdtempSync(join(tmpdir(), 'spanhouse-install-'));
	try {
		for (const [name, folder] of Object.entries(packages)) {
			const tarball = await pack(join(projectRoot, folder), aside);
			(figures[`${name} tarball, kB`] ??= []).push(statSync(tarball).size / 1_000);
			for (let count = 0; count < runs; count += 1) {
				const found = await measure(tarball, join(aside, 'stranger'), name === 'spanhouse');
				for (const [what, value] of Object.entries(found)) (figures[`${name} ${what}`] ??= []).push(value);
			}
		}
	} finally {
		rmSync(aside, { recursive: true, force: true });
	}
	for (const [name, values] of Object.entries(figures)) console.log(`  ${name.padEnd(52)}${medianAndSpread(values)}`);
	return figures;
}

async function pack(folder: string, destination: string): Promise<string> {
	const options = { cwd: folder, maxBuffer: 16 * 1024 * 1024 };
	const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', destination], options);
	// The build that comes before it may have written lines of its own.
	const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [{ filename: string }];
	return join(destination, filename);
}

async function measure(tarball: string, stranger: string, starts: boolean): Promise<Record<string, number>> {
	rmSync(stranger, { recursive: true, force: true });
	mkdirSync(stranger);
	writeFileSync(join(stranger, 'package.json'), '{ "private": true }\n');
	const cache = join(stranger, 'npm-cache');
	const began = performance.now();
	const args = ['install', tarball, '--no-audit', '--no-fund', '--loglevel=error', '--cache', cache];
	await run('npm', args, { cwd: stranger });
	const installSeconds = (performance.now() - began) / 1_000;
	const modules = filesBelow(join(stranger, 'node_modules'));
	const figures = {
		'installation, s': installSeconds,
		'downloads, MB': sizeOf(filesBelow(cache)) / 1e6,
		'on disk, MB': sizeOf(modules) / 1e6,
		packages: modules.filter((path) => /node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(path)).length,
	};
	if (!starts) return figures;
	const command = ['node_modules/.bin/spanhouse'];
	const product = await startProduct({ command, args: ['--data-dir', 'data'], cwd: stranger });
	try {
		await firstSpanAccepted(product);
		return { ...figures, 'from the cold cache to the first span, s': (performance.now() - began) / 1_000 };
	} finally {
		await product.stop();
	}
}

const filesBelow = (folder: string): string[] =>
	readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name));

const sizeOf = (paths: readonly string[]): number => paths.reduce((sum, path) => sum + statSync(path).size, 0);
