import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';

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
	const folder = unpackFromNpm();
	const libraries = [join(folder, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
	return {
		executablePath: join(folder, 'chromium'),
		args: [...quietArguments, '--disable-gpu'],
		env: { ...env, LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: join(folder, 'fonts.conf') },
	};
}

/**
 * Unpacks the package once for each user and version. It always unpacks to TMPDIR and takes what lies there for whole,
 * so a process of its own does it in a folder of its own, which gets its final name when everything is there.
 */
function unpackFromNpm(): string {
	const manifest = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..', 'package.json');
	const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
	const folder = join(tmpdir(), `spanhouse-chromium-${version}-${userInfo().uid}`);
	if (existsSync(folder)) return folder;
	const unpacking = mkdtempSync(`${folder}-`);
	const script = "import('@sparticuz/chromium').then(({ default: chromium }) => chromium.executablePath())";
	execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
		cwd: import.meta.dirname,
		// The second variable makes it unpack its own copies of libnss3 and friends as well.
		env: { ...process.env, TMPDIR: unpacking, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
	});
	// The package's own fonts.conf looks in /tmp/fonts, and without a single font the browser crashes.
	const fonts = [join(folder, 'fonts'), '/usr/share/fonts'].map((path) => `<dir>${path}</dir>`).join('');
	writeFileSync(
		join(unpacking, 'fonts.conf'),
		`<fontconfig>${fonts}<cachedir>${join(folder, 'font-cache')}</cachedir></fontconfig>`,
	);
	try {
		renameSync(unpacking, folder);
	} catch (error) {
		// Another process was faster.
		if (!existsSync(folder)) throw error;
		rmSync(unpacking, { recursive: true });
	}
	return folder;
}

function onPath(command: string): string | undefined {
	try {
		return (
			execFileSync('which', [command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || undefined
		);
	} catch {
		return undefined;
	}
}

function definedEnvironment(): Record<string, string> {
	const entries = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
	return Object.fromEntries(entries);
}
