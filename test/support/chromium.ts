import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

export interface BrowserLaunch {
	executablePath: string;
	args: string[];
	env: Record<string, string>;
}

/** Background services that would only try to reach the network. */
const quietArguments = [
	'--no-sandbox',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--disable-quic',
	'--no-first-run',
];

/**
 * The browser for tests: `CHROMIUM` from the environment, else a chromium on PATH, else the one inside npm's
 * `@sparticuz/chromium`, which needs no root.
 */
export async function findChromium(): Promise<BrowserLaunch> {
	const env = { ...definedEnvironment(), LANG: 'en_US.UTF-8' };
	const installed = process.env.CHROMIUM ?? onPath('chromium') ?? onPath('chromium-browser') ?? onPath('google-chrome');
	if (installed !== undefined) return { executablePath: installed, args: quietArguments, env };
	return unpackFromNpm(env);
}

async function unpackFromNpm(env: Record<string, string>): Promise<BrowserLaunch> {
	// It unpacks to the temporary folder with mode 0700: a folder for each user keeps two users apart.
	const folder = join(tmpdir(), `spanhouse-chromium-${userInfo().uid}`);
	mkdirSync(folder, { recursive: true });
	process.env.TMPDIR = folder;
	// Makes the package unpack its own copies of libnss3 and friends as well.
	process.env.AWS_EXECUTION_ENV ??= 'AWS_Lambda_nodejs24.x';
	const { default: chromium } = await import('@sparticuz/chromium');
	const executablePath = await chromium.executablePath();
	const libraries = [join(folder, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
	return { executablePath, args: [...quietArguments, '--disable-gpu'], env: { ...env, TMPDIR: folder, LD_LIBRARY_PATH: libraries } };
}

function onPath(command: string): string | undefined {
	try {
		return execFileSync('which', [command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || undefined;
	} catch {
		return undefined;
	}
}

function definedEnvironment(): Record<string, string> {
	const entries = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
	return Object.fromEntries(entries);
}
