import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../log.ts';
import { messageOf, ProblemError } from '../../problem.ts';
import type { ClickHouse } from './clickhouse.ts';
import type { EmbeddedServer } from './embedded-server.ts';
import { tryLockFile } from './file-lock.ts';
import type { FileLock } from './file-lock.ts';
import { QueryError, StoreOpenError } from './store-error.ts';

const reachTimeoutMs = 30_000;
const restartTimeoutMs = 10_000;

/** Held for as long as the store is open: two programs on one folder would each take the other's data for their own. */
export function lockFolder(dataFolder: string): FileLock {
	mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
	const lock = tryLockFile(join(dataFolder, 'lock'));
	if (lock !== undefined) return lock;
	throw new StoreOpenError(
		'DATA_FOLDER_IN_USE',
		`another Spanhouse uses the data folder ${dataFolder}; stop it, or choose another folder with --data-dir`,
	);
}

/** A restart takes part of a second: what is to be written waits for it rather than being refused. */
export async function untilReady(server: EmbeddedServer): Promise<void> {
	const deadline = AbortSignal.timeout(restartTimeoutMs);
	while (!server.state().ready) {
		try {
			await once(server, 'ready', { signal: deadline });
		} catch {
			const state = server.state();
			throw new QueryError(503, 'STORE_UNAVAILABLE', state.ready ? 'the store was being restarted' : state.reason);
		}
	}
}

/** Started together, the server may need longer than we do. */
export async function untilReachable(clickhouse: ClickHouse, url: string, log: Log): Promise<void> {
	const deadlineMs = performance.now() + reachTimeoutMs;
	for (;;) {
		try {
			await clickhouse.command('SELECT 1');
			return;
		} catch (error) {
			const away = error instanceof ProblemError && error.code === 'STORE_UNAVAILABLE';
			if (!away || performance.now() > deadlineMs) {
				const { origin } = new URL(url);
				throw new StoreOpenError('STORE_UNREACHABLE', `CLICKHOUSE_URL ${origin}: ${messageOf(error)}`);
			}
			log.warn({ error: messageOf(error) }, 'waiting for ClickHouse');
			await sleep(1_000);
		}
	}
}
