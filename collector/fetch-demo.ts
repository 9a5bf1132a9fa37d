import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { print, UsageError } from './commands/command.ts';

export const DEMO_PACKAGE = '@spanhouse/demo';

interface FetchOptions {
	/** Of Spanhouse: the demo has the same. */
	version: string;
	env: NodeJS.ProcessEnv;
	/** Ends it early. */
	signal: AbortSignal;
}

export interface FetchedDemo {
	/** The module to import. */
	entry: string;
	/** Leaves nothing but what npm keeps in its own cache. */
	remove(): void;
}

/** As npm tells it with `--json`. */
interface NpmError {
	code?: string;
	summary?: string;
}

/**
 * Scripts of dependencies don't run: none is needed. One more try after a second, since somebody waits for the answer. What
 * npm has in its cache isn't asked for again.
 */
const ARGUMENTS = [
	'install',
	'--json',
	'--ignore-scripts',
	'--omit=dev',
	'--no-package-lock',
	'--no-audit',
	'--no-fund',
	'--prefer-offline',
	'--loglevel=error',
	'--fetch-retries=1',
	'--fetch-retry-mintimeout=1000',
];
const longestMs = 600_000;
const keptCharacters = 100_000;

/**
 * Has npm install the demo into a temporary folder, from the registry that npm is set to. Undefined when `signal` aborted.
 * Throws a UsageError that says why it can't be had.
 */
export async function fetchDemo({ version, env, signal }: FetchOptions): Promise<FetchedDemo | undefined> {
	print(`Fetching ${DEMO_PACKAGE} ${version} with npm …\n`);
	// By this name the demo finds and removes it should this process be killed.
	const folder = mkdtempSync(join(tmpdir(), `spanhouse-demo-${process.pid}-package-`));
	const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
	try {
		const manifest = { private: true, dependencies: { [DEMO_PACKAGE]: version } };
		writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
		const problem = await install(folder, env, AbortSignal.any([signal, AbortSignal.timeout(longestMs)]));
		if (signal.aborted) {
			remove();
			return undefined;
		}
		if (problem !== undefined) throw new UsageError(explain(problem, version));
		return { entry: join(folder, 'node_modules', DEMO_PACKAGE, 'dist/index.js'), remove };
	} catch (error) {
		remove();
		throw error;
	}
}

/** Resolves with what went wrong, undefined for nothing, once npm has ended: until then it writes into the folder. */
function install(folder: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<NpmError | undefined> {
	return new Promise((resolve) => {
		const child = spawn('npm', ARGUMENTS, {
			cwd: folder,
			env,
			signal,
			stdio: ['ignore', 'pipe', 'ignore'],
			// There it is a script of the shell's.
			shell: process.platform === 'win32',
		});
		let output = '';
		let failure: NpmError | undefined;
		child.stdout.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-keptCharacters)));
		child.once('error', (error: NodeJS.ErrnoException) => {
			failure = { code: error.code ?? '', summary: error.message };
			// It never began.
			if (child.pid === undefined) resolve(failure);
		});
		child.once('close', (code) => resolve(failure ?? (code === 0 ? undefined : readError(output))));
	});
}

function readError(output: string): NpmError {
	try {
		return (JSON.parse(output.slice(output.indexOf('{'))) as { error?: NpmError }).error ?? {};
	} catch {
		return { summary: output.trim() };
	}
}

const UNREACHABLE =
	/^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENOTCACHED)$/;

function explain({ code = '', summary = 'npm did not say why' }: NpmError, version: string): string[] {
	const wanted = `${DEMO_PACKAGE} ${version}`;
	const [said = ''] = summary.split('\n');
	if (code === 'ENOENT') return [`npm is needed to fetch ${wanted}, and there is none on the PATH`];
	if (code === 'ABORT_ERR') return [`npm did not fetch ${wanted} within ${longestMs / 60_000} minutes`];
	if (code === 'E404' || code === 'ETARGET')
		return [`the registry that npm is set to does not have ${wanted} (${said}); a checkout has it: \`npm run demo\``];
	if (UNREACHABLE.test(code)) return [`npm does not reach its registry for ${wanted} (${said})`];
	return [`npm could not install ${wanted}: ${code === '' ? '' : `${code}, `}${said}`];
}
