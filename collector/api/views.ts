import type { Context } from 'hono';
import {
	deletedAnswer,
	viewBody,
	viewPath,
	viewRequest,
	viewSchema,
	viewsAnswer,
	viewsRequest,
} from '../../schema/api-views.ts';
import type { DeletedAnswer, View, ViewBody, ViewsAnswer } from '../../schema/api-views.ts';
import { ProblemError } from '../problem.ts';
import type { StateDocument, StateStore } from '../state/state-store.ts';
import type { DocumentKey } from '../state/state-table.ts';
import { expectedVersion, tellVersion } from './expected-version.ts';
import { parsePath, route } from './route.ts';
import type { Route } from './route.ts';
import { authorOf, readScope } from './scope.ts';

const documentKind = 'view';

/** Saved views of screens: they have a version each, and a change may say which it was made to. */
export function viewRoutes(state: StateStore): Route[] {
	return [
		route({
			path: '/views',
			role: 'viewer',
			summary: 'Saved views, of all screens or of one',
			query: viewsRequest,
			answer: viewsAnswer,
			handle: async (c, query) => {
				const all = state.list(readScope(c, query).project, documentKind).map(toView);
				const views = all.filter(({ kind }) => query.kind === undefined || kind === query.kind);
				return c.json<ViewsAnswer>({ views });
			},
		}),
		route({
			method: 'put',
			path: '/views/{kind}/{name}',
			role: 'editor',
			summary: 'Save a view. `If-Match: "version"` changes that version alone, `If-None-Match: *` only makes a new one',
			query: viewRequest,
			body: viewBody,
			answer: viewSchema,
			handle: async (c, query, body: ViewBody) => {
				const write = { author: authorOf(c), expected: expectedVersion(c) };
				const view = toView(await state.put(keyOf(c, query), body, write));
				tellVersion(c, view.version);
				return c.json<View>(view);
			},
		}),
		route({
			method: 'delete',
			path: '/views/{kind}/{name}',
			role: 'editor',
			summary: 'Delete a view',
			query: viewRequest,
			answer: deletedAnswer,
			handle: async (c, query) => {
				const key = keyOf(c, query);
				const version = await state.delete(key, { author: authorOf(c), expected: expectedVersion(c) });
				if (version === undefined) throw new ProblemError(404, 'NO_SUCH_VIEW', `there is no view ${key.name}`);
				return c.json<DeletedAnswer>({ version });
			},
		}),
	];
}

/** A view's kind has no slash, so that kind and name are one text. */
function keyOf(c: Context, query: { project?: string | undefined }): DocumentKey {
	const { kind, name } = parsePath(viewPath, c);
	return { project: readScope(c, query).project, kind: documentKind, name: `${kind}/${name}` };
}

function toView({ name, version, author, timeMs, value }: StateDocument): View {
	const slash = name.indexOf('/');
	return {
		...(value as ViewBody),
		kind: name.slice(0, slash),
		name: name.slice(slash + 1),
		version,
		author,
		changedMs: timeMs,
	};
}
