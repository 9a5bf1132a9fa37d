import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What was built before is kept there, each by a hash of its sources. */
const cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'spanhouse-conformance');

const works = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

export const hasGo = works('go', 'version');
export const hasPython = works('python3', '-c', 'import venv, ensurepip');

const sourceFolder = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** A folder for this program; `make` fills it where it isn't there from an earlier run. */
function cached(name: string, make: (folder: string) => void): string {
	const hash = createHash('sha256');
	for (const file of readdirSync(sourceFolder(name)).sort()) hash.update(readFileSync(join(sourceFolder(name), file)));
	const folder = join(cacheFolder, `${name}-${hash.digest('hex').slice(0, 16)}`);
	if (existsSync(folder)) return folder;
	mkdirSync(folder, { recursive: true });
	try {
		make(folder);
	} catch (error) {
		rmSync(folder, { recursive: true, force: true });
		throw error;
	}
	return folder;
}

/** Builds the Go program of that folder with modules from the module proxy; returns its path. */
export const goProgram = (name: string): string =>
	join(
		cached(name, (folder) =>
			execFileSync('go', ['build', '-o', join(folder, name), '.'], { cwd: sourceFolder(name), stdio: 'inherit' }),
		),
		name,
	);

/** A virtual environment with what the folder requires; returns its interpreter and the program. */
export function pythonProgram(name: string): [interpreter: string, program: string] {
	const folder = cached(name, (path) => {
		execFileSync('python3', ['-m', 'venv', path], { stdio: 'inherit' });
		const requirements = join(sourceFolder(name), 'requirements.txt');
		execFileSync(join(path, 'bin/pip'), ['install', '--quiet', '-r', requirements], { stdio: 'inherit' });
	});
	return [join(folder, 'bin/python'), join(sourceFolder(name), 'send.py')];
}
