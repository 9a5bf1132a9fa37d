import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/product.ts';
import { Clients } from './ledger.ts';
import type { Scenario } from './scenario.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Damage {
	what: string;
	/** At most so many requests may be missing afterwards. */
	mayLose: number;
	hurt: (spool: string, random: () => number) => void;
}

const segments = (spool: string): string[] =>
	readdirSync(spool)
		.filter((name) => name.endsWith('.seg'))
		.map((name) => join(spool, name));

const lastSegment = (spool: string): string => segments(spool).at(-1) ?? '';

function overwrite(path: string, random: () => number, length: number): void {
	if (!existsSync(path)) return;
	const bytes = readFileSync(path);
	const at = Math.floor(random() * Math.max(1, bytes.length - length));
	for (let index = at; index < Math.min(bytes.length, at + length); index += 1)
		bytes[index] = Math.floor(random() * 256);
	writeFileSync(path, bytes);
}

const DAMAGES: readonly Damage[] = [
	{ what: 'eight bytes of a segment', mayLose: 2, hurt: (spool, random) => overwrite(lastSegment(spool), random, 8) },
	{ what: 'the drain log', mayLose: 0, hurt: (spool, random) => overwrite(join(spool, 'drain.log'), random, 4_000) },
	{ what: 'no drain log', mayLose: 0, hurt: (spool) => rmSync(join(spool, 'drain.log'), { force: true }) },
	{ what: 'the identity', mayLose: 0, hurt: (spool, random) => overwrite(join(spool, 'identity'), random, 4) },
	{ what: 'no identity', mayLose: 0, hurt: (spool) => rmSync(join(spool, 'identity'), { force: true }) },
	{
		what: 'a segment twice',
		mayLose: 0,
		hurt: (spool) => copyFileSync(lastSegment(spool), lastSegment(spool).replace(/\d{10}(?=\.seg$)/, '0000009999')),
	},
	{
		what: 'rubbish in place of the remembered requests',
		mayLose: 0,
		hurt: (spool, random) => {
			for (const name of readdirSync(join(spool, 'retries'))) overwrite(join(spool, 'retries', name), random, 100_000);
		},
	},
	{
		what: 'a segment cut in its last record',
		mayLose: 1,
		hurt: (spool) => truncateSync(lastSegment(spool), readFileSync(lastSegment(spool)).length - 5),
	},
	{
		what: 'a file of somebody else',
		mayLose: 0,
		hurt: (spool) => writeFileSync(join(spool, '0000000001.seg.bak'), 'x'),
	},
];

/** F9: files of the spool are damaged while it is dead. It starts, and loses no more than the records that are damaged. */
export const damagedSpool: Scenario = {
	name: 'F9 damaged files of the spool',
	rounds: { short: DAMAGES.length, long: DAMAGES.length * 4 },
	run: async ({ rounds, random, open }) => {
		const world = await open();
		await world.start();
		let mayLose = 0;
		for (let round = 0; round < rounds; round += 1) {
			const { hurt, mayLose: here } = DAMAGES[round % DAMAGES.length] ?? { hurt: () => undefined, mayLose: 0 };
			world.proxy.down();
			const clients = new Clients(world.ledger, () => world.listeners, { clients: 2, spans: 10, pauseMs: 10 });
			const spool = join(world.dataFolder, 'spool');
			await pause(400);
			// A busy machine may need longer until there is something to damage.
			await until(async () => segments(spool)[0], 'a segment', 10_000);
			await clients.stop();
			await world.kill();
			hurt(spool, random);
			mayLose += here * 10;
			world.proxy.up();
			await world.start();
			await world.settle();
		}
		return { world, mayLose, notes: [`at most ${mayLose} spans were damaged`] };
	},
};

const fixture = new URL('../fixtures/spool/version-1/', import.meta.url);

/** F20: a spool that an earlier version left, as files of that version. */
export const earlierSpool: Scenario = {
	name: 'F20 the spool of an earlier version',
	rounds: { short: 1, long: 1 },
	run: async ({ open }) => {
		const world = await open();
		await world.start();
		await world.stop();
		const spool = join(world.dataFolder, 'spool');
		rmSync(spool, { recursive: true });
		world.copyInto(spool, fixture);
		// The clients of that version were told that these are kept.
		const { entry } = world.ledger.make(fixtureSpans);
		if (entry.firstId !== 1)
			throw new Error('spans were sent before those of the earlier version, which have the first ids');
		entry.isAcknowledged = true;
		await world.start();
		const clients = new Clients(world.ledger, () => world.listeners, { clients: 1, spans: 5, pauseMs: 20 });
		await pause(300);
		await clients.stop();
		return { world };
	},
};

/** Numbered from 1; test/faults/make-spool-fixture.ts. */
export const fixtureSpans = 40;
