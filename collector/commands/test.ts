import { writeFileSync } from 'node:fs';
import { counted } from '../counted.ts';
import { junitReport } from '../desired/junit.ts';
import type { TestOutcome } from '../desired/junit.ts';
import { loadGoodFolder } from '../desired/load-folder.ts';
import { runAlertTest } from '../desired/run-alert-test.ts';
import { readArguments } from '../server-client.ts';
import { print, printProblems } from './command.ts';
import type { Command } from './command.ts';

/** Runs the AlertTest documents of a folder, without a server. */
export const test: Command = {
	help: `spanhouse test DIR [--junit FILE]

Runs the documents of kind AlertTest in a folder: values in, states of the alert out, by the same evaluator that a server runs.
Asks no server.
Exit code: 0 when all hold, 1 when one fails or the folder has an error.

  --junit FILE      also write a report for CI
`,
	run: async (argv) => {
		const { positionals, values } = readArguments(argv, { junit: { type: 'string' } }, ['DIR']);
		const loaded = await loadGoodFolder(positionals[0] ?? '.');
		if (Array.isArray(loaded)) {
			printProblems(loaded);
			return 1;
		}
		const { documents, tests } = loaded;
		const alerts = documents.flatMap(({ document }) => (document.kind === 'Alert' ? [document] : []));
		const outcomes = tests.flatMap(({ test, file, line }): TestOutcome[] => {
			const alert = alerts.find(({ metadata }) => metadata.name === test.spec.alert);
			if (alert === undefined) return [];
			return [{ name: test.metadata.name, file: `${file}:${line}`, problems: runAlertTest(test, alert) }];
		});
		for (const { name, file, problems } of outcomes) {
			print(`${problems.length === 0 ? 'ok' : 'not ok'} ${name} (${file})\n`);
			for (const line of problems) print(`  ${line}\n`);
		}
		if (typeof values.junit === 'string') writeFileSync(values.junit, junitReport(outcomes));
		const failed = outcomes.filter(({ problems }) => problems.length > 0).length;
		print(`${outcomes.length - failed} of ${counted(outcomes.length, 'test')} held\n`);
		return failed > 0 ? 1 : 0;
	},
};
