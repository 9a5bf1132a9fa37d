import type { FileFinding } from '../../schema/api-config.ts';
import type { AlertTest } from '../../schema/alert-test.ts';
import type { DesiredDocument } from '../../schema/desired-state.ts';
import { nearestName } from './known-names.ts';
import { isOpenSlo, readOpenSlo } from './openslo/read-openslo.ts';
import { readYaml } from './read-yaml.ts';
import type { YamlDocument } from './read-yaml.ts';
import { isTest, validateDocument, validateTest } from './validate-document.ts';

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

export interface LoadedTest {
	test: AlertTest;
	file: string;
	/** From 1. */
	line: number;
}

/** What files declare. `documents` is empty as soon as one finding is an error: all or nothing. */
export interface LoadedConfiguration {
	documents: LoadedDocument[];
	tests: LoadedTest[];
	findings: FileFinding[];
}

/** Reads and checks all files together. Never throws. */
export function loadDocuments(files: readonly ConfigFile[]): LoadedConfiguration {
	const findings: FileFinding[] = [];
	const documents: LoadedDocument[] = [];
	const tests: LoadedTest[] = [];
	const foreign: YamlDocument[] = [];
	for (const { path, text } of files) {
		const read = readYaml(path, text);
		findings.push(...read.findings);
		for (const written of read.documents) {
			if (isOpenSlo(written.value)) foreign.push(written);
			else loadOne(written, documents, tests, findings);
		}
	}
	const converted = readOpenSlo(foreign);
	documents.push(...converted.documents);
	findings.push(...converted.findings);
	findings.push(...duplicates(documents), ...withoutAlert(tests, documents));
	const isGood = findings.every(({ level }) => level === 'warning');
	return isGood ? { documents, tests, findings } : { documents: [], tests: [], findings };
}

function loadOne(
	written: YamlDocument,
	documents: LoadedDocument[],
	tests: LoadedTest[],
	findings: FileFinding[],
): void {
	if (isTest(written.value)) {
		const { test, findings: found } = validateTest(written.value);
		findings.push(...found.map((finding) => written.locate(finding)));
		if (test !== undefined) tests.push({ test, file: written.file, line: written.position.line });
		return;
	}
	const { document, findings: found } = validateDocument(written.value);
	findings.push(...found.map((finding) => written.locate(finding)));
	if (document !== undefined) documents.push({ document, file: written.file, line: written.position.line });
}

function withoutAlert(tests: readonly LoadedTest[], documents: readonly LoadedDocument[]): FileFinding[] {
	const alerts = documents.flatMap(({ document }) => (document.kind === 'Alert' ? [document.metadata.name] : []));
	return tests
		.filter(({ test }) => !alerts.includes(test.spec.alert))
		.map(({ test, file, line }) => ({
			file,
			line,
			column: 1,
			level: 'error',
			path: 'spec.alert',
			found: JSON.stringify(test.spec.alert),
			expected: nearestName(test.spec.alert, alerts) ?? 'the name of an Alert in the same folder',
		}));
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
