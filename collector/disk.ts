import { statfsSync } from 'node:fs';

/** Room on the disk that a folder lies on, in bytes; null where the system does not say. */
export function diskOf(folder: string): { freeBytes: number; totalBytes: number } | null {
	try {
		const { bavail, blocks, bsize } = statfsSync(folder);
		return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
	} catch {
		return null;
	}
}

const gibibyte = 1024 ** 3;
const floorShare = 0.05;

/** Bytes that stay free on a disk of this size: below them nothing more is taken. */
export const freeFloorBytes = (totalBytes: number): number => Math.min(gibibyte, Math.floor(totalBytes * floorShare));
