import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { dataFolders, isFolderOfRun } from './data-folders.ts';
import { fillWithMigrated } from './migrated-store.ts';

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** The line that the product prints when everything listens. */
export interface Ready {
	event: 'ready';
	ui: string;
	otlpHttp: string;
	otlpGrpc: string;
	store: 'embedded' | 'remote';
	version: string;
}

export interface Product {
	ready: Ready;
	process: ChildProcess;
	/** What was written to standard error so far, its last 200 lines. */
	log(): string;
	/** SIGTERM; resolves with the exit code, null when it had to be killed. */
	stop(): Promise<number | null>;
}

interface StartOptions {
	command?: string[];
	args?: string[];
	env?: Record<string, string>;
	timeoutMs?: number;
	/** Where it runs; the checkout unless said otherwise. */
	cwd?: string;
}

const anyPorts = { SPANHOUSE_UI_PORT: '0', SPANHOUSE_OTLP_HTTP_PORT: '0', SPANHOUSE_OTLP_GRPC_PORT: '0' };

const { version, scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
	version: string;
	scripts: { start: string };
};
/** What `npm start` gives to node: `exec node …`. */
const startArguments = scripts.start.split(' ').slice(2);

const dayMs = 86_400_000;

/** What `fillWithMigrated` has to know for the product with the settings that it has by itself. */
export const productStore = {
	program: version,
	database: 'spanhouse',
	retentionMs: 7 * dayMs,
	derivedRetentionMs: 90 * dayMs,
};

/** A data folder for more than one start, or for whoever needs to look into it: see migrated-store.ts. */
export async function migratedFolder(): Promise<string> {
	const folder = mkdtempSync(join(dataFolders, 'spanhouse-product-'));
	await fillWithMigrated(folder, productStore);
	return folder;
}

/**
 * Starts the real product as a process on free ports. Unless `args` say otherwise it is `--ephemeral`, or in tests has a data
 * folder whose store has all tables already, which is removed when the process ends, however it does.
 */
export async function startProduct(options: StartOptions = {}): Promise<Product> {
	const [command = process.execPath, ...first] = options.command ?? [process.execPath, ...startArguments];
	const isMigrated = options.args === undefined && isFolderOfRun;
	const folder = isMigrated ? await migratedFolder() : undefined;
	const args = options.args ?? (folder === undefined ? ['--ephemeral'] : ['--data-dir', folder]);
	const child = spawn(command, [...first, ...args], {
		cwd: options.cwd ?? projectRoot,
		env: { ...process.env, TMPDIR: dataFolders, ...anyPorts, ...options.env },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	// Its engine may outlive it for a moment.
	if (folder !== undefined)
		child.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
	const lines: string[] = [];
	createInterface({ input: child.stderr }).on('line', (line) => lines.push(line) > 200 && lines.shift());
	const log = () => lines.join('\n');
	try {
		const ready = await readyLine(child, log, options.timeoutMs ?? 120_000);
		return { ready, process: child, log, stop: () => stop(child, (line) => lines.push(line)) };
	} catch (error) {
		// One that is late would go on for ever.
		child.kill('SIGKILL');
		throw error;
	}
}

async function readyLine(child: ChildProcess, log: () => string, timeoutMs: number): Promise<Ready> {
	const { promise, resolve, reject } = Promise.withResolvers<Ready>();
	const timer = setTimeout(() => reject(new Error(`not ready after ${timeoutMs} ms:\n${log()}`)), timeoutMs);
	child.once('error', reject);
	child.once('exit', (code) => reject(new Error(`exited with ${code} before it was ready:\n${log()}`)));
	if (child.stdout === null) throw new Error('standard output is not piped');
	createInterface({ input: child.stdout }).on('line', (line) => {
		if (line.startsWith('{"event":"ready"')) resolve(JSON.parse(line) as Ready);
	});
	return promise.finally(() => clearTimeout(timer));
}

async function stop(child: ChildProcess, note: (line: string) => void): Promise<number | null> {
	if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
	const { promise, resolve } = Promise.withResolvers<number | null>();
	child.once('exit', resolve);
	child.kill('SIGTERM');
	const timer = setTimeout(() => {
		note(`still there after 20 s, where its threads wait: ${whereThreadsWait(child.pid ?? 0)}`);
		child.kill('SIGKILL');
	}, 20_000);
	return promise.finally(() => clearTimeout(timer));
}

/** Name, state and place in the kernel of each: the one that tells a loop from a lock. */
function whereThreadsWait(pid: number): string {
	const tasks = `/proc/${pid}/task`;
	const read = (thread: string, file: string) => readFileSync(join(tasks, thread, file), 'utf8').trim();
	try {
		const describe = (thread: string) =>
			`${read(thread, 'comm')} ${/^State:\t(\w)/m.exec(read(thread, 'status'))?.[1]} ${read(thread, 'wchan')}`;
		return readdirSync(tasks).map(describe).join(', ');
	} catch (error) {
		return String(error);
	}
}

/** Asks until the answer satisfies, at most `timeoutMs`. */
export async function until<Answer>(
	ask: () => Promise<Answer | undefined>,
	what: string,
	timeoutMs = 15_000,
): Promise<Answer> {
	const deadline = Date.now() + timeoutMs;
	// What takes long is asked for less and less often: asking takes the processor from what is waited for.
	for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 1.3, 500)) {
		const answer = await ask();
		if (answer !== undefined) return answer;
		if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`);
		await new Promise((resolve) => setTimeout(resolve, pauseMs));
	}
}
