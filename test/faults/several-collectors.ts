/** Several collectors on one ClickHouse, each with a spool of its own. */
import type { FaultWorld } from './fault-world.ts';
import { expectOnly } from './kills.ts';
import { usualClients } from './ledger.ts';
import type { OpenWorld, Scenario } from './scenario.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function openThree(open: OpenWorld): Promise<[FaultWorld, FaultWorld, FaultWorld]> {
	const first = await open();
	const worlds: [FaultWorld, FaultWorld, FaultWorld] = [
		first,
		await open({ beside: first }),
		await open({ beside: first }),
	];
	for (const world of worlds) await world.start();
	return worlds;
}

/** F16: one collector after the other is restarted; whoever is refused goes to the next one. */
export const rollingRestart: Scenario = {
	name: 'F16 three collectors restarted in turn',
	rounds: { short: 3, long: 50 },
	run: async ({ rounds, load, open }) => {
		const worlds = await openThree(open);
		const [first] = worlds;
		let turn = 0;
		const clients = usualClients(first, load, () => (worlds[turn++ % worlds.length] ?? first).listeners);
		for (let round = 0; round < rounds; round += 1) {
			await pause(300);
			const world = worlds[round % worlds.length] ?? first;
			await world.stop();
			await world.start();
		}
		await clients.stop();
		for (const world of worlds) await world.settle();
		return { world: first, others: worlds.slice(1) };
	},
};

/** One of three dies again and again; its clients stay with it, for it alone knows what it has taken. */
export const killOneOfThree: Scenario = {
	name: 'kill -9 of one of three collectors',
	rounds: { short: 1, long: 50 },
	run: async ({ rounds, random, load, open }) => {
		const worlds = await openThree(open);
		const [first, second] = worlds;
		const crowds = worlds.map((world) => usualClients(world, load));
		for (let round = 0; round < rounds; round += 1) {
			await pause(100 + random() * 500);
			await second.kill();
			await second.start();
		}
		for (const crowd of crowds) await crowd.stop();
		expectOnly(first, [0, 200, 503]);
		for (const world of worlds) await world.settle();
		return { world: first, others: worlds.slice(1) };
	},
};
