import { expect, test } from 'vitest';
import { silentLog } from '../log.ts';
import type { Stretch } from '../store/keeping/partitions.ts';
import { DiskLimit } from './disk-limit.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const nowMs = Date.UTC(2026, 10, 20, 10, 30);
const gibibyte = 1024 ** 3;

/** A store of these stretches, each with as many rows as bytes. */
function world(kinds: readonly [kind: Stretch['kind'], fromMs: number, bytes: number][], maxBytes?: number) {
	let stretches = kinds.map(([kind, fromMs, bytes]): Stretch => ({
		kind,
		fromMs,
		toMs: fromMs + (kind === 'raw' ? 3 * hourMs : dayMs),
		rows: bytes,
		bytes,
		partitions: [],
	}));
	const dropped: [string, number][] = [];
	const room = { freeBytes: 100 * gibibyte, totalBytes: 200 * gibibyte };
	const beside = { spool: 0, quarantine: 0 };
	const limit = new DiskLimit({
		partitions: {
			bytesOnDisk: async () => ({ store: stretches.reduce((sum, { bytes }) => sum + bytes, 0), pinned: 0 }),
			stretches: async () => stretches.toSorted((a, b) => a.fromMs - b.fromMs),
			drop: async (stretch) => {
				dropped.push([stretch.kind, stretch.fromMs]);
				stretches = stretches.filter((each) => each !== stretch);
			},
		},
		beside: () => beside,
		disk: () => room,
		maxBytes,
		log: silentLog,
		clock: () => nowMs,
	});
	return { limit, dropped, room, beside };
}

const at = (hour: number) => Date.UTC(2026, 10, 20, hour);

test('the oldest spans go first, and no more than has to', async () => {
	const { limit, dropped } = world(
		[
			['raw', at(6), 40],
			['raw', at(0), 30],
			['raw', at(3), 30],
			['raw', at(9), 40],
			['derived', at(0) - dayMs, 10],
		],
		100,
	);
	await limit.step();
	expect(dropped).toEqual([
		['raw', at(0)],
		['raw', at(3)],
	]);
	expect(limit.state()).toMatchObject({
		maxBytes: 100,
		usedBytes: { store: 150 },
		dropped: { stretches: 2, rows: 60, bytes: 60, upToMs: at(6) },
		refusal: null,
	});
	expect(() => limit.checkRoom()).not.toThrow();
	await limit.step();
	expect(dropped).toHaveLength(2);
});

test('what is younger than an hour is never dropped: requests are refused until there is room', async () => {
	const { limit, dropped } = world(
		[
			['raw', at(9), 60],
			['raw', at(7), 50],
			['derived', at(0), 10],
		],
		100,
	);
	await limit.step();
	expect(dropped).toEqual([]); // 7:00 to 10:00 ended half an hour ago.
	expect(() => limit.checkRoom()).toThrow(
		expect.objectContaining({ status: 503, code: 'DISK_LIMIT', retryAfterMs: 30_000 }),
	);
	expect(limit.state().refusal).toContain('20 bytes over the limit of 100');
});

test('what is counted from spans goes later, unless it takes more than its share', async () => {
	const days = [3, 2].map((back): ['derived', number, number] => ['derived', at(0) - back * dayMs, 30]);
	const { limit, dropped } = world([...days, ['raw', at(3), 50]], 100);
	await limit.step();
	expect(dropped).toEqual([['derived', at(0) - 3 * dayMs]]);
	const small = world(
		[
			['derived', at(0) - 3 * dayMs, 20],
			['raw', at(3), 90],
		],
		100,
	);
	await small.limit.step();
	expect(small.dropped).toEqual([['raw', at(3)]]);
	const only = world([['derived', at(0) - 3 * dayMs, 20]], 100);
	only.beside.spool = 95;
	await only.limit.step();
	expect(only.dropped).toEqual([['derived', at(0) - 3 * dayMs]]);
});

test('without a limit it is 20 GiB, or four fifths of the room; spool and quarantine count', async () => {
	const { limit, room, beside } = world([['raw', at(9), gibibyte]]);
	await limit.step();
	expect(limit.state().maxBytes).toBe(20 * gibibyte);
	room.freeBytes = 8 * gibibyte;
	beside.spool = gibibyte;
	await limit.step();
	expect(limit.state().maxBytes).toBe(8 * gibibyte);
	beside.quarantine = 17 * gibibyte;
	await limit.step();
	expect(() => limit.checkRoom()).not.toThrow();
	room.freeBytes = 2 * gibibyte;
	await limit.step();
	expect(() => limit.checkRoom()).toThrow('over the limit');
});

test('a disk that others filled is a reason to refuse, not to drop', async () => {
	const { limit, dropped, room } = world([['raw', at(0), 100]], gibibyte);
	room.freeBytes = gibibyte / 2;
	await limit.step();
	expect(dropped).toEqual([]);
	expect(() => limit.checkRoom()).toThrow('the disk is full');
	room.freeBytes = 2 * gibibyte;
	await limit.step();
	expect(() => limit.checkRoom()).not.toThrow();
});
