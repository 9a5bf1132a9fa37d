import { messageOf } from '../problem.ts';
import type { FileFinding } from '../../schema/api-config.ts';
import { loadDocuments } from './load-documents.ts';
import type { LoadedConfiguration } from './load-documents.ts';
import { createFolderReader } from './source/folder-reader.ts';

interface LoadedFolder extends LoadedConfiguration {
	files: number;
	/** Why the folder can't be read at all. */
	problem?: string;
}

/** Reads a folder as a source would, for commands. Never throws. */
export async function loadFolder(folder: string): Promise<LoadedFolder> {
	try {
		const content = await createFolderReader(folder).read(undefined, AbortSignal.timeout(60_000));
		if (content === 'unchanged') throw new Error('nothing was read');
		return { ...loadDocuments(content.files), files: content.files.length };
	} catch (error) {
		return { documents: [], tests: [], findings: [], files: 0, problem: messageOf(error) };
	}
}

/** `file:line:column: error: spec.measure: found …, expected …`, as editors and CI systems link it. */
export const findingLine = ({ file, line, column, level, path, found, expected }: FileFinding): string =>
	`${file}:${line}:${column}: ${level}: ${path === '' ? '' : `${path}: `}found ${found}, expected ${expected}`;

/** A folder without an error; otherwise all that is wrong with it, one line each. */
export async function loadGoodFolder(folder: string): Promise<LoadedFolder | string[]> {
	const loaded = await loadFolder(folder);
	if (loaded.problem !== undefined) return [loaded.problem];
	const errors = loaded.findings.filter(({ level }) => level === 'error').map(findingLine);
	return errors.length > 0 ? errors : loaded;
}
