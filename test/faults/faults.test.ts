/** The short form of each fault; `npm run faults` runs the long one and prints the figures. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import type { StatusAnswer } from '../../schema/api-status.ts';
import { randomFrom } from '../bench/traffic.ts';
import type { FaultWorld } from './fault-world.ts';
import { runScenario, unconserved } from './scenario.ts';
import type { Scenario } from './scenario.ts';
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

test.concurrent('what a fault opened is closed where it fails, and it says why', async () => {
	const worlds: FaultWorld[] = [];
	const failing: Scenario = {
		name: 'fails',
		rounds: { short: 1, long: 1 },
		run: async ({ open }) => {
			worlds.push(await open({ isEmbedded: true }));
			throw new Error('for this reason');
		},
	};
	await expect(runScenario(failing, 1, randomFrom(7))).rejects.toThrow('for this reason');
	expect(worlds.map(({ ledger }) => ledger.isClosed)).toEqual([true]);
	expect(worlds.map(({ dataFolder }) => existsSync(dirname(dataFolder)))).toEqual([false]);
});

test.concurrent('spans that are neither stored nor set aside are missed, however many came again', async () => {
	const counted = { received: 1_000, accepted: 1_000, repeated: 300, stored: 897 };
	const world = {
		settle: () => Promise.resolve(),
		metrics: () =>
			Promise.resolve(
				new Map(Object.entries(counted).map(([name, count]) => [`spanhouse_spans_${name}_total`, count])),
			),
		status: () => Promise.resolve({ spool: { spans: 0, quarantinedSpans: 3 } } as StatusAnswer),
	};
	expect(await unconserved(world)).toEqual(['1000 spans accepted, 900 stored or set aside']);
});
