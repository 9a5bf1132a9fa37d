import {
	copyFileSync,
	existsSync,
	linkSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	renameSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { freeFloorBytes } from '../../disk.ts';
import type { Log } from '../../log.ts';
import { messageOf } from '../../problem.ts';

/** What opens a data folder: Spanhouse, and the number of its newest migration. */
export interface Opening {
	program: string;
	schema: number;
}

interface Note {
	/** As it was when the copy was made; null: nobody knows. */
	from: Opening | null;
	takenMs: number;
}

/** Nothing changes these once they are written, so a second name for them is a copy, as in ClickHouse's own FREEZE. */
const LINKED = new Set([
	'.bin',
	'.mrk',
	'.mrk2',
	'.mrk3',
	'.mrk4',
	'.cmrk',
	'.cmrk2',
	'.cmrk3',
	'.cmrk4',
	'.idx',
	'.cidx',
]);

const keptMs = 3 * 86_400_000;

const pathsOf = (dataFolder: string) => ({
	data: join(dataFolder, 'clickhouse'),
	/** What was put aside while the copy takes its place. */
	aside: join(dataFolder, 'clickhouse.failed'),
	opened: join(dataFolder, 'opened.json'),
	copy: join(dataFolder, 'before-upgrade'),
	copied: join(dataFolder, 'before-upgrade', 'clickhouse'),
	note: join(dataFolder, 'before-upgrade', 'note.json'),
});

/**
 * Before another version than the last one opens an embedded store: a copy of it, by hard links, so it takes no room until the
 * original changes. One at a time; what an upgrade that was cut off had copied stays. The engine must not be running.
 */
export function copyBeforeUpgrade(dataFolder: string, opening: Opening, log: Log): void {
	const paths = pathsOf(dataFolder);
	finishGoingBack(dataFolder);
	const from = readJson(paths.opened) as Opening | null;
	// A newer one is refused when it is open: nothing of it will be changed.
	if (!existsSync(paths.data) || isSame(from, opening) || (from?.schema ?? 0) > opening.schema) return;
	const before = readJson(paths.note) as Note | null;
	if (before !== null && existsSync(paths.copied) && isSame(before.from, from)) return;
	rmSync(paths.copy, { recursive: true, force: true });
	const partial = `${paths.copy}.partial`;
	rmSync(partial, { recursive: true, force: true });
	const startedMs = performance.now();
	try {
		copyTree(paths.data, join(partial, 'clickhouse'));
		writeFileSync(join(partial, 'note.json'), JSON.stringify({ from, takenMs: Date.now() } satisfies Note));
		renameSync(partial, paths.copy);
		log.info({ copy: paths.copy, from, ms: Math.round(performance.now() - startedMs) }, 'copied before the upgrade');
	} catch (error) {
		rmSync(partial, { recursive: true, force: true });
		log.warn({ error: messageOf(error) }, 'the store could not be copied before the upgrade: there is no way back');
	}
}

/** Notes that this version has opened the folder, with all its migrations. */
export function noteOpened(dataFolder: string, opening: Opening): void {
	const { opened } = pathsOf(dataFolder);
	writeFileSync(`${opened}.new`, JSON.stringify(opening), { mode: 0o600 });
	renameSync(`${opened}.new`, opened);
}

/** Puts the copy in the place of what it was made of, once. The engine must not be running. False: there is none. */
export function goBack(dataFolder: string): boolean {
	const paths = pathsOf(dataFolder);
	if (!existsSync(paths.copied)) return false;
	renameSync(paths.data, paths.aside);
	finishGoingBack(dataFolder);
	return true;
}

/** Whatever a crash left of it: either the copy is in place afterwards, or the original. */
function finishGoingBack(dataFolder: string): void {
	const paths = pathsOf(dataFolder);
	if (!existsSync(paths.aside)) return;
	if (!existsSync(paths.data)) renameSync(existsSync(paths.copied) ? paths.copied : paths.aside, paths.data);
	rmSync(paths.aside, { recursive: true, force: true });
	rmSync(paths.copy, { recursive: true, force: true });
}

/** Of the disk's limit, how much more it may take. */
const keptShare = 0.1;
const usualBytes = 20 * 1024 ** 3;

export const upgradeCopyLimits = (
	disk: { freeBytes: number; totalBytes: number } | null,
	maxDiskBytes: number | undefined,
	nowMs: number,
) => ({
	nowMs,
	mostBytes: (maxDiskBytes ?? usualBytes) * keptShare,
	isRoomShort: disk !== null && disk.freeBytes < 2 * freeFloorBytes(disk.totalBytes),
});

/** Removes the copy after three days, or when it alone holds more bytes than it may, or room is short. */
export async function dropUpgradeCopy(
	dataFolder: string,
	{ nowMs, mostBytes, isRoomShort }: { nowMs: number; mostBytes: number; isRoomShort: boolean },
	log: Log,
): Promise<void> {
	const paths = pathsOf(dataFolder);
	const note = readJson(paths.note) as Note | null;
	if (note === null) return;
	const isOld = nowMs - note.takenMs > keptMs;
	const bytes = isOld || isRoomShort ? 0 : await bytesOfItsOwn(paths.copied);
	if (!isOld && !isRoomShort && bytes <= mostBytes) return;
	const reason = isOld ? 'three days have passed' : isRoomShort ? 'the disk is nearly full' : `it holds ${bytes} bytes`;
	removeUpgradeCopy(dataFolder, reason, log);
}

export function removeUpgradeCopy(dataFolder: string, reason: string, log: Log): void {
	const { copy } = pathsOf(dataFolder);
	if (!existsSync(copy)) return;
	rmSync(copy, { recursive: true, force: true });
	log.info({ copy, reason }, 'removed the copy from before the upgrade');
}

/** Bytes that nothing else holds any more. */
async function bytesOfItsOwn(folder: string): Promise<number> {
	let bytes = 0;
	for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
		if (!entry.isFile()) continue;
		const { nlink, size } = await lstat(join(entry.parentPath, entry.name));
		if (nlink === 1) bytes += size;
	}
	return bytes;
}

function copyTree(from: string, to: string): void {
	mkdirSync(to, { recursive: true, mode: 0o700 });
	for (const entry of readdirSync(from, { withFileTypes: true })) {
		const [source, target] = [join(from, entry.name), join(to, entry.name)];
		if (entry.isDirectory()) copyTree(source, target);
		else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
		else if (LINKED.has(extname(entry.name))) linkSync(source, target);
		else copyFileSync(source, target);
	}
}

const isSame = (one: Opening | null, other: Opening | null): boolean =>
	one?.program === other?.program && one?.schema === other?.schema;

/** Null where there is none, or a crash left it unreadable. */
function readJson(path: string): unknown {
	try {
		return JSON.parse(readFileSync(path, 'utf8')) as unknown;
	} catch {
		return null;
	}
}
