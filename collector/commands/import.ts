import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { counted } from '../counted.ts';
import { messageOf } from '../problem.ts';
import { importTraces } from '../transfer/import-traces.ts';
import { TransferError } from '../transfer/transfer-error.ts';
import { printProblems, UsageError } from './command.ts';
import type { Command } from './command.ts';

const options = { url: { type: 'string', default: 'http://127.0.0.1:4318' } } as const;

/** Traces out of files into a running Spanhouse, through its receiver. */
export const importCommand: Command = {
	help: `spanhouse import FILE… [options]

Sends the traces of files to a running Spanhouse, through its OTLP listener: OTLP/JSON, either one document or one a line, as
\`spanhouse export\` and the file exporter of the OpenTelemetry Collector write it. Spans that ended before the retention are
placed at the time of receipt, and marked.

  --url URL   where OTLP over HTTP is (${options.url.default})

SPANHOUSE_INGEST_KEY is sent as ingest key where senders need one.
`,
	run: async (argv, { env }) => {
		const { url, files } = readArguments(argv);
		let isWhole = true;
		for (const file of files) {
			try {
				const text = await readFile(file, 'utf8');
				const { spans, refusals } = await importTraces({ url, key: env['SPANHOUSE_INGEST_KEY'], text });
				process.stderr.write(`spanhouse: ${counted(spans, 'span')} of ${file} imported\n`);
				printProblems(refusals.map((refusal) => `${file}: ${refusal}`));
				isWhole &&= refusals.length === 0;
			} catch (error) {
				printProblems([`${file}: ${error instanceof TransferError ? error.message : messageOf(error)}`]);
				isWhole = false;
			}
		}
		return isWhole ? 0 : 1;
	},
};

function readArguments(argv: readonly string[]): { url: string; files: string[] } {
	try {
		const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
		if (positionals.length === 0) throw new UsageError(['expected the names of files']);
		return { url: values.url, files: positionals };
	} catch (error) {
		throw error instanceof UsageError ? error : new UsageError([messageOf(error)]);
	}
}
