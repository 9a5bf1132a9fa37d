import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';
import { TARGETS } from './targets.ts';

const HELP = `Usage: npm run fuzz -- [options]

Damaged and unusual bodies for every decoder, held against an independent reader, with a seed of their own each time.

  --target NAME     one alone: ${Object.keys(TARGETS).join(', ')}
  --executions N    for each target (1000000)
  --seed N          the same cases again
  --case N          of the seed, that case alone
`;

const { values } = parseArgs({
	options: {
		help: { type: 'boolean', short: 'h', default: false },
		target: { type: 'string' },
		executions: { type: 'string', default: '1000000' },
		seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
		case: { type: 'string' },
	},
});
if (values.help) {
	console.log(HELP);
	process.exit();
}
const [seed, firstCase] = [Number(values.seed), Number(values.case ?? 0)];
const executions = values.case === undefined ? Number(values.executions) : 1;
const names = values.target === undefined ? Object.keys(TARGETS) : [values.target];

console.log(`seed ${seed}`);
for (const name of names) {
	const open = TARGETS[name];
	if (open === undefined) throw new Error(`--target is ${name}; expected one of ${Object.keys(TARGETS).join(', ')}`);
	const target = await open();
	try {
		const { taken, refused, slowestMs, slowestCase, seconds } = await fuzz(target, { seed, executions, firstCase });
		console.log(
			`${name}: ${executions} executions in ${seconds.toFixed(0)} s, ${taken} taken, ${refused} refused, ` +
				`slowest ${slowestMs.toFixed(0)} ms (case ${slowestCase})`,
		);
	} finally {
		await target.close();
	}
}
const { maxRSS } = process.resourceUsage();
console.log(`at most ${Math.round(maxRSS / 1024)} MiB`);
