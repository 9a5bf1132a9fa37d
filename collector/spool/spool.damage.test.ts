import { expect, test } from 'vitest';
import { seededRandom, spoolFolder, SpoolWorld } from '../../test/support/spool-world.ts';
import { recordHeadBytes, recordMagic } from './segment-format.ts';

interface Left {
	path: string;
	bytes: Buffer;
	/** Of each request, in the order in which they were sent. */
	spanIds: string[];
	/** Where each record begins. */
	starts: number[];
}

/** A folder as a killed process leaves it: a segment of five requests with a span each, none of them stored. */
async function leftBehind(): Promise<{ files: Map<string, Buffer>; segment: Left }> {
	const world = new SpoolWorld(seededRandom(1), { segmentBytes: 1e6 });
	world.sink.mode = 'refuses';
	await world.open();
	for (let request = 0; request < 5; request += 1) {
		world.send({ spans: 1, fingerprint: request });
		await world.pass(10);
	}
	world.die(false);
	const files = new Map(world.disk.paths().map((path) => [path, world.disk.read(path) ?? Buffer.alloc(0)]));
	const [path = '', bytes = Buffer.alloc(0)] = [...files].find(([name]) => name.endsWith('.seg')) ?? [];
	const starts: number[] = [];
	for (let at = bytes.indexOf(recordMagic); at >= 0; at = bytes.indexOf(recordMagic, at + 1)) starts.push(at);
	expect(starts).toHaveLength(5);
	const spanIds = world.sent.flatMap((sent) => sent.spanIds);
	return { files, segment: { path, bytes, spanIds, starts } };
}

/** What a spool makes of these files: ids of stored spans, and how many stretches were set aside. */
async function drained(files: ReadonlyMap<string, Buffer>): Promise<{ stored: string[]; quarantined: number }> {
	const world = new SpoolWorld(seededRandom(2), { segmentBytes: 1e6 });
	for (const [path, bytes] of files) world.disk.write(path, Buffer.from(bytes));
	await world.open();
	expect(await world.spool.drain(60_000)).toBe(true);
	const result = { stored: world.sink.spanIds(), quarantined: world.quarantined().length };
	// It takes new requests, whatever was found, and so it does when it starts with nothing but what was set aside.
	for (let starts = 0; starts < 2; starts += 1) {
		const sent = world.send({ spans: 1 });
		await world.pass(20);
		expect(sent.outcome).toBe('acknowledged');
		expect(await world.spool.drain(60_000)).toBe(true);
		world.die(false);
		if (starts === 0) await world.open();
	}
	return result;
}

const flipped = (bytes: Buffer, at: number): Buffer => {
	const damaged = Buffer.from(bytes);
	damaged.writeUInt8(damaged.readUInt8(at) ^ 0x40, at);
	return damaged;
};

test(
	'any byte of a segment may be wrong: at most the one record is missing, and nothing is doubled',
	{ timeout: 300_000 },
	async () => {
		const { files, segment } = await leftBehind();
		const { path, bytes, spanIds, starts } = segment;
		// Every byte of the segment's head, of the first two records' heads and of the last one's; a few of all others.
		const near = [0, ...starts.slice(0, 2), starts.at(-1) ?? 0];
		const isHead = (at: number) => near.some((start) => at >= start && at < start + recordHeadBytes);
		const places = Array.from(bytes.keys()).filter((at) => at % 61 === 0 || isHead(at));
		for (const at of places) {
			const { stored, quarantined } = await drained(new Map([...files, [path, flipped(bytes, at)]]));
			expect(new Set(stored).size, `byte ${at}`).toBe(stored.length);
			const missing = spanIds.filter((id) => !stored.includes(id));
			const damaged = starts.findLastIndex((start) => start <= at);
			expect(missing, `byte ${at}`).toEqual(damaged < 0 ? [] : [spanIds[damaged]]);
			// What is missing is kept for a person to see; only of the last record can't be told whether it was acknowledged.
			expect(quarantined, `byte ${at}`).toBeGreaterThanOrEqual(damaged >= 0 && damaged < 4 ? 1 : 0);
		}
	},
);

