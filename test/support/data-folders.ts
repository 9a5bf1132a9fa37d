import { accessSync, constants, mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const memory = '/dev/shm';
const prefix = 'spanhouse-tests-';
const enoughBytes = 6 * 1024 ** 3;

/**
 * Where the data of tests goes. Syncing is most of what stores make a test wait for, and a kill loses nothing that the
 * kernel has, so that it may as well be memory.
 */
export const dataFolders: string = process.env.SPANHOUSE_TEST_DATA ?? tmpdir();

/** A folder in memory for one run, removed with this process; that for temporary files where memory has none or too little. */
export function prepareDataFolders(): string {
	if (!hasRoomInMemory()) return tmpdir();
	for (const name of readdirSync(memory)) {
		const [, pid] = name.split(prefix);
		if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(memory, name), { recursive: true, force: true });
	}
	const folder = join(memory, `${prefix}${process.pid}`);
	mkdirSync(folder, { recursive: true });
	process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

function hasRoomInMemory(): boolean {
	try {
		accessSync(memory, constants.W_OK);
		const { bavail, bsize } = statfsSync(memory);
		return bavail * bsize >= enoughBytes;
	} catch {
		return false;
	}
}

function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}
