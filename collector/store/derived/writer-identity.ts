import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Who inserts from this data folder: random, made with the folder, and on every row it stores. */
export function writerIdentity(dataFolder: string): string {
	const path = join(dataFolder, 'writer');
	const known = existsSync(path) ? readFileSync(path, 'latin1').trim() : '';
	if (uuid.test(known)) return known;
	const made = randomUUID();
	mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
	const draft = openSync(`${path}.new`, 'w');
	writeSync(draft, `${made}\n`);
	fsyncSync(draft);
	closeSync(draft);
	renameSync(`${path}.new`, path);
	const folder = openSync(dataFolder, 'r');
	fsyncSync(folder);
	closeSync(folder);
	return made;
}
