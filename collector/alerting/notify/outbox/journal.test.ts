import { expect, test } from 'vitest';
import { ModelDisk } from '../../../../test/support/model-disk.ts';
import type { OutboxCrashHook } from './crash-point.ts';
import { Journal } from './journal.ts';

interface Entry {
	name: string;
	value: number;
}
const folder = '/data/outbox';
const path = `${folder}/outbox.journal`;

/** Repeats itself for the same seed: https://prng.di.unimi.it/splitmix64.c, cut to 32 bits. */
function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x9e3779b9) | 0;
		const mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
		return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
	};
}

/** What a process remembers, and what of it was promised to be on the disk. */
async function open(disk: ModelDisk, options: { crash?: OutboxCrashHook; compactBytes?: number } = {}) {
	const mounted = disk.mount();
	const memory = new Map<string, number>();
	const { entries, damaged } = await Journal.read<Entry>({ disk: mounted, folder });
	for (const { name, value } of entries) memory.set(name, value);
	const { crash = async () => {}, compactBytes = 1_000 } = options;
	const journal = await Journal.begin<Entry>({
		disk: mounted,
		folder,
		crash,
		compactBytes,
		snapshot: () => [...memory].map(([name, value]) => ({ name, value })),
	});
	const set = (name: string, value: number): Promise<void> => {
		memory.set(name, value);
		return journal.append({ name, value });
	};
	return { memory, journal, set, damaged };
}

test('what was appended is there after a restart, and is replaced by less when it grows', async () => {
	const disk = new ModelDisk(seeded(1));
	const first = await open(disk);
	for (let value = 0; value < 500; value++) await first.set('a', value);
	await Promise.all([first.set('ü\n', 1), first.set('b', 2), first.set('c', 3)]);
	expect(disk.read(path)?.length).toBeLessThan(3_000);
	await first.journal.close();
	const second = await open(disk);
	expect([...second.memory]).toEqual([...first.memory]);
	expect(second.damaged).toBe(0);
});

test('after a power cut at any point everything that was promised is there', async () => {
	const passed = new Set<string>();
	for (let seed = 1; seed <= 400; seed++) {
		const random = seeded(seed);
		const disk = new ModelDisk(random);
		const promised = new Map<string, number>();
		for (let life = 0; life < 3; life++) {
			const died = Promise.withResolvers<void>();
			let left = Math.floor(random() * 25);
			const crash: OutboxCrashHook = async (point) => {
				passed.add(point);
				if ((left -= 1) > 0) return;
				if (random() < 0.5) disk.kill();
				else disk.cutPower();
				died.resolve();
				await new Promise(() => {});
			};
			const work = async (): Promise<void> => {
				const { memory, set } = await open(disk, { crash, compactBytes: 100 });
				for (const [name, value] of promised) expect(memory.get(name)).toBeGreaterThanOrEqual(value);
				for (let step = 0; step < 20; step++) {
					const name = `n${Math.floor(random() * 4)}`;
					const value = life * 100 + step;
					await set(name, value);
					promised.set(name, value);
				}
			};
			await Promise.race([work(), died.promise]);
		}
	}
	expect([...passed].sort()).toEqual(['after_compact', 'after_sync', 'before_compact', 'before_sync', 'before_write']);
});

test('a full disk is said with each entry, and what came meanwhile is written when there is room', async () => {
	const disk = new ModelDisk(seeded(3));
	const { set, journal } = await open(disk);
	await set('a', 1);
	disk.faults.writes = 1;
	disk.faults.creates = 2;
	await expect(set('b', 2)).rejects.toMatchObject({ code: 'ENOSPC' });
	expect(journal.isBroken).toBe(true);
	await expect(set('c', 3)).rejects.toMatchObject({ code: 'ENOSPC' });
	await expect(journal.repair()).rejects.toMatchObject({ code: 'ENOSPC' });
	await journal.repair();
	expect(journal.isBroken).toBe(false);
	await set('d', 4);
	disk.cutPower();
	const { memory } = await open(disk);
	expect([...memory]).toEqual([
		['a', 1],
		['b', 2],
		['c', 3],
		['d', 4],
	]);
});

test('no room to write it anew keeps the old file, which goes on', async () => {
	const disk = new ModelDisk(seeded(4));
	const { set, journal } = await open(disk, { compactBytes: 100 });
	disk.faults.creates = 1_000;
	for (let value = 0; value < 50; value++) await set('a', value);
	expect(journal.isBroken).toBe(false);
	disk.cutPower();
	expect((await open(disk)).memory.get('a')).toBe(49);
});

test('a damaged line costs itself alone', async () => {
	const disk = new ModelDisk(seeded(5));
	const { set, journal } = await open(disk);
	for (const name of ['a', 'b', 'c']) await set(name, 1);
	await journal.close();
	const bytes = disk.read(path) ?? Buffer.alloc(0);
	const header = bytes.indexOf('\n') + 1;
	for (let at = header; at < bytes.length; at++) {
		const damaged = Buffer.from(bytes);
		damaged[at] = (damaged[at] ?? 0) ^ 1;
		disk.write(path, damaged);
		const { entries } = await Journal.read<Entry>({ disk: disk.mount(), folder });
		expect(entries.length).toBeGreaterThanOrEqual(1);
		for (const { name, value } of entries) expect([name, value]).toEqual([expect.stringMatching(/^[abc]$/), 1]);
	}
	for (let end = header; end < bytes.length; end++) {
		disk.write(path, bytes.subarray(0, end));
		const { entries } = await Journal.read<Entry>({ disk: disk.mount(), folder });
		const whole = bytes.subarray(header, end).toString().split('\n').length - 1;
		expect(entries).toHaveLength(whole);
	}
});

test('a journal of a newer program is refused', async () => {
	const disk = new ModelDisk(seeded(6));
	disk.write(path, Buffer.from('spanhouse outbox 2\nwhatever\n'));
	await expect(Journal.read({ disk: disk.mount(), folder })).rejects.toThrow('version 2');
});
