import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { counted } from '../counted.ts';
import { exportTraces } from '../transfer/export-traces.ts';
import { TransferError } from '../transfer/transfer-error.ts';
import { messageOf } from '../problem.ts';
import { printProblems, UsageError } from './command.ts';
import type { Command } from './command.ts';

const options = {
	url: { type: 'string', default: 'http://127.0.0.1:4319' },
	from: { type: 'string', default: 'now-1h' },
	to: { type: 'string', default: 'now' },
	limit: { type: 'string', default: '100' },
	project: { type: 'string' },
	out: { type: 'string' },
} as const;

/** Traces out of a running Spanhouse, as OTLP/JSON. */
export const exportCommand: Command = {
	help: `spanhouse export TRACE_ID|QUERY [options]

Writes traces of a running Spanhouse as OTLP/JSON, a line each: one by its id, or those with a span that matches a query in
the search language, newest first. \`spanhouse import\` reads what this writes, and so does the OpenTelemetry Collector.

  --url URL       where the screen is (${options.url.default})
  --from, --to    window of a query: Unix milliseconds, now or now-15m (${options.from.default} to ${options.to.default})
  --limit N       most traces of a query (${options.limit.default})
  --project NAME  another project than the default one
  --out FILE      instead of standard output

SPANHOUSE_TOKEN is sent as API token where people log in.
`,
	run: async (argv, { env }) => {
		const { values, what } = readArguments(argv);
		const limit = Number(values.limit);
		const out = values.out === undefined ? process.stdout : createWriteStream(values.out, { flags: 'wx', mode: 0o600 });
		try {
			if (out !== process.stdout) await once(out, 'open');
			const { traces, isCut } = await exportTraces({
				url: values.url,
				token: env['SPANHOUSE_TOKEN'],
				what,
				from: values.from,
				to: values.to,
				limit,
				project: values.project,
				write: async (line) => {
					if (!out.write(line)) await once(out, 'drain');
				},
			});
			if (isCut) printProblems([`more than ${limit} traces match; --limit takes more`]);
			if (out !== process.stdout) {
				out.end();
				await once(out, 'close');
			}
			process.stderr.write(`spanhouse: ${counted(traces, 'trace')} exported\n`);
			return 0;
		} catch (error) {
			printProblems([error instanceof TransferError ? error.message : `not exported: ${messageOf(error)}`]);
			return 1;
		}
	},
};

function readArguments(argv: readonly string[]) {
	try {
		const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
		const [what, ...more] = positionals;
		if (what === undefined || more.length > 0) {
			throw new UsageError(['expected one trace id or one query; put a query into quotes']);
		}
		if (!/^[1-9]\d{0,5}$/.test(values.limit)) {
			throw new UsageError([`--limit is ${JSON.stringify(values.limit)}; expected a whole number from 1 to 999999`]);
		}
		return { values, what };
	} catch (error) {
		throw error instanceof UsageError ? error : new UsageError([messageOf(error)]);
	}
}
