import { spawn } from 'node:child_process';
import { SourceError } from './source-reader.ts';

export interface GitCommand {
	folder: string;
	arguments: readonly string[];
	/** The one scheme that this repository is reached by. */
	protocol: string;
	/** In front of the arguments that go over the network: `-c name=value`. */
	settings?: readonly string[];
	/** Of ssh, beside the usual. */
	sshOptions?: string;
	/** Never among the arguments, which other users of the machine can read. */
	secretSettings?: Readonly<Record<string, string>>;
	input?: string;
	maxOutputBytes: number;
	timeoutMs: number;
	signal: AbortSignal;
	/** Of this process: git needs its PATH, and ssh its agent. */
	env: Readonly<Record<string, string | undefined>>;
}

/** No hooks, helpers, submodules, redirects or prompts, whatever this machine's own configuration says. */
const alwaysSettings = [
	'core.hooksPath=/dev/null',
	'core.fsmonitor=false',
	'credential.helper=',
	'fetch.recurseSubmodules=false',
	'fetch.fsckObjects=true',
	'gc.auto=0',
	'maintenance.auto=false',
	'http.followRedirects=false',
	'http.lowSpeedLimit=1000',
	'http.lowSpeedTime=20',
	'protocol.version=2',
].flatMap((setting) => ['-c', setting]);

/** What of this process's environment git gets to see: nothing that its own settings could come from. */
const passedOn = [
	'PATH',
	'SSH_AUTH_SOCK',
	'HTTPS_PROXY',
	'https_proxy',
	'NO_PROXY',
	'no_proxy',
	'SSL_CERT_FILE',
] as const;

/** Resolves with what git writes. Throws SourceError, whose message is git's last line without addresses of its own. */
export async function runGit(command: GitCommand): Promise<Buffer> {
	const { folder, settings = [], input, timeoutMs, signal } = command;
	const child = spawn('git', [...alwaysSettings, ...settings, ...command.arguments], {
		cwd: folder,
		env: environmentOf(command),
		stdio: ['pipe', 'pipe', 'pipe'],
		detached: true, // A group of its own, so that what git starts ends with it.
	});
	const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
	const stop = (reason: string) => {
		kill(child.pid);
		reject(new SourceError('unavailable', reason));
	};
	const timer = setTimeout(
		() => stop(`git ${command.arguments[0]} took longer than ${timeoutMs / 1_000} s`),
		timeoutMs,
	);
	const onAbort = () => stop('stopped');
	signal.addEventListener('abort', onAbort, { once: true });
	const output: Buffer[] = [];
	let bytes = 0;
	let complaint = '';
	child.stdout.on('data', (chunk: Buffer) => {
		bytes += chunk.length;
		if (bytes > command.maxOutputBytes)
			stop(`git ${command.arguments[0]} wrote more than ${command.maxOutputBytes} bytes`);
		else output.push(chunk);
	});
	child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-4_096)));
	child.stdin.on('error', () => {}); // It ended before it read all of it; its exit code says why.
	child.stdin.end(input);
	child.once('error', (error) => reject(new SourceError('unavailable', `git can't be run: ${error.message}`)));
	child.once('close', (code) => {
		if (code === 0) resolve(Buffer.concat(output));
		else reject(new SourceError('unavailable', lastLine(complaint) || `git ended with ${code}`));
	});
	return promise.finally(() => {
		clearTimeout(timer);
		signal.removeEventListener('abort', onAbort);
	});
}

function environmentOf({ env, protocol, folder, sshOptions = '', secretSettings = {} }: GitCommand): NodeJS.ProcessEnv {
	const secrets = Object.entries(secretSettings);
	return {
		...Object.fromEntries(passedOn.map((name) => [name, env[name]])),
		HOME: folder,
		LC_ALL: 'C',
		GIT_CONFIG_NOSYSTEM: '1',
		GIT_CONFIG_GLOBAL: '/dev/null',
		GIT_ALLOW_PROTOCOL: protocol,
		GIT_TERMINAL_PROMPT: '0',
		GIT_ASKPASS: 'true',
		GIT_SSH_COMMAND: `ssh -o BatchMode=yes -o ConnectTimeout=10 ${sshOptions}`,
		GIT_OPTIONAL_LOCKS: '0',
		GIT_CONFIG_COUNT: String(secrets.length),
		...Object.fromEntries(
			secrets.flatMap(([name, value], index) => [
				[`GIT_CONFIG_KEY_${index}`, name],
				[`GIT_CONFIG_VALUE_${index}`, value],
			]),
		),
	};
}

function kill(pid: number | undefined): void {
	if (pid === undefined) return;
	try {
		process.kill(-pid, 'SIGKILL');
	} catch {
		// It has just ended.
	}
}

/** Git names what it was called with, which may be an address with a path that nobody else should see. */
const lastLine = (text: string): string =>
	(
		text
			.trim()
			.split('\n')
			.findLast((line) => /^(fatal|error|remote):/.test(line)) ??
		text.trim().split('\n').at(-1) ??
		''
	)
		.replace(/\/\/[^/@\s]*@/g, '//')
		.slice(0, 300);
