import { counted } from '../counted.ts';
import { findingLine, loadFolder } from '../desired/load-folder.ts';
import { readArguments } from '../server-client.ts';
import { print, printProblems } from './command.ts';
import type { Command } from './command.ts';

/** Says what is wrong with a folder of configuration, without a server. */
export const check: Command = {
	help: `spanhouse check DIR

Reads all YAML in a folder as a source would, and tells what is wrong with it as file:line:column. Asks no server.
Exit code: 0 when it would be taken (warnings are told), 1 when it would be refused.
`,
	run: async (argv) => {
		const { positionals } = readArguments(argv, {}, ['DIR']);
		const { documents, tests, findings, files, problem } = await loadFolder(positionals[0] ?? '.');
		if (problem !== undefined) {
			printProblems([problem]);
			return 1;
		}
		for (const finding of findings) print(`${findingLine(finding)}\n`);
		const errors = findings.filter(({ level }) => level === 'error').length;
		if (errors > 0) {
			print(`${counted(errors, 'error')} in ${counted(files, 'file')}\n`);
			return 1;
		}
		print(
			`${counted(documents.length, 'document')} and ${counted(tests.length, 'test')} in ${counted(files, 'file')}: all good\n`,
		);
		return 0;
	},
};
