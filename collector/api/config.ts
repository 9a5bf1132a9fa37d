import type { Context } from 'hono';
import { z } from 'zod';
import { includesRole, principalOf } from '../access/principal.ts';
import { DOCUMENT_KINDS } from '../../schema/alert.ts';
import type { DocumentKind } from '../../schema/alert.ts';
import { declaredSchema, documentPath, documentsAnswer } from '../../schema/api-alerts.ts';
import type { Declared, DocumentsAnswer } from '../../schema/api-alerts.ts';
import { documentAnswer, documentRequest, documentsRequest, historyAnswer } from '../../schema/api-config.ts';
import { historyRequest, putRequest } from '../../schema/api-config.ts';
import type { DocumentAnswer, HistoryAnswer } from '../../schema/api-config.ts';
import { deletedAnswer } from '../../schema/api-views.ts';
import type { DeletedAnswer } from '../../schema/api-views.ts';
import type { DesiredDocument } from '../../schema/desired-state.ts';
import { documentYaml } from '../desired/document-yaml.ts';
import { readStored } from '../desired/documents.ts';
import type { DeclaredDocument, Documents, DocumentWrite } from '../desired/documents.ts';
import { withKeptSecrets, withoutSecrets } from '../desired/hide-secrets.ts';
import { findingText } from '../desired/finding.ts';
import { documentJsonSchema } from '../desired/known-names.ts';
import { validateDocument } from '../desired/validate-document.ts';
import { ProblemError } from '../problem.ts';
import type { DocumentVersion } from '../state/state-table.ts';
import { expectedVersion, tellVersion } from './expected-version.ts';
import { parsePath, route } from './route.ts';
import type { Route } from './route.ts';
import { authorOf, readScope } from './scope.ts';

/** Alerts, objectives, channels and the rest as documents, whoever declared them. */
export function documentRoutes(documents: Documents, clock: () => number): Route[] {
	return [
		route({
			path: '/config/schema.json',
			role: 'anyone',
			reach: 'none',
			summary: 'JSON Schema of the documents, for editors',
			query: z.object({}),
			answer: z.record(z.string(), z.unknown()),
			handle: async (c) => c.json(documentJsonSchema),
		}),
		route({
			path: '/config/documents',
			role: 'viewer',
			summary: 'Documents that are in force, with their owners',
			query: documentsRequest,
			answer: documentsAnswer,
			handle: async (c, query) => {
				const { project } = readScope(c, query);
				const kinds = query.kind === undefined ? DOCUMENT_KINDS : [query.kind];
				const found = kinds.flatMap((kind): Declared[] => documents.list(project, kind).map(toDeclared));
				return c.json<DocumentsAnswer>({ documents: found });
			},
		}),
		route({
			path: '/config/{kind}/{name}',
			role: 'viewer',
			summary: 'A document that is in force, what its source says where that differs, and both as YAML',
			query: documentRequest,
			answer: documentAnswer,
			handle: async (c, query) => {
				const found = findDocument(c, documents, readScope(c, query).project);
				tellVersion(c, found.version);
				return c.json<DocumentAnswer>(toAnswer(found));
			},
		}),
		route({
			path: '/config/{kind}/{name}/history',
			role: 'viewer',
			summary: 'Versions of a document, newest first',
			query: historyRequest,
			answer: historyAnswer,
			handle: async (c, query) => {
				const { project } = readScope(c, query);
				const { kind, name } = parsePath(documentPath, c);
				const versions = await documents.history(project, kind, name, query.limit);
				if (versions.length === 0) throw noSuchDocument(kind, name);
				const source = documents.get(project, kind, name)?.owner.source ?? null;
				return c.json<HistoryAnswer>({ versions: versions.map(toVersion), revert: revertText(source) });
			},
		}),
		...writingRoutes(documents, clock),
	];
}

