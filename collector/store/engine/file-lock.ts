import { closeSync, openSync } from 'node:fs';
import { DataType, load, open } from 'ffi-rs';

/** Held until `release` or the end of the process, however it ends: the kernel frees it even after kill -9. */
export interface FileLock {
	release(): void;
}

const LOCK_EX = 2;
const LOCK_NB = 4;
let libcOpen = false;

/**
 * Takes flock(2) on a file, which is created if need be; undefined when somebody else holds it. Node has no call for it.
 * The descriptor is close-on-exec, so children don't keep the lock alive.
 */
export function tryLockFile(path: string): FileLock | undefined {
	const descriptor = openSync(path, 'a', 0o600);
	if (flock(descriptor) !== 0) {
		closeSync(descriptor);
		return undefined;
	}
	return { release: () => closeSync(descriptor) };
}

function flock(descriptor: number): number {
	if (!libcOpen) {
		// An empty path names the running program, which has libc loaded.
		open({ library: 'libc', path: '' });
		libcOpen = true;
	}
	return load({
		library: 'libc',
		funcName: 'flock',
		retType: DataType.I32,
		paramsType: [DataType.I32, DataType.I32],
		paramsValue: [descriptor, LOCK_EX | LOCK_NB],
	});
}
