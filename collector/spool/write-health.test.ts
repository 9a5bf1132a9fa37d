import { expect, test } from 'vitest';
import { ModelDisk } from '../../test/support/model-disk.ts';
import { seededRandom } from '../../test/support/spool-world.ts';
import { WriteHealth } from './write-health.ts';

const open = async (tryEveryMs: number) => {
	const disk = new ModelDisk(seededRandom(1));
	const mounted = disk.mount();
	await mounted.makeFolder('/spool');
	return { disk, health: new WriteHealth(mounted, '/spool', tryEveryMs) };
};

test('a failure stands until a write of its own succeeds, which leaves nothing behind', async () => {
	const { disk, health } = await open(0);
	expect(await health.ask()).toBeUndefined();
	health.failed(new Error('EIO'));
	disk.faults.writes = 2;
	expect(await health.ask()).toContain('ENOSPC');
	expect(await health.ask()).toContain('ENOSPC');
	expect(await health.ask()).toBeUndefined();
	expect(disk.paths()).toEqual([]);
});

test('a write that cannot even begin is a failure as well', async () => {
	const { disk, health } = await open(0);
	health.failed(new Error('EIO'));
	disk.faults.creates = 1;
	expect(await health.ask()).toBeDefined();
	expect(await health.ask()).toBeUndefined();
});

test('however often somebody asks, it is tried now and then alone', async () => {
	const { health } = await open(3_600_000);
	health.failed(new Error('EIO'));
	expect([await health.ask(), await health.ask()]).toEqual(['EIO', 'EIO']);
	health.succeeded();
	expect(await health.ask()).toBeUndefined();
});
