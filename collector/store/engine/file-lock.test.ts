import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { tryLockFile } from './file-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'spanhouse-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a file is locked once, until it is released', () => {
	const path = join(folder, 'lock');
	const lock = tryLockFile(path);
	expect(lock).toBeDefined();
	expect(tryLockFile(path)).toBeUndefined();
	lock?.release();
	const again = tryLockFile(path);
	expect(again).toBeDefined();
	again?.release();
});
