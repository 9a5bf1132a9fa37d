import { until } from '../support/product.ts';
import type { InsertFault } from './fault-proxy.ts';
import type { FaultWorld } from './fault-world.ts';
import { expectOnly } from './kills.ts';
import { usualClients, usualLoad } from './ledger.ts';
import type { Scenario } from './scenario.ts';

/** request_timeout of collector/store/engine/clickhouse.ts. */
const insertTimeoutMs = 60_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** F4: ClickHouse can't be reached, again and again; the spool bridges it. */
export const outages: Scenario = {
	name: 'F4 ClickHouse away for 3 s at a time, once for 60 s',
	rounds: { short: 1, long: 20 },
	run: async ({ rounds, load, open }) => {
		const world = await open();
		await world.start();
		const clients = usualClients(world, load);
		let slowestMs = 0;
		for (let round = 0; round < rounds; round += 1) {
			await pause(500);
			world.proxy.down();
			await pause(round === 5 ? 60_000 : 3_000);
			world.proxy.up();
			const beganMs = performance.now();
			await until(() => isUpToDate(world), 'what was kept meanwhile', 600_000);
			slowestMs = Math.max(slowestMs, performance.now() - beganMs);
		}
		await clients.stop();
		expectOnly(world, [200]);
		// At twice the rate of what goes on coming, an outage is made up for in its own length.
		return { world, bounds: [{ what: 'caught up within', value: slowestMs / 1_000, unit: 's', atMost: 60 }] };
	},
};

/** Whatever waits came a moment ago. */
async function isUpToDate(world: FaultWorld): Promise<true | undefined> {
	const { oldestAgeMs } = (await world.status()).spool;
	return (oldestAgeMs ?? 0) < 2_000 || undefined;
}

/**
 * ClickHouse is there and says nothing; once for longer than the client waits for an answer, so that an insert that was given
 * up is carried out when it goes on.
 */
export const frozenEngine: Scenario = {
	name: 'F5 ClickHouse stopped for 2 s at a time, once for 70 s',
	rounds: { short: 1, long: 20 },
	run: async ({ rounds, load, open }) => {
		const world = await open();
		await world.start();
		const clients = usualClients(world, load);
		for (let round = 0; round < rounds; round += 1) {
			await pause(300);
			world.signalEngine('SIGSTOP');
			await pause(round === 3 ? insertTimeoutMs + 10_000 : 2_000);
			world.signalEngine('SIGCONT');
		}
		await clients.stop();
		expectOnly(world, [200]);
		return { world };
	},
};

/** F5: every insert takes 2 s, and the answer of every second one never comes. */
export const slowStore: Scenario = {
	name: 'F5 inserts of 2 s, every second answer lost',
	rounds: { short: 3, long: 40 },
	run: async ({ rounds, load, open }) => {
		const world = await open();
		await world.start();
		let inserts = 0;
		let lost = 0;
		world.proxy.onInsert = () => {
			inserts += 1;
			if (inserts % 2 === 0 || lost >= rounds) return { delayMs: 2_000 };
			lost += 1;
			return 'lose-answer';
		};
		const clients = usualClients(world, load);
		await until(async () => (lost >= rounds ? true : undefined), 'lost answers', 600_000);
		await clients.stop();
		world.proxy.onInsert = () => 'none';
		expectOnly(world, [200]);
		return { world, notes: [`${lost} answers lost`] };
	},
};

/** F6: ClickHouse has committed, and the connection breaks before it says so. */
export const lostAnswers: Scenario = {
	name: 'F6 connection reset after the commit',
	rounds: { short: 10, long: 200 },
	run: async ({ rounds, load, open }) => {
		const world = await open();
		await world.start();
		let lost = 0;
		world.proxy.onInsert = () => {
			if (lost >= rounds || Math.random() < 0.3) return 'none';
			lost += 1;
			return 'lose-answer';
		};
		const clients = usualClients(world, load);
		await until(async () => (lost >= rounds ? true : undefined), 'lost answers', 600_000);
		await clients.stop();
		expectOnly(world, [200]);
		return { world, notes: [`${lost} answers lost`] };
	},
};

/**
 * F6 without a spool: a sender is answered when ClickHouse has what it sent, once, though answers get lost, inserts fail and
 * ClickHouse is away for longer than a sender is kept waiting.
 */
