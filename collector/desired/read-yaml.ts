import { LineCounter, parseAllDocuments } from 'yaml';
import type { Document, YAMLError } from 'yaml';
import type { FileFinding } from '../../schema/api-config.ts';
import { messageOf } from '../problem.ts';
import { pathText } from './finding.ts';
import type { Finding } from './finding.ts';
import { positionOf } from './yaml-position.ts';
import type { Position } from './yaml-position.ts';

/** One document of a file as plain values, and how to say where something in it stands. */
export interface YamlDocument {
	file: string;
	value: unknown;
	position: Position;
	locate(finding: Finding): FileFinding;
}

interface YamlFile {
	documents: YamlDocument[];
	/** Of the syntax; then there are no documents. */
	findings: FileFinding[];
}

/** Documents in one file, and how often one of them may name something by an alias. */
const maxDocuments = 1_000;
const maxAliases = 100;
const maxFindings = 20;

/** Reads the documents of a file. YAML 1.2, without tags of its own, merge keys or keys that aren't text. Never throws. */
export function readYaml(file: string, text: string): YamlFile {
	const counter = new LineCounter();
	const options = { lineCounter: counter, prettyErrors: false, stringKeys: true, logLevel: 'silent' } as const;
	const parsed = parseAllDocuments(text, options);
	const found = Array.isArray(parsed) ? (parsed as Document.Parsed[]) : [];
	// A tag that nobody knows would be read as if it weren't there.
	const problems = found.flatMap(({ errors, warnings }): YAMLError[] => [...errors, ...warnings]);
	const at = (offset: number): Position => {
		const { line, col } = counter.linePos(offset);
		return { line: Math.max(1, line), column: Math.max(1, col) };
	};
	if (problems.length > 0)
		return {
			documents: [],
			findings: problems.slice(0, maxFindings).map((problem) => syntaxFinding(file, problem, at)),
		};
	if (found.length > maxDocuments) {
		const findings = [
			yamlFinding(file, { line: 1, column: 1 }, `${found.length} documents`, `at most ${maxDocuments}`),
		];
		return { documents: [], findings };
	}
	const findings: FileFinding[] = [];
	const documents = found.flatMap((document): YamlDocument[] => {
		if (document.contents === null) return [];
		const position = at(document.contents.range[0]);
		try {
			return [toDocument(document, file, document.toJS({ maxAliasCount: maxAliases }), position, counter, text)];
		} catch (error) {
			// Aliases of aliases, which would unfold to more than memory holds.
			findings.push(yamlFinding(file, position, messageOf(error), `at most ${maxAliases} uses of aliases`));
			return [];
		}
	});
	return { documents: findings.length > 0 ? [] : documents, findings };
}

function toDocument(
	document: Document.Parsed,
	file: string,
	value: unknown,
	position: Position,
	counter: LineCounter,
	text: string,
): YamlDocument {
	return {
		file,
		value,
		position,
		locate: (finding) => {
			const { level, path, found, expected } = finding;
			return { file, ...positionOf(document, counter, text, finding), level, path: pathText(path), found, expected };
		},
	};
}

function syntaxFinding(file: string, { code, message, pos }: YAMLError, at: (offset: number) => Position): FileFinding {
	const expected = code === 'TAG_RESOLVE_FAILED' ? 'values without tags' : 'YAML';
	return yamlFinding(file, at(pos[0]), message, expected);
}

const yamlFinding = (file: string, position: Position, found: string, expected: string): FileFinding => ({
	file,
	...position,
	level: 'error',
	path: '',
	found,
	expected,
});
