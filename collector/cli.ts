import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { print, printProblems, UsageError } from './commands/command.ts';
import type { Command } from './commands/command.ts';

interface Entry {
	summary: string;
	/** What tells more, below `docs/`. */
	document: string;
	/** Loads what the command needs and nothing else: those that only read files start at once. */
	load(): Promise<Command>;
}

/** Every command, in the order of `--help`. Each lives in `commands/`. */
const COMMANDS: Readonly<Record<string, Entry>> = {
	serve: {
		summary: 'collector, store, API and screen in the foreground; also without a command',
		document: 'operations.md',
		load: async () => (await import('./commands/serve.ts')).serve,
	},
	demo: {
		summary: 'send the traffic of a small shop to a running Spanhouse',
		document: 'howto/run-the-demo.md',
		load: async () => (await import('./commands/demo.ts')).demo,
	},
	check: {
		summary: 'say what is wrong with a folder of configuration',
		document: 'howto/declare-alerts-in-git.md',
		load: async () => (await import('./commands/check.ts')).check,
	},
	diff: {
		summary: 'show what a folder of configuration would change on a running server',
		document: 'howto/declare-alerts-in-git.md',
		load: async () => (await import('./commands/diff.ts')).diff,
	},
	test: {
		summary: 'run the tests of alerts in a folder',
		document: 'howto/test-alerts.md',
		load: async () => (await import('./commands/test.ts')).test,
	},
	backtest: {
		summary: 'say how often changed alerts would have fired',
		document: 'howto/test-alerts.md',
		load: async () => (await import('./commands/backtest.ts')).backtest,
	},
	gate: {
		summary: 'say whether a service may be deployed now',
		document: 'howto/gate-a-deploy.md',
		load: async () => (await import('./commands/gate.ts')).gate,
	},
	verdict: {
		summary: 'say what a deploy did',
		document: 'howto/gate-a-deploy.md',
		load: async () => (await import('./commands/verdict.ts')).verdict,
	},
	export: {
		summary: 'write traces of a running Spanhouse as OTLP/JSON, by id or query',
		document: 'api.md',
		load: async () => (await import('./commands/export.ts')).exportCommand,
	},
	import: {
		summary: 'send files of OTLP/JSON to a running Spanhouse',
		document: 'api.md',
		load: async () => (await import('./commands/import.ts')).importCommand,
	},
	spool: {
		summary: 'show what a stopped collector has set aside, and put it into its spool again',
		document: 'operations.md',
		load: async () => (await import('./commands/spool.ts')).spool,
	},
	'migrate-data': {
		summary: 'copy an embedded store to a ClickHouse server or cluster',
		document: 'howto/use-a-cluster.md',
		load: async () => (await import('./commands/migrate-data.ts')).migrateData,
	},
};

/** The command line. Sets the exit code; resolves once the command has ended or, for `serve`, everything listens. */
export async function runCli(argv: readonly string[]): Promise<void> {
	if (isHelp(argv[0]) || argv[0] === 'help') return print(usage());
	if (argv.includes('--version')) return print(`${readVersion()}\n`);
	const { name, rest } = readCommand(argv);
	const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
	if (entry === undefined)
		return fail([`there is no command ${JSON.stringify(name)}`], 'spanhouse --help', 'README.md');
	const command = await entry.load();
	if (rest.some(isHelp)) return print(`${command.help}\nMore: ${documents}${entry.document}\n`);
	try {
		const code = await command.run(rest, { packageRoot, version: readVersion(), env: process.env });
		if (code !== undefined) process.exitCode = code;
	} catch (error) {
		if (!(error instanceof UsageError)) throw error;
		fail(error.problems, `spanhouse ${name} --help`, entry.document);
	}
}

const isHelp = (argument: string | undefined): boolean => argument === '--help' || argument === '-h';

/** The options of `serve` may stand without its name. */
function readCommand(argv: readonly string[]): { name: string; rest: readonly string[] } {
	const [name, ...rest] = argv;
	return name === undefined || name.startsWith('-') ? { name: 'serve', rest: argv } : { name, rest };
}

function usage(): string {
	const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  spanhouse ${name.padEnd(14)}${summary}`);
	return `Spanhouse ${readVersion()}: OpenTelemetry traces in ClickHouse

${lines.join('\n')}
  spanhouse --help, --version

\`spanhouse COMMAND --help\` tells the options of one; those of serve may stand without it: \`spanhouse --ui-port 0\`.
Documents: ${documents}README.md
`;
}

function fail(problems: readonly string[], help: string, document: string): void {
	printProblems([...problems, `see \`${help}\` and ${documents}${document}`]);
	process.exitCode = 1;
}

/** The folder of package.json: one above in a checkout, two above in the published form (`dist/collector/`). */
const packageRoot = ['../', '../../']
	.map((path) => fileURLToPath(new URL(path, import.meta.url)))
	.find((folder) => existsSync(`${folder}package.json`)) as string;

/** Both forms carry them. */
const documents = `${packageRoot}docs/`;

const readVersion = (): string =>
	(JSON.parse(readFileSync(`${packageRoot}package.json`, 'utf8')) as { version: string }).version;
