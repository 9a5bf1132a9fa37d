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
