/** Throw-away embedded stores, each in a folder of its own, for tests against the real ClickHouse. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '../../collector/log.ts';
import { ClickHouse } from '../../collector/store/engine/clickhouse.ts';
import { EmbeddedServer } from '../../collector/store/engine/embedded-server.ts';
import { migrate, readMigrations } from '../../collector/store/engine/migrations.ts';
import { openStore } from '../../collector/store/store.ts';
import type { Store, StoreOptions } from '../../collector/store/store.ts';
import { dataFolders } from './data-folders.ts';
import { fillWithMigrated } from './migrated-store.ts';

export interface ThrowAwayStore extends Store {
	dataFolder: string;
	/** Also removes the folder. */
	[Symbol.asyncDispose](): Promise<void>;
}

export function temporaryFolder(): { path: string; remove(): void } {
	const path = mkdtempSync(join(dataFolders, 'spanhouse-store-'));
	return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Long enough for spans with any time that tests use. */
const foreverMs = 36_500 * 86_400_000;

export const storeOptions = (dataFolder: string): StoreOptions => ({
	dataFolder,
	database: 'spanhouse',
	retentionMs: foreverMs,
	derivedRetentionMs: foreverMs,
	program: '0.0.0-test',
	log: silentLog,
});

/** With all tables from the beginning: see migrated-store.ts. */
export async function throwAwayStore(options: Pick<StoreOptions, 'derive'> = {}): Promise<ThrowAwayStore> {
	const folder = temporaryFolder();
	await fillWithMigrated(folder.path, storeOptions(folder.path));
	const store = await openStore({ ...storeOptions(folder.path), ...options });
	return {
		...store,
		dataFolder: folder.path,
		[Symbol.asyncDispose]: async () => {
			await store.close();
			folder.remove();
		},
	};
}

/** The tables alone, for who brings the rest in hands of their own. */
export async function throwAwayTables(): Promise<{
	server: EmbeddedServer;
	clickhouse: ClickHouse;
	/** Also removes the folder. */
	close: () => Promise<void>;
}> {
	const folder = temporaryFolder();
	const server = await EmbeddedServer.start(folder.path, silentLog);
	const clickhouse = new ClickHouse(server.address, { username: 'default', password: '' }, 'spanhouse');
	await migrate(clickhouse, readMigrations(), 'test', silentLog);
	return {
		server,
		clickhouse,
		close: async () => {
			await clickhouse.close();
			await server.stop();
			folder.remove();
		},
	};
}
