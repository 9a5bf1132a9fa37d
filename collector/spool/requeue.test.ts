import { expect, test } from 'vitest';
import { silentLog } from '../log.ts';
import { selectRows } from '../store/inserts/select-rows.ts';
import { seededRandom, spoolFolder, SpoolWorld } from '../../test/support/spool-world.ts';
import type { SpoolDisk } from './disk.ts';
import { requeue } from './requeue.ts';
import type { Requeued } from './requeue.ts';
import { spanBlockCodec } from './span-block-codec.ts';

const run = (disk: SpoolDisk, segmentBytes?: number): Promise<Requeued> =>
	requeue({
		disk,
		folder: spoolFolder,
		codec: spanBlockCodec,
		selectRows,
		log: silentLog,
		clock: () => Date.UTC(2026, 0, 2),
		...(segmentBytes === undefined ? {} : { segmentBytes }),
	});

/** A stopped spool that has set aside three requests, one of which has rows in two other partitions, which are stored. */
async function withQuarantine(): Promise<SpoolWorld> {
	const world = new SpoolWorld(seededRandom(1));
	await world.open();
	world.send({ spans: 2, poison: true });
	world.send({ spans: 3 });
	world.send({ spans: 6, hours: [0, 5, 30], poison: true });
	world.send({ spans: 1, poison: true, project: 'shop' });
	await world.pass(20);
	expect(await world.spool.drain(10_000)).toBe(true);
	expect(world.quarantined()).toHaveLength(3);
	expect(world.sink.spanIds()).toHaveLength(3 + 4);
	expect(world.spool.state().quarantine).toMatchObject({ records: 3, spans: 9 });
	await world.spool.close();
	world.die(false);
	return world;
}

/** The store takes now what it refused. */
async function expectAllStored(world: SpoolWorld): Promise<void> {
	world.sink.takesPoison = true;
	await world.open();
	expect(await world.spool.drain(10_000)).toBe(true);
	expect(world.sink.spanIds().sort()).toEqual(world.sent.flatMap(({ spanIds }) => spanIds).sort());
	expect(world.spool.state()).toMatchObject({ surprises: 0, quarantine: { records: 0, spans: 0, bytes: 0 } });
}

test('what was set aside goes into the spool again, without the rows of it that are stored', async () => {
	const world = await withQuarantine();
	expect(await run(world.disk.mount())).toEqual({ records: 3, spans: 2 + 2 + 1, left: 0 });
	expect(world.quarantined()).toEqual([]);
	await expectAllStored(world);
	expect(world.disk.paths().filter((path) => path.includes('requeue'))).toEqual([]);
});

test('of what was set aside for lack of memory the rows that found none go into the spool again', async () => {
	const patience = { tries: 2, againMs: { first: 0.1, last: 1 }, mostMs: 0 };
	const world = new SpoolWorld(seededRandom(1), { patience });
	await world.open();
	world.sink.mode = 'cramped';
	world.send({ spans: 20, hours: [0, 0, 0, 5] });
	await expect.poll(() => world.spool.state().postponed).toMatchObject({ records: 1, spans: 20 });
	expect(world.sink.spanIds()).toHaveLength(5);
	world.send({ spans: 1 });
	await expect.poll(() => world.quarantined().length).toBe(1);
	expect(world.sink.spanIds()).toHaveLength(5 + 1);
	await world.spool.close();
	world.die(false);
	expect(await run(world.disk.mount())).toEqual({ records: 1, spans: 15, left: 0 });
	world.sink.mode = 'works';
	await expectAllStored(world);
});

test('what is still refused is set aside again, and counted after a restart, too', async () => {
	const world = await withQuarantine();
	await run(world.disk.mount());
	await world.open();
	expect(await world.spool.drain(10_000)).toBe(true);
	await world.spool.close();
	world.die(false);
	await world.open();
	expect(world.spool.state().quarantine).toMatchObject({ records: 3, spans: 5 });
	await world.spool.close();
	world.die(false);
	expect(await run(world.disk.mount())).toEqual({ records: 3, spans: 5, left: 0 });
	await expectAllStored(world);
});

test('what is damaged, or stored in part by nobody knows which rows, stays where it is', async () => {
	const world = await withQuarantine();
	const [first = '', second = '', third = ''] = world.quarantined();
	const bytesOf = (path: string) => world.disk.read(path) ?? Buffer.alloc(0);
	world.disk.write(first, bytesOf(first).fill(7, bytesOf(first).length - 9));
	world.disk.write(
		second,
		Buffer.from(
			bytesOf(second)
				.toString('latin1')
				.replace(/,"rows":.*?\}\n/, '}\n'),
			'latin1',
		),
	);
	world.disk.write(third, Buffer.from('noise'));
	expect(await run(world.disk.mount())).toEqual({ records: 0, spans: 0, left: 3 });
	expect(world.quarantined()).toEqual([first, second, third]);
	expect(world.disk.paths().filter((path) => /requeue|\.seg/.test(path))).toEqual([]);
});

async function drainAll(world: SpoolWorld): Promise<void> {
	world.sink.takesPoison = true;
	await world.open();
	expect(await world.spool.drain(10_000)).toBe(true);
	await world.spool.close();
	world.die(false);
}

class Death extends Error {}

/** A disk whose user dies at its so many-th operation, before or after it takes effect. */
function dying(disk: SpoolDisk, operations: number, when: 'before' | 'after'): SpoolDisk {
	let left = operations;
	const step = async <Result>(act: () => Promise<Result>): Promise<Result> => {
		left -= 1;
		if (left < 0 || (left === 0 && when === 'before')) throw new Death();
		const result = await act();
		if (left === 0) throw new Death();
		return result;
	};
	return {
		open: (path, mode) =>
			step(async () => {
				const file = await disk.open(path, mode);
				return {
					name: file.name,
					write: (...given) => step(() => file.write(...given)),
					read: (...given) => file.read(...given),
					sync: () => step(() => file.sync()),
					truncate: (length) => step(() => file.truncate(length)),
					size: () => file.size(),
					close: () => file.close(),
				};
			}),
		list: (folder) => disk.list(folder),
		makeFolder: (folder) => disk.makeFolder(folder),
		rename: (from, to) => step(() => disk.rename(from, to)),
		remove: (path) => step(() => disk.remove(path)),
		syncFolder: (folder) => step(() => disk.syncFolder(folder)),
		freeBytes: (folder) => disk.freeBytes(folder),
	};
}

test.each([
	{ death: 'kill -9', isOpenedBetween: false },
	{ death: 'kill -9', isOpenedBetween: true },
	{ death: 'a power cut', isOpenedBetween: false },
	{ death: 'a power cut', isOpenedBetween: true },
])(
	'whatever it was doing at $death, nothing is lost and nothing doubled (opened in between: $isOpenedBetween)',
	async ({ death, isOpenedBetween }) => {
		let deaths = 0;
		for (let operations = 1; deaths === (operations - 1) * 2; operations += 1) {
			for (const when of ['before', 'after'] as const) {
				const world = await withQuarantine();
				// Small segments: a step for each record.
				const outcome = await run(dying(world.disk.mount(), operations, when), 1).catch((error: unknown) => error);
				if (outcome instanceof Death) deaths += 1;
				world.die(death === 'a power cut');
				// The next try dies where it tidies up after this one.
				await run(dying(world.disk.mount(), 1 + (operations % 2), when), 1).catch(() => undefined);
				world.die(death === 'a power cut');
				if (isOpenedBetween) await drainAll(world);
				await run(world.disk.mount());
				await expectAllStored(world);
			}
		}
		expect(deaths).toBeGreaterThan(40);
	},
);
