import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../support/product.ts';
import type { FaultWorld, WorldOptions } from './fault-world.ts';
import { expectOnly, expectRetryAfter } from './kills.ts';
import { Clients, usualClients } from './ledger.ts';
import type { Scenario } from './scenario.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const noDisk = { skipped: 'no small file system can be mounted here (needs root)' };
const refusalsMs = 60_000;
/** Room for the tables, and for what the engine writes of itself. */
const storeMebibytes = 256;

/** F8: the disk of the spool is full, while ClickHouse is away; then there is room again. */
export const fullSpoolDisk: Scenario = {
	name: 'F8 full disk under the spool',
	rounds: { short: 1, long: 5 },
	run: async ({ rounds, load, open }) => {
		const disk = smallDisk(48);
		if (disk === undefined) return noDisk;
		const world = await open({ dataFolder: join(disk.path, 'data') });
		world.onClose(disk.remove);
		await world.start();
		const clients = new Clients(world.ledger, () => world.listeners, {
			clients: 8,
			spans: 20 * load.spans,
			pauseMs: 0,
		});
		for (let round = 0; round < rounds; round += 1) {
			world.proxy.down();
			// All that is left, so that writes fail before the spool finds itself full.
			await pause(200);
			fill(disk.path);
			await untilRefused(world);
			if ((await readiness(world)) !== 503) throw new Error('it is called ready while it refuses everything');
			empty(disk.path);
			world.proxy.up();
			await until(async () => ((await readiness(world)) === 200 ? true : undefined), 'that it is ready', 60_000);
			await pause(1_000);
		}
		await clients.stop();
		expectOnly(world, [200, 503]);
		expectRetryAfter(world);
		return { world };
	},
};

/** F8: the disk of ClickHouse is full; the spool, on another, bridges that. */
export const fullStoreDisk = fullDisk({
	name: 'F8 full disk under ClickHouse',
	on: (path) => ({ storeFolder: join(path, 'clickhouse') }),
	untilFull: untilFailing,
	expected: (world) => expectOnly(world, [200]),
});

/** F8: one disk for both, as where the collector hosts ClickHouse itself. */
export const fullSharedDisk = fullDisk({
	name: 'F8 full disk under the spool and ClickHouse',
	on: (path) => ({ isEmbedded: true, dataFolder: join(path, 'data') }),
	untilFull: untilRefused,
	expected: (world) => {
		expectOnly(world, [200, 503]);
		expectRetryAfter(world);
	},
});

interface FullDisk {
	name: string;
	/** What lies on the disk at `path`. */
	on: (path: string) => WorldOptions;
	/** Until somebody notices. */
	untilFull: (world: FaultWorld) => Promise<void>;
	expected: (world: FaultWorld) => void;
}

/** Under the usual load, full and empty again round by round. */
function fullDisk({ name, on, untilFull, expected }: FullDisk): Scenario {
	return {
		name,
		rounds: { short: 1, long: 5 },
		run: async ({ rounds, load, open }) => {
			const disk = smallDisk(storeMebibytes);
			if (disk === undefined) return noDisk;
			const world = await open(on(disk.path));
			world.onClose(disk.remove);
			await world.start();
			const clients = usualClients(world, load);
			for (let round = 0; round < rounds; round += 1) {
				await pause(500);
				fill(disk.path);
				await untilFull(world);
				empty(disk.path);
				await pause(1_000);
			}
			await clients.stop();
			expected(world);
			return { world };
		},
	};
}

const readiness = async (world: FaultWorld): Promise<number> =>
	(await fetch(`http://127.0.0.1:${world.ports.ui}/readyz`)).status;

async function untilRefused({ ledger }: FaultWorld): Promise<void> {
	const refused = (): number => ledger.statuses.get(503) ?? 0;
	const before = refused();
	await until(async () => (refused() > before + 20 ? true : undefined), 'refusals', refusalsMs);
}

async function untilFailing(world: FaultWorld): Promise<void> {
	const isFailing = async () => ((await world.status()).spool.storeFailure === undefined ? undefined : true);
	await until(isFailing, 'inserts that fail', refusalsMs);
}

function smallDisk(mebibytes: number): { path: string; remove: () => void } | undefined {
	const path = mkdtempSync(join(tmpdir(), 'spanhouse-disk-'));
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path], { stdio: 'ignore' });
	} catch {
		rmSync(path, { recursive: true });
		return undefined;
	}
	return {
		path,
		remove: () => {
			execFileSync('umount', ['-l', path]);
			rmSync(path, { recursive: true, force: true });
		},
	};
}

/** Takes all the room there is. */
function fill(folder: string): void {
	for (const size of [8 * 1024 ** 2, 1024 ** 2, 64 * 1024, 4_096]) {
		for (;;) {
			try {
				writeFileSync(join(folder, 'filler'), Buffer.alloc(size), { flag: 'a' });
			} catch {
				break;
			}
		}
	}
}

const empty = (folder: string): void => rmSync(join(folder, 'filler'), { force: true });
