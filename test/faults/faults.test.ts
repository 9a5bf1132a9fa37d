/** The short form of each fault; `npm run faults` runs the long one and prints the figures. */
import { expect, test } from 'vitest';
import { randomFrom } from '../bench/traffic.ts';
import { runScenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';

// Beside each other: every one of them waits half a minute for the rollup, which collects spans that long.
test.concurrent.each(SCENARIOS)(
	'$name: what was acknowledged is stored, once',
	{ timeout: 900_000 },
	async (scenario) => {
		const report = await runScenario(scenario, scenario.rounds.short, randomFrom(7));
		// Faults that need what this machine lacks say so; every other acknowledges something, and keeps it.
		expect(
			'skipped' in report ? { problems: [], isKept: true } : { ...report, isKept: report.acknowledged > 0 },
		).toMatchObject({
			problems: [],
			isKept: true,
		});
	},
);
