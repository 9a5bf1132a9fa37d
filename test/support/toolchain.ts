import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What was built before is kept there, each by a hash of its sources. */
const cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'spanhouse-conformance');

const works = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

export const hasGo = works('go', 'version');
export const hasPython = works('python3', '-c', 'import venv, ensurepip');

/** A folder for the program of these sources; `make` fills it where it isn't there from an earlier run. */
function cached(sources: string, make: (folder: string) => void): string {
	const hash = createHash('sha256');
	for (const file of readdirSync(sources).sort()) hash.update(readFileSync(join(sources, file)));
	const folder = join(cacheFolder, `${basename(sources)}-${hash.digest('hex').slice(0, 16)}`);
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
export function goProgram(folder: URL): string {
	const sources = fileURLToPath(folder);
	const name = basename(sources);
	const build = (built: string) =>
		execFileSync('go', ['build', '-o', join(built, name), '.'], { cwd: sources, stdio: 'inherit' });
	return join(cached(sources, build), name);
}

/** A virtual environment with what the folder requires; returns its interpreter and the program. */
export function pythonProgram(folder: URL): [interpreter: string, program: string] {
	const sources = fileURLToPath(folder);
	const built = cached(sources, (path) => {
		execFileSync('python3', ['-m', 'venv', path], { stdio: 'inherit' });
		const requirements = join(sources, 'requirements.txt');
		execFileSync(join(path, 'bin/pip'), ['install', '--quiet', '-r', requirements], { stdio: 'inherit' });
	});
	return [join(built, 'bin/python'), join(sources, 'send.py')];
}
