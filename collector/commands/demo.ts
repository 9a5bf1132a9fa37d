import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { UsageError } from './command.ts';
import type { Command } from './command.ts';

/** The shop of the checkout, in processes of its own. */
export const demo: Command = {
	help: `spanhouse demo [options]

Sends the traffic of a small shop to a running Spanhouse. It comes with a checkout of Spanhouse, not with the package;
there, \`npm run demo -- --help\` lists its options.
`,
	run: async (argv, { packageRoot }) => {
		const main = `${packageRoot}demo/main.ts`;
		if (!existsSync(main)) {
			throw new UsageError(['the demo comes with a checkout of Spanhouse: run `npm run demo` there']);
		}
		const child = spawn(process.execPath, [main, ...argv], { stdio: 'inherit' });
		for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));
		const [code] = (await once(child, 'exit')) as [number | null];
		return code ?? 1;
	},
};
