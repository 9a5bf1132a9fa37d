import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { freeFloorBytes } from './disk.ts';

/** In the data folder. */
export const SPOOL_FOLDER = 'spool';
export const LOG_SPOOL_FOLDER = 'log-spool';

const gibibyte = 1024 ** 3;

export interface SpoolLimits {
	maxBytes: number;
	minFreeBytes: number;
}

/**
 * How large the spools may become. What they hold already counts as free: a collector that is started again in an outage
 * would otherwise find less room than it had, and refuse what it could keep.
 */
export function spoolLimits(
	disk: { freeBytes: number; totalBytes: number },
	ownBytes: number,
): { spans: SpoolLimits; logs: SpoolLimits } {
	const room = disk.freeBytes + ownBytes;
	const minFreeBytes = freeFloorBytes(disk.totalBytes);
	return {
		spans: { maxBytes: Math.min(10 * gibibyte, Math.floor(room / 4)), minFreeBytes },
		logs: { maxBytes: Math.min(gibibyte, Math.floor(room / 32)), minFreeBytes },
	};
}

/** Those of the spools in these folders. Throws where the system doesn't say how much is free. */
export function limitsOf(
	dataFolder: string,
	folders: readonly string[] = [SPOOL_FOLDER, LOG_SPOOL_FOLDER],
): ReturnType<typeof spoolLimits> {
	const { bavail, blocks, bsize } = statfsSync(dataFolder);
	const ownBytes = folders.reduce((total, folder) => total + fileBytes(join(dataFolder, folder)), 0);
	return spoolLimits({ freeBytes: bavail * bsize, totalBytes: blocks * bsize }, ownBytes);
}

/** Of the files in the folder, without those in folders of it: what was set aside takes room of its own. 0 where it isn't. */
export function fileBytes(folder: string): number {
	if (!existsSync(folder)) return 0;
	const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
	return files.reduce((total, { name }) => total + statSync(join(folder, name)).size, 0);
}
