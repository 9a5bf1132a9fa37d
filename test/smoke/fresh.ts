/**
 * A fresh machine: the README's commands, word for word, run by a user without rights (where this is run by root), with an empty
 * home and nothing but node, npm and a shell on the path, in a copy of the checkout. With `--built` the screen that was built here
 * comes along, which saves building it once more. Prints `N passed, N failed`.
 */
import { execFileSync, spawn } from 'node:child_process';
import {
	chownSync,
	cpSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, sep } from 'node:path';
import { projectRoot, until } from '../support/product.ts';
import type { Ready } from '../support/product.ts';

const began = performance.now();
const isRoot = process.getuid?.() === 0;
/** Of nobody else's. */
const user = isRoot ? 54_321 : process.getuid?.();
const aside = mkdtempSync(join(tmpdir(), 'spanhouse-fresh-'));
const [home, checkout, bin] = ['home', 'checkout', 'bin'].map((name) => join(aside, name)) as [string, string, string];
const installMs = 400_000;

let passed = 0;
let failed = 0;
function check(what: string, holds: boolean, found: unknown): void {
	if (holds) passed += 1;
	else failed += 1;
	const seconds = ((performance.now() - began) / 1_000).toFixed(0);
	console.log(`${holds ? 'ok  ' : 'FAIL'} ${what} (${seconds} s)${holds ? '' : `: found ${JSON.stringify(found)}`}`);
}

/** What the section `Start` has a reader type, in order. */
function commandsOfReadme(): string[] {
	const [, section = ''] = /^## Start$([^]*?)^## /m.exec(readFileSync(join(checkout, 'README.md'), 'utf8')) ?? [];
	return [...section.matchAll(/^```sh\n([^]*?)^```/gm)].map(([, block = '']) => block.trim());
}

function prepare(): void {
	for (const folder of [home, bin]) mkdirSync(folder);
	const dist = process.argv.includes('--built') ? join(projectRoot, 'dist') : undefined;
	const left = new Set(['node_modules', 'dist', 'data', '.git']);
	cpSync(projectRoot, checkout, {
		recursive: true,
		preserveTimestamps: true,
		filter: (path) =>
			!path
				.slice(projectRoot.length)
				.split(sep)
				.some((part) => left.has(part)),
	});
	if (dist !== undefined) cpSync(dist, join(checkout, 'dist'), { recursive: true, preserveTimestamps: true });
	// npm puts the checkout's own node in front.
	const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
	for (const name of ['node', 'npm', 'npx', 'sh']) {
		const find = `command -v ${name}`;
		const env = { PATH: path.join(delimiter) };
		symlinkSync(execFileSync('/bin/sh', ['-c', find], { env, encoding: 'utf8' }).trim(), join(bin, name));
	}
	if (isRoot)
		for (const below of ['', ...readdirSync(aside, { recursive: true, encoding: 'utf8' })]) own(join(aside, below));
}

function own(path: string): void {
	try {
		chownSync(path, user ?? 0, user ?? 0);
	} catch {
		// A link of `bin` leads to the machine's own.
	}
}

interface Running {
	pid: number;
	/** What was printed, its last 100,000 characters. */
	output(): string;
	exit: Promise<number | null>;
}

/** As typed into a terminal in the checkout. */
function type(command: string, env: Record<string, string> = {}): Running {
	// How this machine reaches its registry is the machine's, not the user's.
	const passedOn = ['npm_config_registry', 'NODE_EXTRA_CA_CERTS', 'HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'];
	const machine = Object.entries(process.env).filter(([name]) => passedOn.includes(name)) as [string, string][];
	const child = spawn('/bin/sh', ['-c', command], {
		cwd: checkout,
		env: { PATH: bin, HOME: home, TMPDIR: home, ...Object.fromEntries(machine), ...env },
		detached: true,
		stdio: ['ignore', 'pipe', 'pipe'],
		...(isRoot ? { uid: user, gid: user } : {}),
	});
	let output = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-100_000)));
	}
	const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
	return { pid: child.pid ?? 0, output: () => output, exit };
}

/** Ctrl-C: the signal goes to all that the command has started. */
const interrupt = ({ pid }: Running): void => void process.kill(-pid, 'SIGINT');

