import type { z } from 'zod';
import { API_VERSION, DOCUMENT_KINDS } from '../../schema/alert.ts';
import { alertTestSchema } from '../../schema/alert-test.ts';
import type { AlertTest } from '../../schema/alert-test.ts';
import { documentSchema } from '../../schema/desired-state.ts';
import type { DesiredDocument } from '../../schema/desired-state.ts';
import { checkMeaning } from './check-meaning.ts';
import { describeFound } from './finding.ts';
import type { Finding } from './finding.ts';
import { knownNames, nearestName } from './known-names.ts';
import type { KnownNames } from './known-names.ts';

/** `document` is undefined as soon as one finding is an error. */
export interface ValidatedDocument {
	document: DesiredDocument | undefined;
	findings: Finding[];
}

/** Reads one document as somebody wrote it: its shape by the schema, then what the schema can't say. Never throws. */
export function validateDocument(written: unknown): ValidatedDocument {
	const head = isTest(written) ? error(['kind'], 'AlertTest', 'a kind that can be in force') : checkHead(written);
	if (head !== undefined) return { document: undefined, findings: [head] };
	const parsed = documentSchema.safeParse(written);
	const findings = parsed.success ? checkMeaning(parsed.data) : shapeFindings(parsed.error, written, knownNames);
	const isGood = parsed.success && findings.every(({ level }) => level === 'warning');
	return { document: isGood ? parsed.data : undefined, findings };
}

/** A test stands beside what it tests, and is in force nowhere. Never throws. */
export function validateTest(written: unknown): { test: AlertTest | undefined; findings: Finding[] } {
	const head = checkHead(written);
	if (head !== undefined) return { test: undefined, findings: [head] };
	const parsed = alertTestSchema.safeParse(written);
	if (parsed.success) return { test: parsed.data, findings: [] };
	return { test: undefined, findings: shapeFindings(parsed.error, written, knownNames) };
}

export const isTest = (written: unknown): boolean =>
	typeof written === 'object' && written !== null && 'kind' in written && written.kind === 'AlertTest';

/** A slip in a name is why the right one is missing. */
const byCause = (a: Finding, b: Finding): number => Number(b.atKey ?? false) - Number(a.atKey ?? false);

/** Without these two nothing else can be said about a document. */
function checkHead(written: unknown): Finding | undefined {
	if (typeof written !== 'object' || written === null || Array.isArray(written)) {
		return error([], written, `a document with apiVersion, kind, metadata and spec`);
	}
	const { apiVersion, kind } = written as Record<string, unknown>;
	if (apiVersion !== API_VERSION) return error(['apiVersion'], apiVersion, `${API_VERSION}, or openslo/v1 in a file`);
	if (kind === 'Sampling') return error(['kind'], kind, 'another kind: sampling can’t be declared');
	if (kind === 'AlertTest' || DOCUMENT_KINDS.includes(kind as never)) return undefined;
	const near = typeof kind === 'string' ? nearestName(kind, DOCUMENT_KINDS) : undefined;
	return error(['kind'], kind, near ?? `one of ${DOCUMENT_KINDS.join(', ')}`);
}

const error = (path: readonly PropertyKey[], found: unknown, expected: string): Finding => ({
	level: 'error',
	path,
	found: describeFound(found),
	expected,
});

/** What a schema says of a document, slips first. */
export const shapeFindings = ({ issues }: z.ZodError, written: unknown, names: KnownNames): Finding[] =>
	issues.flatMap((issue) => findingsOf(issue, written, names)).sort(byCause);

function findingsOf(issue: z.core.$ZodIssue, written: unknown, names: KnownNames): Finding[] {
	if (issue.code !== 'unrecognized_keys') return [error(issue.path, valueAt(written, issue.path), expectation(issue))];
	const known = names((written as { kind?: unknown }).kind, issue.path);
	return issue.keys.map((key) => {
		const near = nearestName(key, known);
		const path = [...issue.path, key];
		return { ...error(path, key, near ?? `one of ${known.join(', ')}`), atKey: true };
	});
}

function expectation(issue: z.core.$ZodIssue): string {
	switch (issue.code) {
		case 'invalid_value':
			return oneOf(issue.values.map((value) => JSON.stringify(value)));
		case 'invalid_type':
			return typeNames[issue.expected] ?? issue.expected;
		case 'invalid_union':
			return oneOf(issue.errors.flatMap((errors) => errors.map(expectation)));
		case 'too_small':
			return `${issue.inclusive === true ? 'at least' : 'more than'} ${issue.minimum}${unitOf(issue.origin)}`;
		case 'too_big':
			return `${issue.inclusive === true ? 'at most' : 'less than'} ${issue.maximum}${unitOf(issue.origin)}`;
		default:
			return issue.message.replace(/^expected /, '');
	}
}

const typeNames: Record<string, string> = {
	string: 'a text',
	number: 'a number',
	int: 'a whole number',
	boolean: 'true or false',
	array: 'a list',
	object: 'a group of fields',
	record: 'a group of fields',
};

const unitOf = (origin: string): string => (origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : '');

const oneOf = (choices: readonly string[]): string =>
	choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;

function valueAt(written: unknown, path: readonly PropertyKey[]): unknown {
	let value = written;
	for (const step of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[step];
	return value;
}
