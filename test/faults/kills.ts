import { CRASH_POINTS } from '../../collector/spool/crash-point.ts';
import type { CrashPoint } from '../../collector/spool/crash-point.ts';
import { usualClients } from './ledger.ts';
import type { FaultWorld } from './fault-world.ts';
import type { Scenario } from './scenario.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** F1: kill -9 of the collector at random moments, under load. */
export const killCollector: Scenario = {
	name: 'F1 kill -9 of the collector, ClickHouse beside it',
	rounds: { short: 2, long: 200 },
	run: async ({ rounds, random, load, open }) => {
		const world = await open();
		await world.start();
		const clients = usualClients(world, load);
		for (let round = 0; round < rounds; round += 1) {
			await pause(50 + random() * 700);
			await world.kill();
			await world.start();
		}
		await clients.stop();
		return { world };
	},
};

/** F1 with ClickHouse inside: the engine dies with the collector, in the middle of inserts and merges. */
export const killBoth: Scenario = {
	name: 'F1 kill -9 of the collector with ClickHouse inside',
	rounds: { short: 2, long: 100 },
	run: async ({ rounds, random, load, open }) => {
		const world = await open({ isEmbedded: true });
		await world.start();
		const clients = usualClients(world, load);
		for (let round = 0; round < rounds; round += 1) {
			await pause(50 + random() * 900);
			await world.kill();
			await world.start();
		}
		await clients.stop();
		return { world };
	},
};

/** These come once in a run: at its start, with its first span, or at its end. */
const ONCE = new Set<CrashPoint>([
	'before_compact',
	'after_compact',
	'after_create_segment',
	'before_seal',
	'before_remove',
	'after_remove',
]);

/** F1 where it matters most: at each named moment. Those of the quarantine need a span that ClickHouse refuses. */
export const killAtCrashPoints: Scenario = {
	name: 'F1 kill -9 at each named moment',
	rounds: { short: CRASH_POINTS.length, long: CRASH_POINTS.length * 20 },
	run: async ({ rounds, random, load, open }) => {
		const world = await open({ command: [process.execPath, 'test/faults/dying-product.ts'] });
		world.proxy.onInsert = (body) => (body.includes('poison') ? { code: 117, message: 'this is poison' } : 'none');
		const clients = usualClients(world, load);
		const hits = new Map<CrashPoint, number>();
		for (let round = 0; round < rounds; round += 1) {
			const point = CRASH_POINTS[round % CRASH_POINTS.length] ?? 'before_write';
			for (let attempt = 1; attempt <= 3; attempt += 1) {
				const countdown = ONCE.has(point) ? 1 : 1 + Math.floor(random() * 3);
				await world.start({ env: { SPANHOUSE_CRASH: `${point} ${countdown}` }, mayDie: true });
				if (!(await diesAt(world, point))) continue;
				hits.set(point, (hits.get(point) ?? 0) + 1);
				break;
			}
		}
		await world.start();
		await clients.stop();
		const notes = CRASH_POINTS.map((point) => `${point} ${hits.get(point) ?? 0}`).join(', ');
		const fewest = Math.min(...CRASH_POINTS.map((point) => hits.get(point) ?? 0));
		if (fewest === 0) throw new Error(`not every moment came: ${notes}`);
		const atLeast = Math.min(20, Math.floor(rounds / CRASH_POINTS.length));
		return {
			world,
			notes: [notes],
			bounds: [{ what: 'died at each moment', value: fewest, unit: 'times', atLeast }],
		};
	},
};

/** Provokes that moment; false when it doesn't come. */
async function diesAt(world: FaultWorld, point: CrashPoint): Promise<boolean> {
	const acknowledged = world.ledger.ackMs.length;
	let isTold = false;
	return world.died(async () => {
		// Poison is not the promise's to keep: it is set aside, and its neighbours are stored.
		if (point.endsWith('quarantine')) {
			const { message } = world.ledger.make(1, { name: 'poison', transport: 'protobuf' });
			await world.ledger.post(world.listeners, message);
		}
		// There has to be a segment that can be sealed.
		if (point !== 'before_seal' || isTold || world.ledger.ackMs.length === acknowledged) return;
		isTold = world.product.process.kill('SIGTERM');
	});
}

/** F2: kill -9 of ClickHouse; the collector goes on taking spans. */
export const killEngine: Scenario = {
	name: 'F2 kill -9 of ClickHouse beside the collector',
	rounds: { short: 2, long: 200 },
	run: async ({ rounds, random, load, open }) => {
		const world = await open();
		await world.start();
		const clients = usualClients(world, load);
		for (let round = 0; round < rounds; round += 1) {
			await pause(100 + random() * 500);
			await world.killEngine();
		}
		await clients.stop();
		expectOnly(world, [200]);
		return { world };
	},
};

/** F2 with ClickHouse inside: the collector starts it again, after longer and longer pauses. */
export const killInnerEngine: Scenario = {
	name: 'F2 kill -9 of ClickHouse inside the collector',
	rounds: { short: 2, long: 30 },
	run: async ({ rounds, random, load, open }) => {
		const world = await open({ isEmbedded: true });
		await world.start();
		const clients = usualClients(world, load);
		for (let round = 0; round < rounds; round += 1) {
			await pause(300 + random() * 500);
			await world.killEngine();
			await world.untilEngineReady();
		}
		await clients.stop();
		expectOnly(world, [200]);
		return { world };
	},
};

/** F16: SIGTERM under load is no fault: whatever was begun is finished. */
export const stopUnderLoad = stopping({
	name: 'F16 SIGTERM under load',
	rounds: { short: 1, long: 50 },
	stop: async (world, random) => {
		await pause(100 + random() * 600);
		await world.stop();
	},
});

/** And it ends although ClickHouse takes what is sent to it and never answers: what waits for that is left, as after a kill. */
export const stopWhileEngineHangs = stopping({
	name: 'F16 SIGTERM while ClickHouse is stopped',
	rounds: { short: 1, long: 10 },
	stop: async (world, random) => {
		await pause(500 + random() * 1_000);
		world.signalEngine('SIGSTOP');
		await pause(1_000);
		await world.stop().finally(() => world.signalEngine('SIGCONT'));
	},
});

interface Stopping extends Pick<Scenario, 'name' | 'rounds'> {
	stop: (world: FaultWorld, random: () => number) => Promise<void>;
}

/** Under the usual load, stopped and started again, round by round. */
function stopping({ stop, ...scenario }: Stopping): Scenario {
	return {
		...scenario,
		run: async ({ rounds, random, load, open }) => {
			const world = await open();
			await world.start();
			const clients = usualClients(world, load);
			for (let round = 0; round < rounds; round += 1) {
				await stop(world, random);
				await world.start();
			}
			await clients.stop();
			return { world };
		},
	};
}

export function expectOnly(world: FaultWorld, statuses: readonly number[]): void {
	const told = [...world.ledger.statuses, ...world.logs.statuses];
	const others = told.filter(([status]) => !statuses.includes(status));
	if (others.length > 0)
		throw new Error(`answered with ${others.map(([status, n]) => `${status} (${n} times)`).join(', ')}`);
}

/** Who is refused is told when to come again. */
export function expectRetryAfter({ ledger, logs }: FaultWorld): void {
	const without = ledger.withoutRetryAfter + logs.withoutRetryAfter;
	if (without > 0) throw new Error(`${without} refusals did not say when to come again`);
}
