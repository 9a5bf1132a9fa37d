/** A throw-away embedded store, with its own folder, for tests against the real ClickHouse. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../collector/log.ts';
import { openStore } from '../../collector/store/store.ts';
import type { Store, StoreOptions } from '../../collector/store/store.ts';

export interface ThrowAwayStore extends Store {
	dataFolder: string;
	/** Also removes the folder. */
	[Symbol.asyncDispose](): Promise<void>;
}

/** Long enough for spans with any time that tests use. */
const foreverMs = 36_500 * 86_400_000;

export async function throwAwayStore(options: Partial<StoreOptions> = {}): Promise<ThrowAwayStore> {
	const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), 'spanhouse-store-'));
	const store = await openStore({
		dataFolder,
		database: 'spanhouse',
		retentionMs: foreverMs,
		program: '0.0.0-test',
		log: silentLog,
		...options,
	});
	return {
		...store,
		dataFolder,
		[Symbol.asyncDispose]: async () => {
			await store.close();
			rmSync(dataFolder, { recursive: true, force: true });
		},
	};
}
