/**
 * Writes test/fixtures/spool/version-1: the spool that a collector leaves behind when it is killed while ClickHouse is away. To be run
 * when the format of records or segments changes after a release, into a folder of its own beside the old one, which stays.
 */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fixtureSpans } from './damage.ts';
import { FaultWorld } from './fault-world.ts';

const target = fileURLToPath(new URL('../fixtures/spool/version-1', import.meta.url));
const world = await FaultWorld.open();
await world.start();
world.proxy.down();
for (let sent = 0; sent < fixtureSpans; sent += 10) {
	const { status } = await world.ledger.post(world.listeners, world.ledger.make(10, { transport: 'protobuf' }).message);
	if (status !== 200) throw new Error(`answered ${status}`);
}
await world.kill();
rmSync(target, { recursive: true, force: true });
cpSync(join(world.dataFolder, 'spool'), target, { recursive: true });
world.proxy.up();
await world.close();
process.exit();
