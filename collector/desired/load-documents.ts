import type { FileFinding } from '../../schema/api-config.ts';
import type { DesiredDocument } from '../../schema/desired-state.ts';
import { readYaml } from './read-yaml.ts';
import type { YamlDocument } from './read-yaml.ts';
import { validateDocument } from './validate-document.ts';

/** A file of configuration, by its path within the source. */
export interface ConfigFile {
	path: string;
	text: string;
}

export interface LoadedDocument {
	document: DesiredDocument;
	file: string;
	/** From 1. */
	line: number;
}

/** What files declare. `documents` is empty as soon as one finding is an error: all or nothing. */
export interface LoadedConfiguration {
	documents: LoadedDocument[];
	findings: FileFinding[];
}

/** Reads and checks all files together. Never throws. */
export function loadDocuments(files: readonly ConfigFile[]): LoadedConfiguration {
	const findings: FileFinding[] = [];
	const documents: LoadedDocument[] = [];
	for (const { path, text } of files) {
		const read = readYaml(path, text);
		findings.push(...read.findings);
		for (const written of read.documents) loadOne(written, documents, findings);
	}
	findings.push(...duplicates(documents));
	const isGood = findings.every(({ level }) => level === 'warning');
	return { documents: isGood ? documents : [], findings };
}

function loadOne(written: YamlDocument, documents: LoadedDocument[], findings: FileFinding[]): void {
	const { document, findings: found } = validateDocument(written.value);
	findings.push(...found.map((finding) => written.locate(finding)));
	if (document !== undefined) documents.push({ document, file: written.file, line: written.position.line });
}

/** Each place that declares what another one has declared already names the other. */
function duplicates(documents: readonly LoadedDocument[]): FileFinding[] {
	const first = new Map<string, LoadedDocument>();
	return documents.flatMap((loaded) => {
		const { document, file, line } = loaded;
		const identity = `${document.kind} ${document.metadata.name}`;
		const before = first.get(identity);
		if (before === undefined) {
			first.set(identity, loaded);
			return [];
		}
		const both = [
			{ file, line, other: before },
			{ file: before.file, line: before.line, other: loaded },
		];
		return both.map(({ file, line, other }): FileFinding => ({
			file,
			line,
			column: 1,
			level: 'error',
			path: 'metadata.name',
			found: `${identity}, which ${other.file}:${other.line} declares as well`,
			expected: 'one document of this kind and name',
		}));
	});
}