export const uncertainInserts: Scenario = {
	name: 'F6 answers after the insert: reset after the commit, errors, 7 s away',
	rounds: { short: 1, long: 10 },
	run: async ({ rounds, load, open }) => {
		const world = await open({ args: ['--ack', 'store'] });
		await world.start();
		const clients = usualClients(world, load);
		let lost = 0;
		for (let round = 0; round < rounds; round += 1) {
			const enough = lost + 5;
			world.proxy.onInsert = (): InsertFault => {
				if (Math.random() < 0.3) return 'none';
				if (Math.random() < 0.3) return { code: 202, message: 'Too many simultaneous queries' };
				lost += 1;
				return 'lose-answer';
			};
			await until(async () => (lost >= enough ? true : undefined), 'lost answers', 600_000);
			world.proxy.onInsert = () => 'none';
			world.proxy.down();
			await pause(7_000);
			world.proxy.up();
			const before = world.ledger.statuses.get(200) ?? 0;
			await until(
				async () => ((world.ledger.statuses.get(200) ?? 0) > before + 5 ? true : undefined),
				'answers',
				60_000,
			);
		}
		await clients.stop();
		expectOnly(world, [200, 503]);
		const late = world.ledger.statuses.get(503) ?? 0;
		if (late === 0) throw new Error('nobody was told to come again');
		return {
			world,
			notes: [`${lost} answers lost, ${late} senders told to come again`],
			// A sender is kept waiting for what ClickHouse has for 5 s.
			refusedAtMostMs: 6_000,
		};
	},
};

const ERRORS = [
	{ code: 252, message: 'Too many parts (3000). Merges are processing significantly slower than inserts' },
	{ code: 241, message: 'Memory limit (total) exceeded' },
	{ code: 202, message: 'Too many simultaneous queries' },
	{ code: 242, message: 'Table is in readonly mode' },
	{ code: 243, message: 'Cannot reserve 1.00 MiB, not enough space' },
	{ code: 319, message: 'Unknown status, client must retry' },
	{ code: 159, message: 'Timeout exceeded' },
	{ code: 16, message: 'No such column' },
	{ code: 516, message: 'Authentication failed' },
];

/** F7: ClickHouse answers with errors that pass; nothing is set aside for them. */
export const scriptedErrors: Scenario = {
	name: 'F7 errors of ClickHouse that pass',
	rounds: { short: ERRORS.length, long: ERRORS.length * 20 },
	run: async ({ rounds, load, open }) => {
		const world = await open();
		await world.start();
		let answered = 0;
		world.proxy.onInsert = (): InsertFault => {
			if (answered >= rounds || Math.random() < 0.4) return 'none';
			answered += 1;
			return ERRORS[answered % ERRORS.length] ?? 'none';
		};
		const clients = usualClients(world, load);
		await until(async () => (answered >= rounds ? true : undefined), 'errors', 900_000);
		await clients.stop();
		expectOnly(world, [200]);
		await world.settle();
		const setAside = await world.setAside();
		if (setAside > 0) throw new Error(`${setAside} good spans were set aside`);
		return { world, notes: [`${answered} errors`] };
	},
};

/** More than a request of the usual load becomes, and less than what gathers in an outage. */
const smallInsertBytes = 48 * 1024;

/** F7: ClickHouse has memory for small inserts alone; what gathered goes in all the same, and nothing is set aside for it. */
export const scarceMemory: Scenario = {
	name: 'F7 memory for small inserts alone',
	rounds: { short: 1, long: 10 },
	run: async ({ rounds, load, open }) => {
		const world = await open();
		await world.start();
		let refused = 0;
		world.proxy.onInsert = (body) => {
			if (body.length <= smallInsertBytes) return 'none';
			refused += 1;
			return { code: 241, message: 'Memory limit (total) exceeded' };
		};
		const clients = usualClients(world, { ...load, spans: usualLoad.spans });
		for (let round = 0; round < rounds; round += 1) {
			const before = refused;
			world.proxy.down();
			await pause(1_000);
			world.proxy.up();
			await until(async () => (refused > before ? true : undefined), 'a refusal', 60_000);
		}
		await clients.stop();
		expectOnly(world, [200]);
		await world.settle();
		const setAside = await world.setAside();
		if (setAside > 0) throw new Error(`${setAside} good spans were set aside`);
		return { world, notes: [`${refused} inserts refused for memory`] };
	},
};

/** F7: what ClickHouse refuses for good is set aside, alone. */
export const poison: Scenario = {
	name: 'F7 spans that ClickHouse refuses, among good ones',
	rounds: { short: 3, long: 60 },
	run: async ({ rounds, load, open }) => {
		const world = await open();
		await world.start();
		world.proxy.onInsert = (body) => (body.includes('poison') ? { code: 27, message: 'Cannot parse input' } : 'none');
		const clients = usualClients(world, load);
		for (let round = 0; round < rounds; round += 1) {
			await world.ledger.post(world.listeners, world.ledger.make(2, { name: 'poison' }).message);
			await pause(150);
		}
		await clients.stop();
		expectOnly(world, [200]);
		await world.settle();
		const setAside = await world.setAside();
		if (setAside !== rounds * 2) throw new Error(`${setAside} spans set aside of ${rounds * 2}`);
		return { world, notes: [`${setAside} spans set aside`] };
	},
};