function writingRoutes(documents: Documents, clock: () => number): Route[] {
	return [
		route({
			method: 'put',
			path: '/config/{kind}/{name}',
			role: 'editor',
			summary:
				'Declare a document. `If-Match: "version"` changes that version alone, `If-None-Match: *` only makes a new one',
			query: putRequest,
			body: z.unknown().meta({ description: 'As in YAML: /config/schema.json' }),
			answer: declaredSchema,
			handle: async (c, query, body) => {
				const { project } = readScope(c, query);
				const { kind, name } = parsePath(documentPath, c);
				checkRole(c, kind);
				const document = withKeptSecrets(readDocument(body, kind, name), documents.get(project, kind, name)?.document);
				const write = { author: authorOf(c), expected: expectedVersion(c), ...reasonsOf(query, clock()) };
				const declared = await documents.put(project, document, write);
				tellVersion(c, declared.version);
				return c.json<Declared>(toDeclared(declared));
			},
		}),
		route({
			method: 'delete',
			path: '/config/{kind}/{name}',
			role: 'editor',
			summary: 'Delete a document',
			query: documentRequest,
			answer: deletedAnswer,
			handle: async (c, query) => {
				const { project } = readScope(c, query);
				const { kind, name } = parsePath(documentPath, c);
				checkRole(c, kind);
				const write = { author: authorOf(c), expected: expectedVersion(c) };
				const version = await documents.delete(project, kind, name, write);
				if (version === undefined) throw noSuchDocument(kind, name);
				return c.json<DeletedAnswer>({ version });
			},
		}),
		route({
			method: 'delete',
			path: '/config/{kind}/{name}/override',
			role: 'editor',
			summary: 'End an override: what the source says is in force again',
			query: documentRequest,
			answer: declaredSchema,
			handle: async (c, query) => {
				const { project } = readScope(c, query);
				const { kind, name } = parsePath(documentPath, c);
				const declared = await documents.endOverride(project, kind, name, authorOf(c));
				if (declared === undefined) throw noSuchDocument(kind, name);
				tellVersion(c, declared.version);
				return c.json<Declared>(toDeclared(declared));
			},
		}),
	];
}

/** What makes this process reach out, with secrets of its own, or drop data is an administrator's to say. */
const ofAdministrators: ReadonlySet<DocumentKind> = new Set(['Channel', 'Heartbeat', 'Source', 'Retention']);

function checkRole(c: Context, kind: DocumentKind): void {
	const principal = principalOf(c);
	if (!ofAdministrators.has(kind) || principal === undefined || includesRole(principal.role, 'admin')) return;
	throw new ProblemError(
		403,
		'NOT_ALLOWED',
		`a ${kind} is changed by administrators; ${principal.name} is ${principal.role}`,
	);
}

const longestOverrideMs = 366 * 86_400_000;

function reasonsOf(query: z.infer<typeof putRequest>, nowMs: number): Pick<DocumentWrite, 'override' | 'note'> {
	const { overrideUntil: untilMs, reason, note } = query;
	if (untilMs === undefined && reason === undefined) return { note };
	if (untilMs === undefined || reason === undefined) {
		throw new ProblemError(400, 'BAD_OVERRIDE', 'an override needs both overrideUntil and reason');
	}
	if (untilMs <= nowMs || untilMs > nowMs + longestOverrideMs) {
		throw new ProblemError(400, 'BAD_OVERRIDE', `overrideUntil is ${untilMs}; expected a time within a year from now`);
	}
	return { override: { untilMs, reason }, note };
}

function readDocument(body: unknown, kind: DocumentKind, name: string): DesiredDocument {
	const { document, findings } = validateDocument(body);
	if (document === undefined) throw new ProblemError(400, 'BAD_DOCUMENT', findings.map(findingText).join('; '));
	if (document.kind !== kind || document.metadata.name !== name) {
		throw new ProblemError(
			400,
			'BAD_DOCUMENT',
			`metadata.name: found ${document.kind} ${JSON.stringify(document.metadata.name)}, expected ${kind} ${JSON.stringify(name)} as in the address`,
		);
	}
	return document;
}

function findDocument(c: Context, documents: Documents, project: string): DeclaredDocument {
	const { kind, name } = parsePath(documentPath, c);
	const found = documents.get(project, kind, name);
	if (found === undefined) throw noSuchDocument(kind, name);
	return found;
}

const noSuchDocument = (kind: DocumentKind, name: string): ProblemError =>
	new ProblemError(404, 'NO_SUCH_DOCUMENT', `there is no ${kind} ${JSON.stringify(name)}`);

function toDeclared({ document, version, author, changedMs, owner }: DeclaredDocument): Declared {
	return { document: withoutSecrets(document), version, author, changedMs, owner };
}

const toAnswer = (found: DeclaredDocument): DocumentAnswer => ({
	...toDeclared(found),
	desired: found.override === undefined ? null : withoutSecrets(found.override.desired),
	yaml: documentYaml(withoutSecrets(found.document)),
});

function toVersion(row: DocumentVersion): HistoryAnswer['versions'][number] {
	const stored = row.json === undefined ? undefined : readStored(JSON.parse(row.json));
	return {
		version: row.version,
		changedMs: row.timeMs,
		author: row.author,
		deleted: stored === undefined,
		document: stored === undefined ? null : withoutSecrets(stored.document),
		owner: stored?.origin?.source ?? null,
		note: stored?.note ?? null,
		yaml: stored === undefined ? '' : documentYaml(withoutSecrets(stored.document)),
	};
}

const revertText = (source: string | null): string =>
	source === null
		? 'Save the version that is wanted again.'
		: `Source ${source} declares it: revert the commit there (git revert REVISION, then push).`;
