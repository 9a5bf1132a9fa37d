import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLog } from '../../collector/log.ts';
import { tryLockFile } from '../../collector/store/engine/file-lock.ts';
import { readMigrations } from '../../collector/store/engine/migrations.ts';
import type { StoreOptions } from '../../collector/store/store.ts';
import { dataFolders, isFolderOfRun } from './data-folders.ts';

type Kind = Pick<StoreOptions, 'program' | 'database' | 'retentionMs' | 'derivedRetentionMs'>;

/**
 * Fills a data folder that is new with an embedded store that has all tables and no rows, of which a run of tests makes one:
 * to start an engine and let it run every migration takes the processor as long as many a test. Each kind has one of its own,
 * as setting other times to live takes a third of that again.
 *
 * There is nothing in it but the engine's files and what program opened them: who writes, the spool and all state begin with
 * whoever opens the copy. Not links, as tests damage files. Outside of a run nothing is done, and the start is a first one; so
 * it is for tests of first starts and of migrations, which name a data folder of their own.
 */
export async function fillWithMigrated(dataFolder: string, kind: Kind): Promise<void> {
	if (!isFolderOfRun) return;
	const { program, database, retentionMs, derivedRetentionMs } = kind;
	const key = JSON.stringify([program, database, retentionMs, derivedRetentionMs, readMigrations()]);
	const original = join(dataFolders, `migrated-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`);
	while (!existsSync(original)) {
		// The kernel frees it should whoever makes the original be killed.
		const lock = tryLockFile(`${original}.lock`);
		try {
			if (lock === undefined) await sleep(50);
			else if (!existsSync(original)) await make(original, kind);
		} finally {
			lock?.release();
		}
	}
	cpSync(original, dataFolder, { recursive: true });
}

async function make(original: string, { retentionMs, derivedRetentionMs, ...opening }: Kind): Promise<void> {
	// Here, as most who need a copy find the original made.
	const { startMigrated } = await import('../../collector/store/engine/start-migrated.ts');
	const { applyRetention } = await import('../../collector/store/retention.ts');
	// Of its own: the engine of one who was killed may write for a moment yet.
	const partial = mkdtempSync(`${original}-`);
	const { started, clickhouse } = await startMigrated({ ...opening, dataFolder: partial, log: silentLog });
	try {
		await applyRetention(clickhouse, { spansMs: retentionMs, derivedMs: derivedRetentionMs }, silentLog);
	} finally {
		await clickhouse.close();
		await started.stop();
	}
	renameSync(partial, original);
}
