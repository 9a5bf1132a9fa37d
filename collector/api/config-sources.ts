import { z } from 'zod';
import { DEFAULT_PROJECT } from '../../schema/project.ts';
import { auditAnswer, configAnswer, configRequest, confirmBody, historyRequest } from '../../schema/api-config.ts';
import { pauseBody, sourcePath, sourceSchema, webhookAnswer } from '../../schema/api-config.ts';
import type { AuditAnswer, ConfigAnswer, ConfigObject, ConfirmBody, PauseBody } from '../../schema/api-config.ts';
import type { SourceAnswer } from '../../schema/api-config.ts';
import type { DeclaredDocument, StoredDocuments } from '../desired/documents.ts';
import { identityOf } from '../desired/plan-changes.ts';
import { readAudit } from '../desired/source/sync-record.ts';
import type { SourceLoop } from '../desired/source/source-loop.ts';
import { isSigned } from '../desired/source/sources.ts';
import type { Sources } from '../desired/source/sources.ts';
import { ProblemError } from '../problem.ts';
import type { StateStore } from '../state/state-store.ts';
import { parsePath, route } from './route.ts';
import type { Route } from './route.ts';
import { authorOf, readScope } from './scope.ts';

export interface SourceRouteParts {
	documents: StoredDocuments;
	sources: Sources;
	state: StateStore;
	/** Unix milliseconds. */
	clock: () => number;
}

/** Where configuration comes from, whether it is in force, and what people decide about it. */
export function sourceRoutes(parts: SourceRouteParts): Route[] {
	const { documents, sources } = parts;
	return [
		route({
			path: '/config',
			role: 'viewer',
			summary: 'Sources with their state and what they would change, and every document with its owner',
			query: configRequest,
			answer: configAnswer,
			handle: async (c, query) => {
				const { project } = readScope(c, query);
				const loops = sources.list(project);
				return c.json<ConfigAnswer>({
					sources: loops.map((loop) => loop.describe()),
					objects: documents.everything(project).map((found) => toObject(found, loops)),
				});
			},
		}),
		route({
			method: 'post',
			path: '/config/sources/{name}/sync',
			role: 'editor',
			summary: 'Read a source now',
			query: configRequest,
			answer: sourceSchema,
			handle: async (c, query) => {
				const loop = sources.get(readScope(c, query).project, parsePath(sourcePath, c).name);
				await loop.check();
				return c.json<SourceAnswer>(loop.describe());
			},
		}),
		...decisionRoutes(parts),
		auditRoute(parts),
		webhookRoute(parts),
	];
}

function decisionRoutes({ sources, clock }: SourceRouteParts): Route[] {
	return [
		route({
			method: 'post',
			path: '/config/sources/{name}/confirm',
			role: 'editor',
			summary: 'Let a revision that is held remove what it removes',
			query: configRequest,
			body: confirmBody,
			answer: sourceSchema,
			handle: async (c, query, { revision }: ConfirmBody) => {
				const loop = sources.get(readScope(c, query).project, parsePath(sourcePath, c).name);
				await loop.confirm(revision, authorOf(c));
				return c.json<SourceAnswer>(loop.describe());
			},
		}),
		route({
			method: 'put',
			path: '/config/sources/{name}/pause',
			role: 'editor',
			summary: 'Apply nothing of a source until a time; it is still read and compared',
			query: configRequest,
			body: pauseBody,
			answer: sourceSchema,
			handle: async (c, query, { untilMs, reason }: PauseBody) => {
				const loop = sources.get(readScope(c, query).project, parsePath(sourcePath, c).name);
				if (untilMs <= clock()) throw new ProblemError(400, 'BAD_PAUSE', 'untilMs is over; expected a time to come');
				await loop.pause(untilMs, reason, authorOf(c));
				await loop.check();
				return c.json<SourceAnswer>(loop.describe());
			},
		}),
		route({
			method: 'delete',
			path: '/config/sources/{name}/pause',
			role: 'editor',
			summary: 'Apply a source again',
			query: configRequest,
			answer: sourceSchema,
			handle: async (c, query) => {
				const loop = sources.get(readScope(c, query).project, parsePath(sourcePath, c).name);
				await loop.resume(authorOf(c));
				return c.json<SourceAnswer>(loop.describe());
			},
		}),
	];
}

const auditRoute = ({ sources, state }: SourceRouteParts): Route =>
	route({
		path: '/config/sources/{name}/audit',
		role: 'viewer',
		summary: 'What a source did and what was decided about it, newest first',
		query: historyRequest,
		answer: auditAnswer,
		handle: async (c, query) => {
			const { project } = readScope(c, query);
			const { name } = sources.get(project, parsePath(sourcePath, c).name).definition;
			const rows = await readAudit(state, project, name, query.limit);
			const entries = rows.map(({ tMs, author, record }) => {
				const { event, changes, changeCount, applied } = record;
				return { tMs, author, event, revision: applied, changes, changeCount };
			});
			return c.json<AuditAnswer>({ entries });
		},
	});

/** Who pushes has no account here: the signature is what lets it in, and all it can do is make us look earlier. */
const webhookRoute = ({ sources }: SourceRouteParts): Route => ({
	method: 'post',
	path: '/config/sources/{name}/webhook',
	role: 'anyone',
	reach: 'none',
	summary: 'Tells of a push: signed as GitHub, Gitea and Forgejo do, or with the token of GitLab',
	query: z.object({}),
	answers: { 'application/json': webhookAnswer },
	handle: async (c) => {
		const loop = sources.get(c.req.query('project') ?? DEFAULT_PROJECT, parsePath(sourcePath, c).name);
		const secret = (await loop.definition.webhookSecret()) ?? '';
		const body = await c.req.text();
		if (secret === '' || !isSigned(body, (name) => c.req.header(name), secret))
			throw new ProblemError(403, 'BAD_SIGNATURE', 'the request is not signed with the secret of this source');
		void loop.check();
		return c.json({ accepted: true });
	},
});

function toObject(found: DeclaredDocument, loops: readonly SourceLoop[]): ConfigObject {
	const { document, version, author, changedMs, owner, override } = found;
	const { kind, metadata } = document;
	const source = loops.find(({ definition }) => definition.name === owner.source);
	const differs = source?.differs(identityOf(document)) === true;
	return {
		kind,
		name: metadata.name,
		labels: metadata.labels,
		version,
		author,
		changedMs,
		owner,
		drift: override !== undefined ? 'overridden' : differs ? 'differs' : 'none',
	};
}
