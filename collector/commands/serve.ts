import { ensureScreen } from '../build-screen.ts';
import { SETTINGS } from '../config.ts';
import type { Config } from '../config.ts';
import { createLog } from '../log.ts';
import { startSpanhouse } from '../main.ts';
import type { RunningSpanhouse } from '../main.ts';
import { messageOf } from '../problem.ts';
import type { Setting } from '../settings.ts';
import { stopOnSignal } from '../stop-on-signal.ts';
import { boundHeaps } from '../heap-bounds.ts';
import { returnFreedMemory } from '../system-allocator.ts';
import { print, printProblems, readSettings } from './command.ts';
import type { Command, CommandContext } from './command.ts';

/** Collector, store, API and screen in this process, until a signal. */
export const serve: Command = {
	help: `spanhouse [serve] [options]

Receives OpenTelemetry traces, stores them in ClickHouse and serves the screen and the API, in the foreground. SIGTERM or
Ctrl C finishes what is under way; a second one ends at once.

Options, each with its environment variable and default; a flag wins:
${Object.values(SETTINGS).map(helpLine).join('\n')}

VARIABLE_FILE=/path reads a secret from a file.
`,
	run: async (argv, context) => {
		await startServing(readSettings(argv, context.env), context);
		return undefined;
	},
};

async function startServing(config: Config, { packageRoot, version, env }: CommandContext): Promise<void> {
	try {
		boundHeaps();
		await returnFreedMemory();
		ensureScreen(packageRoot);
		const log = createLog(config.logLevel);
		const spanhouse = await startSpanhouse({ config, env, log, version, screenFolder: `${packageRoot}dist/ui` });
		stopOnSignal({ close: () => spanhouse.close(), tell: (problem) => printProblems([problem]) });
		announce(spanhouse);
	} catch (error) {
		printProblems([messageOf(error)]);
		process.exit(1); // Parts that started before the failure may hold the process.
	}
}

function announce({ ready, setupUrl }: RunningSpanhouse): void {
	print(`${JSON.stringify(ready)}\n`);
	if (setupUrl !== undefined) {
		process.stderr.write(`spanhouse: there is no account yet; make the first one at ${setupUrl}\n`);
	}
	if (!process.stdout.isTTY) return;
	print(`
  Spanhouse ${ready.version} is running.

  Open      ${ready.ui}
  Send to   ${ready.otlpHttp}   (OTLP over HTTP)
            ${ready.otlpGrpc}   (OTLP over gRPC)

  No traffic yet? In a second terminal: npm run demo

`);
}

function helpLine(setting: Setting<unknown>): string {
	// A switch that is on is there to be turned off.
	const no = setting.default === 'true' ? 'no-' : '';
	const flag = setting.flag === undefined ? '' : `--${no}${setting.flag}`;
	const standard = setting.default === '' ? '' : ` (${setting.default})`;
	return `  ${flag.padEnd(28)}${setting.variable.padEnd(36)}${setting.help}${standard}`;
}
