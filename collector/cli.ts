import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ensureScreen } from './build-screen.ts';
import { ConfigError, readConfig, SETTINGS } from './config.ts';
import type { Config } from './config.ts';
import { createLog } from './log.ts';
import { startSpanhouse } from './main.ts';
import type { RunningSpanhouse } from './main.ts';
import { messageOf } from './problem.ts';

const packageRoot = findPackageRoot();
export const version: string = (JSON.parse(readFileSync(`${packageRoot}package.json`, 'utf8')) as { version: string })
	.version;

const usage = `Spanhouse ${version}: OpenTelemetry traces in ClickHouse

  spanhouse [serve] [options]   collector, store, API and screen in the foreground
  spanhouse demo [options]      send the traffic of a small shop to a running Spanhouse
  spanhouse --help, --version

Options of serve, each with its environment variable:
${Object.values(SETTINGS).map(helpLine).join('\n')}
`;

/** The command line. Sets the exit code; resolves once the command has ended or, for `serve`, everything listens. */
export async function runCli(argv: readonly string[]): Promise<void> {
	const [command = 'serve', ...rest] = argv[0]?.startsWith('-') ? ['serve', ...argv] : argv;
	if (argv.includes('--help') && command === 'serve') return print(usage);
	if (argv.includes('--version')) return print(`${version}\n`);
	if (command === 'serve') return serve(rest);
	if (command === 'demo') return demo(rest);
	fail([`there is no command ${JSON.stringify(command)}; see spanhouse --help`]);
}

async function serve(argv: readonly string[]): Promise<void> {
	let config: Config;
	try {
		config = readConfig(argv, process.env);
	} catch (error) {
		if (error instanceof ConfigError) return fail(error.problems);
		throw error;
	}
	try {
		ensureScreen(packageRoot);
		const log = createLog(config.logLevel);
		const spanhouse = await startSpanhouse({ config, log, version, screenFolder: `${packageRoot}dist/ui` });
		stopOnSignal(spanhouse);
		announce(spanhouse);
	} catch (error) {
		fail([messageOf(error)]);
		process.exit();
	}
}

function announce({ ready }: RunningSpanhouse): void {
	print(`${JSON.stringify(ready)}\n`);
	if (!process.stdout.isTTY) return;
	print(
		`\n  Spanhouse ${version} is running.\n\n  Open      ${ready.ui}\n  Send to   ${ready.otlpHttp}   (OTLP over HTTP)\n            ${ready.otlpGrpc}   (OTLP over gRPC)\n\n  No traffic yet? In a second terminal: npm run demo\n\n`,
	);
}

/** The first signal drains, the second ends at once. */
function stopOnSignal(spanhouse: RunningSpanhouse): void {
	let stopping = false;
	const stop = () => {
		if (stopping) process.exit(1);
		stopping = true;
		spanhouse.close().then(
			() => process.exit(0),
			(error: unknown) => {
				fail([`stopping: ${messageOf(error)}`]);
				process.exit(1);
			},
		);
	};
	process.on('SIGTERM', stop);
	process.on('SIGINT', stop);
}

function demo(argv: readonly string[]): void {
	const main = `${packageRoot}demo/main.ts`;
	if (!existsSync(main)) return fail(['the demo comes with a checkout of Spanhouse: run `npm run demo` there']);
	const child = spawn(process.execPath, [main, ...argv], { stdio: 'inherit' });
	for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));
	child.once('exit', (code) => (process.exitCode = code ?? 1));
}

function helpLine(setting: (typeof SETTINGS)[keyof typeof SETTINGS]): string {
	const flag = setting.flag === undefined ? '' : `--${setting.flag}`;
	const standard = setting.default === '' ? '' : ` (${setting.default})`;
	return `  ${flag.padEnd(28)}${setting.variable.padEnd(36)}${setting.help}${standard}`;
}

const print = (text: string): void => void process.stdout.write(text);

function fail(problems: readonly string[]): void {
	for (const problem of problems) process.stderr.write(`spanhouse: ${problem}\n`);
	process.exitCode = 1;
}

/** The folder of package.json: one above in a checkout, two above in the published form (`dist/collector/`). */
function findPackageRoot(): string {
	const near = fileURLToPath(new URL('../', import.meta.url));
	return existsSync(`${near}package.json`) ? near : fileURLToPath(new URL('../../', import.meta.url));
}