test('a segment may end anywhere: all whole records before are stored', { timeout: 300_000 }, async () => {
	const { files, segment } = await leftBehind();
	const { path, bytes, spanIds, starts } = segment;
	// Around the ends of records, and a few places within them.
	const isNear = (length: number) => starts.some((start) => Math.abs(length - start) < 3);
	for (const length of Array.from(bytes.keys()).filter((at) => at % 61 === 0 || isNear(at))) {
		const { stored, quarantined } = await drained(new Map([...files, [path, bytes.subarray(0, length)]]));
		const whole = [...starts.slice(1), bytes.length].filter((end) => end <= length).length;
		expect(stored, `${length} bytes`).toEqual(spanIds.slice(0, whole));
		expect(quarantined).toBe(0);
	}
});

test('a hole of zeros in the middle costs the records in it', async () => {
	const { files, segment } = await leftBehind();
	const { path, bytes, spanIds, starts } = segment;
	const damaged = Buffer.from(bytes).fill(0, (starts[1] ?? 0) + 10, (starts[3] ?? 0) - 10);
	const { stored, quarantined } = await drained(new Map([...files, [path, damaged]]));
	expect(stored).toEqual([0, 3, 4].map((request) => spanIds[request]));
	expect(quarantined).toBe(1);
});

test('a copy of a segment under another number is set aside, not stored again', async () => {
	const { files, segment } = await leftBehind();
	const copy = segment.path.replace('0000000001', '0000000009');
	const { stored } = await drained(new Map([...files, [copy, segment.bytes]]));
	expect(stored).toEqual(segment.spanIds);
});

test('a segment of another spool is set aside', async () => {
	const { files, segment } = await leftBehind();
	const others = await leftBehind();
	const foreign = new Map([...files, [segment.path.replace('0000000001', '0000000002'), others.segment.bytes]]);
	expect((await drained(foreign)).stored).toEqual(segment.spanIds);
});

test('a segment of another spool with the largest number is set aside, and no segment is numbered after it', async () => {
	const { files, segment } = await leftBehind();
	const others = await leftBehind();
	for (const number of ['4294967295', '9999999999']) {
		const foreign = new Map([...files, [segment.path.replace('0000000001', number), others.segment.bytes]]);
		expect((await drained(foreign)).stored, number).toEqual(segment.spanIds);
	}
});

test('without its identity file a spool is still itself, by its segments', async () => {
	const { files, segment } = await leftBehind();
	files.delete(`${spoolFolder}/identity`);
	expect((await drained(files)).stored).toEqual(segment.spanIds);
});

test(
	'any entry of the drain log may be wrong, and a batch that was stored is not stored again',
	{ timeout: 300_000 },
	async () => {
		for (let seed = 1; seed <= 40; seed += 1) {
			const random = seededRandom(seed);
			const world = new SpoolWorld(random);
			await world.open();
			for (let request = 0; request < 6; request += 1) {
				world.send({ spans: 3, hours: [0, 3] });
				await world.pass(4);
			}
			await world.spool.drain(60_000);
			world.die(false);
			// Everything is stored, and the segments are still there: only the log knows.
			const path = `${spoolFolder}/drain.log`;
			const log = world.disk.read(path) ?? Buffer.alloc(0);
			const entries = Math.floor(log.findLastIndex((byte) => byte !== 0) / 40) + 1;
			world.disk.write(path, flipped(log, Math.floor(random() * entries * 40)));
			await world.open();
			expect(await world.spool.drain(60_000)).toBe(true);
			expect(world.broken(), `seed ${seed}`).toEqual([]);
		}
	},
);

test('random rubbish in any of its files never keeps a spool from opening', { timeout: 300_000 }, async () => {
	const { files } = await leftBehind();
	const random = seededRandom(7);
	const names = [...files.keys()];
	for (let run = 0; run < 250; run += 1) {
		const damaged = new Map(files);
		const name = names[Math.floor(random() * names.length)] ?? '';
		const bytes = Buffer.from(damaged.get(name) ?? Buffer.alloc(0));
		const from = Math.floor(random() * bytes.length);
		for (let at = from; at < Math.min(bytes.length, from + 100); at += 1)
			bytes.writeUInt8(Math.floor(random() * 256), at);
		damaged.set(name, bytes.subarray(0, Math.ceil(random() * bytes.length)));
		if (random() < 0.2) damaged.delete(name);
		const { stored } = await drained(damaged);
		expect(new Set(stored).size).toBe(stored.length);
	}
});
