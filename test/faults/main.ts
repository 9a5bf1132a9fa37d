import { parseArgs } from 'node:util';
import { randomFrom } from '../bench/traffic.ts';
import { reportLine } from './report-line.ts';
import { runScenario } from './scenario.ts';
import type { ScenarioReport } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';

const HELP = `Usage: npm run faults -- [options]

The long form of every fault, and what came of it. Ends with 1 where something was lost, doubled or not told,
or took longer than it may.

  --only TEXT    those whose name contains it
  --share N      of the rounds: 0.1 for a tenth (1)
  --seed N       the same moments again
`;

const { values } = parseArgs({
	options: {
		help: { type: 'boolean', short: 'h', default: false },
		only: { type: 'string', default: '' },
		share: { type: 'string', default: '1' },
		seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
	},
});
if (values.help) {
	console.log(HELP);
	process.exit();
}
const seed = Number(values.seed);
const reports: ScenarioReport[] = [];
console.log(`seed ${seed}`);

for (const scenario of SCENARIOS.filter(({ name }) => name.includes(values.only))) {
	const rounds = Math.max(1, Math.round(scenario.rounds.long * Number(values.share)));
	const report = await runScenario(scenario, { rounds, random: randomFrom(seed) });
	if ('skipped' in report) {
		console.log(`${scenario.name}: skipped, ${report.skipped}`);
		continue;
	}
	reports.push(report);
	console.log(reportLine(report));
	for (const problem of report.problems) console.log(`  BROKEN: ${problem}`);
	for (const bound of report.beyond) console.log(`  BEYOND: ${bound}`);
}

const sum = (of: (report: ScenarioReport) => number): string =>
	reports.reduce((total, report) => total + of(report), 0).toLocaleString('en');
console.log(
	`\n${sum(({ kills }) => kills)} kills, ${sum(({ acknowledged }) => acknowledged)} spans acknowledged, ` +
		`${sum(({ lost }) => lost)} lost, ${sum(({ doubled }) => doubled)} doubled, ${sum(({ foreign }) => foreign)} that nobody sent; ` +
		`${sum(({ logs }) => logs.acknowledged)} log records, ${sum(({ logs }) => logs.lost)} lost, ${sum(({ logs }) => logs.doubled)} doubled`,
);
process.exit(reports.some(({ problems, beyond }) => problems.length + beyond.length > 0) ? 1 : 0);