/** Processes of the group that the command was started as, and of the user where it is theirs alone. */
function left(pids: readonly number[]): string[] {
	return readdirSync('/proc').flatMap((pid) => {
		try {
			const status = readFileSync(`/proc/${pid}/status`, 'utf8');
			const [, , , , group] = readFileSync(`/proc/${pid}/stat`, 'utf8')
				.replace(/\(.*\)/s, '()')
				.split(' ');
			const isOurs = pids.includes(Number(group)) || (isRoot && new RegExp(`^Uid:\\t${user}\\t`, 'm').test(status));
			return isOurs && !/^State:\tZ/m.test(status) ? [`${pid} ${/^Name:\t(.*)$/m.exec(status)?.[1] ?? ''}`] : [];
		} catch {
			return [];
		}
	});
}

/** As `namespace/name`; `query` chooses the project. */
async function servicesOf(ui: string, query = ''): Promise<string[]> {
	const answer = await fetch(`${ui}/api/v1/services${query}`);
	// A project is there once something was sent to it.
	if (answer.status === 404) return [];
	const { services } = (await answer.json()) as { services: { service: string; namespace: string }[] };
	return services.map(({ service, namespace }) => `${namespace}/${service}`);
}

async function run(started: Running[]): Promise<void> {
	const [install = '', demo = '', service = ''] = commandsOfReadme();
	check('the README has three commands to start with', service !== '', commandsOfReadme());

	const ports = { SPANHOUSE_UI_PORT: '0', SPANHOUSE_OTLP_HTTP_PORT: '0', SPANHOUSE_OTLP_GRPC_PORT: '0' };
	const product = type(install, ports);
	started.push(product);
	const ended = product.exit.then((code) => {
		throw new Error(`\`${install}\` ended with ${code}:\n${product.output()}`);
	});
	ended.catch(() => undefined);
	const readyLine = async () => /^\{"event":"ready".*\}$/m.exec(product.output())?.[0];
	const ready = JSON.parse(await Promise.race([until(readyLine, install, installMs), ended])) as Ready;
	const screen = await fetch(`${ready.ui}/`);
	check(`\`${install}\` shows the screen`, screen.ok && (await screen.text()).includes('<div id="app"'), screen.status);

	const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: ready.otlpHttp };
	const shop = type(demo, { ...endpoint, SPANHOUSE_DEMO_UI: ready.ui });
	started.push(shop);
	const services = await until(
		async () => {
			// Where the link leads that it prints.
			const [, query] = /^ *Services +\S+?\/services(\?\S*)?$/m.exec(shop.output()) ?? [];
			const found = await servicesOf(ready.ui, query);
			return found.filter((name) => name.startsWith('shop/')).length >= 7 ? found : undefined;
		},
		demo,
		120_000,
	).catch((error: unknown) => {
		throw new Error(shop.output(), { cause: error });
	});
	check(`\`${demo}\` opens the shop of seven services`, services.length >= 7, services);
	interrupt(shop);
	await shop.exit;

	mkdirSync(join(checkout, 'stranger'));
	writeFileSync(
		join(checkout, 'stranger/package.json'),
		'{ "name": "stranger", "version": "1.0.0", "type": "module" }',
	);
	writeFileSync(
		join(checkout, 'stranger/app.js'),
		`import { createServer } from 'node:http';
const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1', async () => {
	await (await fetch('http://127.0.0.1:' + server.address().port + '/hello')).text();
	server.close();
	server.closeAllConnections();
});`,
	);
	// The SDK wants a newer Node.js than the checkout does, which brings one.
	const path = `${join(checkout, 'node_modules/node/bin')}${delimiter}${bin}`;
	const app = type(`cd stranger && ${service}`, { ...endpoint, PATH: path });
	started.push(app);
	check(`\`${service}\` ends as it does without`, (await app.exit) === 0, app.output());
	const seen = await until(
		async () => (await servicesOf(ready.ui)).find((name) => name === '/stranger'),
		'the stranger',
	);
	check('and its span is there', seen === '/stranger', seen);

	interrupt(product);
	await until(
		async () => (left(started.map(({ pid }) => pid)).length === 0 ? true : undefined),
		'the end',
		30_000,
	).catch(() => undefined);
	check(
		'Ctrl-C leaves no process',
		left(started.map(({ pid }) => pid)).length === 0,
		left(started.map(({ pid }) => pid)),
	);
}

const started: Running[] = [];
try {
	prepare();
	console.log(isRoot ? `as user ${user}` : 'as this user, who is not root');
	await run(started);
} catch (error) {
	check('it runs to the end', false, error instanceof Error ? error.message : String(error));
} finally {
	for (const { pid } of started) {
		try {
			process.kill(-pid, 'SIGKILL');
		} catch {
			// It has ended.
		}
	}
	rmSync(aside, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
