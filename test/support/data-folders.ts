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

/** In a run of vitest: what one test puts there is there for the others, and gone afterwards. */
export const isFolderOfRun = process.env.SPANHOUSE_TEST_DATA !== undefined;

/** A folder for one run, removed with this process: in memory, or among temporary files where that has too little room. */
export function prepareDataFolders(): string {
	const parent = hasRoomInMemory() ? memory : tmpdir();
	for (const name of readdirSync(parent)) {
		const [, pid] = name.split(prefix);
		if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(parent, name), { recursive: true, force: true });
	}
	const folder = join(parent, `${prefix}${process.pid}`);
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
