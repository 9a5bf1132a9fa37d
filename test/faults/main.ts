import { parseArgs } from 'node:util';
import { randomFrom } from '../bench/traffic.ts';
import { runScenario } from './scenario.ts';
import type { ScenarioReport } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';

const HELP = `Usage: npm run faults -- [options]

The long form of every fault, and what came of it. Ends with 1 where something was lost, doubled or not told.

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
	console.log(line(report));
	for (const problem of report.problems) console.log(`  BROKEN: ${problem}`);
}

const sum = (of: (report: ScenarioReport) => number): string =>
	reports.reduce((total, report) => total + of(report), 0).toLocaleString('en');
console.log(
	`\n${sum(({ kills }) => kills)} kills, ${sum(({ acknowledged }) => acknowledged)} spans acknowledged, ` +
		`${sum(({ lost }) => lost)} lost, ${sum(({ doubled }) => doubled)} doubled, ${sum(({ foreign }) => foreign)} that nobody sent`,
);
process.exit(reports.some(({ problems }) => problems.length > 0) ? 1 : 0);

function line(report: ScenarioReport): string {
	const {
		name,
		rounds,
		kills,
		acknowledged,
		lost,
		doubled,
		refused,
		broken,
		slowestStartMs,
		ackP99Ms,
		refusalP99Ms,
		peakBytes,
		seconds,
		notes,
	} = report;
	return [
		`${name}: ${rounds} rounds in ${seconds.toFixed(0)} s, ${kills} kills`,
		`${acknowledged.toLocaleString('en')} spans acknowledged, ${lost} lost, ${doubled} doubled`,
		`${refused} requests refused${refused > 0 ? ` within ${refusalP99Ms.toFixed(0)} ms (p99)` : ''}, ${broken} connections broken`,
		`started within ${(slowestStartMs / 1_000).toFixed(1)} s, acknowledged within ${ackP99Ms.toFixed(0)} ms (p99), at most ${(peakBytes / 2 ** 20).toFixed(0)} MiB`,
		...notes,
	].join('; ');
}
