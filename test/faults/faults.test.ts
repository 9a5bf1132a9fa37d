/** The short form of each fault; `npm run faults` runs the long one and prints the figures. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { StatusAnswer } from '../../schema/api-status.ts';
import { randomFrom } from '../bench/traffic.ts';
import { beyondBounds } from './bound.ts';
import type { Bound } from './bound.ts';
import type { FaultWorld } from './fault-world.ts';
import { Ledger, lightLoad } from './ledger.ts';
import { runScenario, unconserved } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { ALONE, IN_TURN } from './scenarios.ts';
import { SharedWorld } from './shared-world.ts';
import { keptOf } from './stored.ts';

const patience = { timeout: 900_000 };

async function expectKept(scenario: Scenario, shared?: SharedWorld): Promise<void> {
	const report = await runScenario(scenario, {
		rounds: scenario.rounds.short,
		random: randomFrom(7),
		load: lightLoad,
		...(shared === undefined ? {} : { shared }),
	});
	// Faults that need what this machine lacks say so; every other acknowledges something, and keeps it.
	expect(
		'skipped' in report ? { problems: [], isKept: true } : { ...report, isKept: report.acknowledged > 0 },
	).toMatchObject({
		problems: [],
		isKept: true,
	});
}

describe('in turn', { concurrent: true }, () => {
	const shared = new SharedWorld();

	// All at once, as it takes as long for all as for one; services tell whose spans are missing.
	afterAll(async () => {
		const problems = await shared.problems().finally(() => shared.close());
		if (problems.length > 0) throw new Error(problems.join('; '));
	}, patience.timeout);

	test.each(IN_TURN)(
		'$name: what was acknowledged is stored, once',
		{ ...patience, concurrent: false },
		async (scenario) => expectKept(scenario, shared),
	);
});

// Beside each other and the others: every one of them waits for processes to start, and for the rollup.
test.concurrent.each(ALONE)('$name: what was acknowledged is stored, once', patience, async (scenario) =>
	expectKept(scenario),
);

test('what is missing, doubled or nobody’s is told, of this fault’s spans and of those from before it', () => {
	const ledger = new Ledger('traces', { firstId: 11 });
	ledger.make(4).entry.isAcknowledged = true;
	ledger.make(2);
	const before = new Map([
		[1, 1],
		[2, 1],
		[3, 2],
		[900, 1],
	]);
	const kept = { acknowledged: 4, lost: 0, doubled: 0, foreign: 0 };
	// 4 is of an earlier ledger, and was never acknowledged; 16 may be stored as well as not.
	const all = [...before, ...[4, 11, 12, 13, 14, 16].map((id) => [id, 1] as const)];
	expect(keptOf(new Map(all), ledger, before)).toEqual(kept);
	const without = (missing: number) => new Map(all.filter(([id]) => id !== missing));
	expect(keptOf(without(12), ledger, before)).toEqual({ ...kept, lost: 1 });
	expect(keptOf(without(2), ledger, before)).toEqual({ ...kept, lost: 1 });
	const withCopies = (id: number, copies: number) => new Map([...all, [id, copies]]);
	expect(keptOf(withCopies(16, 2), ledger, before)).toEqual({ ...kept, doubled: 1 });
	expect(keptOf(withCopies(1, 2), ledger, before)).toEqual({ ...kept, doubled: 1 });
	expect(keptOf(withCopies(3, 3), ledger, before)).toEqual({ ...kept, doubled: 1 });
	expect(keptOf(withCopies(17, 1), ledger, before)).toEqual({ ...kept, foreign: 1 });
});

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
	await expect(runScenario(failing, { rounds: 1, random: randomFrom(7) })).rejects.toThrow('for this reason');
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

test('a figure beyond its bound is told in words, and one within is not', () => {
	const bounds: Bound[] = [
		{ what: 'started within', value: 10.2, unit: 's', atMost: 10 },
		{ what: 'stopped within', value: 2, unit: 's', atMost: 15 },
		{ what: 'died at each moment', value: 19, unit: 'times', atLeast: 20 },
	];
	expect(beyondBounds(bounds)).toEqual([
		'started within 10.2 s; at most 10 s expected',
		'died at each moment 19 times; at least 20 times expected',
	]);
});
