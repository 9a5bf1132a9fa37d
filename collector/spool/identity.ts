import { join } from 'node:path';
import { messageOf } from '../problem.ts';
import type { Log } from '../log.ts';
import type { SpoolDisk } from './disk.ts';
import { decodeSegmentHead, newSrc, segmentHeadBytes, segmentNumber } from './segment-format.ts';

const identityName = 'identity';
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Who this spool is: random, made with the folder, and on every row it stores. A folder that was wiped becomes another
 * spool, so batch numbers that begin again at 1 never meet the old ones.
 */
export async function readIdentity(disk: SpoolDisk, folder: string, log: Log): Promise<string> {
	const names = await disk.list(folder);
	const found = names.includes(identityName) ? await readText(disk, join(folder, identityName)) : '';
	if (uuid.test(found.trim())) return found.trim();
	const src = (await identityOfSegments(disk, folder, names)) ?? newSrc();
	await writeIdentity(disk, folder, src, names).catch((error: unknown) => {
		log.error({ error: messageOf(error) }, 'the identity of the spool could not be written; its segments hold it too');
	});
	return src;
}

async function readText(disk: SpoolDisk, path: string): Promise<string> {
	const file = await disk.open(path, 'read');
	try {
		const bytes = Buffer.alloc(64);
		return bytes.toString('latin1', 0, await file.read(bytes, 0));
	} finally {
		await file.close();
	}
}

async function identityOfSegments(
	disk: SpoolDisk,
	folder: string,
	names: readonly string[],
): Promise<string | undefined> {
	for (const name of names) {
		if (segmentNumber(name) === undefined) continue;
		const file = await disk.open(join(folder, name), 'read');
		try {
			const bytes = Buffer.alloc(segmentHeadBytes);
			return decodeSegmentHead(bytes.subarray(0, await file.read(bytes, 0))).src;
		} catch {
			continue;
		} finally {
			await file.close();
		}
	}
	return undefined;
}

async function writeIdentity(disk: SpoolDisk, folder: string, src: string, names: readonly string[]): Promise<void> {
	const draft = join(folder, `${identityName}.new`);
	if (names.includes(`${identityName}.new`)) await disk.remove(draft);
	const file = await disk.open(draft, 'create');
	try {
		await file.write([Buffer.from(`${src}\n`)], 0);
		await file.sync();
	} finally {
		await file.close();
	}
	await disk.rename(draft, join(folder, identityName));
	await disk.syncFolder(folder);
}
