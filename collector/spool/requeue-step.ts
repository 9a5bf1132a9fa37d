import { join } from 'node:path';
import type { SpoolDisk, SpoolFile } from './disk.ts';
import { asideFolderOf } from './set-aside.ts';

/**
 * A step of a requeue moves records from files in quarantine to a segment. The segment is a draft until a list of those files
 * is on the disk; then giving it its name is what makes the step happen. So, looking at the folder at any time:
 * - a list and a draft: it has not happened. Both are removed, the list first.
 * - a list without a draft: it has happened. The files on the list are removed, then the list.
 */
const draftName = 'requeue.draft';
const listName = 'requeue.json';

interface List {
	files: readonly string[];
}

/** An empty draft. */
export async function beginRequeue(disk: SpoolDisk, folder: string): Promise<SpoolFile> {
	await finishRequeue(disk, folder);
	return disk.open(join(folder, draftName), 'create');
}

/** Makes the draft, which is synced, a segment, and removes the files of quarantine whose records are in it. */
export async function commitRequeue(
	disk: SpoolDisk,
	folder: string,
	segment: string,
	files: readonly string[],
): Promise<void> {
	const list: List = { files };
	const path = join(folder, `${listName}.new`);
	await disk.remove(path).catch(() => undefined);
	const file = await disk.open(path, 'create');
	try {
		await file.write([Buffer.from(JSON.stringify(list))], 0);
		await file.sync();
	} finally {
		await file.close();
	}
	await disk.rename(path, join(folder, listName));
	await disk.syncFolder(folder);
	await disk.rename(join(folder, draftName), join(folder, segment));
	await finishRequeue(disk, folder);
}

/** Ends a step that was interrupted, so that it has happened or has not. */
export async function finishRequeue(disk: SpoolDisk, folder: string): Promise<void> {
	const names = await disk.list(folder);
	const has = (name: string): boolean => names.includes(name);
	if (has(listName) && !has(draftName)) {
		// Else a power cut could give back the draft's name, and nobody would have the files any more.
		await disk.syncFolder(folder);
		await removeFiles(disk, asideFolderOf(folder), await readList(disk, folder));
	}
	if (has(listName)) {
		await disk.remove(join(folder, listName));
		await disk.syncFolder(folder);
	}
	for (const name of [draftName, `${listName}.new`]) if (has(name)) await disk.remove(join(folder, name));
}

async function readList(disk: SpoolDisk, folder: string): Promise<List> {
	const file = await disk.open(join(folder, listName), 'read');
	try {
		const bytes = Buffer.alloc(await file.size());
		return JSON.parse(bytes.toString('utf8', 0, await file.read(bytes, 0))) as List;
	} finally {
		await file.close();
	}
}

async function removeFiles(disk: SpoolDisk, folder: string, { files }: List): Promise<void> {
	const there = new Set(await disk.list(folder));
	for (const name of files) if (there.has(name)) await disk.remove(join(folder, name));
	await disk.syncFolder(folder);
}
