import { createHash } from 'node:crypto';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { messageOf } from '../../problem.ts';
import { checkLimits, decodeFile, isConfigFile, SOURCE_LIMITS, SourceError } from './source-reader.ts';
import type { SourceContent, SourceReader } from './source-reader.ts';

interface FoundFile {
	path: string;
	real: string;
	bytes: number;
	/** Changes with the file and with what its links lead to. */
	mark: string;
}

/**
 * Reads a folder and those below it. Links are followed as long as they stay inside: Kubernetes mounts a ConfigMap as links
 * into a folder whose name begins with dots, and swaps that folder. Names that begin with a dot are left out.
 */
export function createFolderReader(folder: string): SourceReader {
	let lastMarks: string | undefined;
	return {
		async read(known) {
			const root = await rootOf(folder);
			const found: FoundFile[] = [];
			await collect(root, '', found, 0);
			checkLimits(found);
			const marks = JSON.stringify([root, found.map(({ path, mark }) => [path, mark])]);
			if (known !== undefined && marks === lastMarks) return 'unchanged';
			const content = await readFiles(found);
			lastMarks = marks;
			return content.revision === known ? 'unchanged' : content;
		},
	};
}

async function rootOf(folder: string): Promise<string> {
	try {
		const root = await realpath(folder);
		if (!(await stat(root)).isDirectory()) throw new Error('not a folder');
		return root;
	} catch (error) {
		throw new SourceError('unavailable', `the folder ${folder} can't be read: ${messageOf(error)}`);
	}
}

async function collect(root: string, below: string, found: FoundFile[], depth: number): Promise<void> {
	if (depth > SOURCE_LIMITS.depth)
		throw new SourceError('refused', `${below}: folders within each other are read ${SOURCE_LIMITS.depth} deep`);
	const entries = await readdir(join(root, below)).catch((error: unknown) => {
		throw new SourceError('unavailable', `${below || root} can't be read: ${messageOf(error)}`);
	});
	for (const name of entries.sort()) {
		if (name.startsWith('.')) continue;
		const path = below === '' ? name : `${below}/${name}`;
		const entry = await inspect(root, path);
		if (entry === undefined) continue;
		if (entry.isFolder) await collect(root, path, found, depth + 1);
		else if (isConfigFile(name)) found.push(entry);
		if (found.length > SOURCE_LIMITS.files) return; // Told by checkLimits.
	}
}

/** Undefined for what went away meanwhile and for what is neither file nor folder. */
async function inspect(root: string, path: string): Promise<(FoundFile & { isFolder: boolean }) | undefined> {
	try {
		const real = await realpath(join(root, path));
		if (!real.startsWith(root + sep)) throw new SourceError('refused', `${path} is a link out of the folder`);
		const found = await stat(real);
		const { size, mtimeMs, ino } = found;
		if (!found.isFile() && !found.isDirectory()) return undefined;
		return { path, real, bytes: size, mark: `${real} ${size} ${mtimeMs} ${ino}`, isFolder: found.isDirectory() };
	} catch (error) {
		if (error instanceof SourceError) throw error;
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
		throw new SourceError('unavailable', `${path} can't be read: ${messageOf(error)}`);
	}
}

async function readFiles(found: readonly FoundFile[]): Promise<SourceContent> {
	const hash = createHash('sha256');
	const files = [];
	for (const { path, real } of found) {
		const bytes = await readFile(real).catch((error: unknown) => {
			throw new SourceError('unavailable', `${path} can't be read: ${messageOf(error)}`);
		});
		hash.update(`${path}\0${bytes.length}\0`).update(bytes);
		files.push({ path, text: decodeFile(path, bytes) });
	}
	return { revision: hash.digest('hex').slice(0, 40), author: '', message: '', committedMs: null, files };
}
