import { z } from 'zod';
import {
	facetsAnswer,
	facetsRequest,
	keysAnswer,
	keysRequest,
	valuesAnswer,
	valuesRequest,
} from '../../schema/api-attributes.ts';
import { FACETS_AT_ONCE } from '../../schema/facet-limits.ts';
import type { FacetsAnswer, KeysAnswer, ValuesAnswer } from '../../schema/api-attributes.ts';
import { readKey, readKeyList } from '../../schema/query-edit.ts';
import type { Key } from '../../schema/query-syntax.ts';
import { planFacets } from '../analysis/facet-plan.ts';
import type { FacetGroup } from '../analysis/facet-plan.ts';
import { ProblemError } from '../problem.ts';
import type { FacetReader } from '../store/search/facet-reader.ts';
import type { CompletionReader } from '../store/search/completion-reader.ts';
import { readQuery } from './compiled-query.ts';
import { parsePath, route } from './route.ts';
import type { Route } from './route.ts';
import { windowScope } from './scope.ts';

/** What attributes there are, and how often. */
export function attributeRoutes(facets: FacetReader, completion: CompletionReader, clock: () => number): Route[] {
	return [
		route({
			path: '/attributes/facets',
			role: 'viewer',
			summary: 'How many spans of a query have each value of some keys',
			query: facetsRequest,
			answer: facetsAnswer,
			handle: async (c, query) => {
				const scope = windowScope(c, query, clock());
				const keys = readKeys(query.keys);
				const found = await facets.facets(scope, plan(query.q, keys), query.limit, query.find);
				return c.json<FacetsAnswer>({ window: scope.window, ...found });
			},
		}),
		route({
			path: '/attributes/keys',
			role: 'viewer',
			summary: 'Keys that spans have, most frequent first: for completion',
			query: keysRequest,
			answer: keysAnswer,
			handle: async (c, query) =>
				c.json<KeysAnswer>(await completion.keys(windowScope(c, query, clock()), query.prefix, query.limit)),
		}),
		route({
			path: '/attributes/{key}/values',
			role: 'viewer',
			summary: 'Values of a key, most frequent first: for completion',
			query: valuesRequest,
			answer: valuesAnswer,
			handle: async (c, query) => {
				const scope = windowScope(c, query, clock());
				const { key } = parsePath(keyPath, c);
				const read = readKey(key);
				const values = read && (await completion.values(scope, read, query.prefix, query.limit));
				if (values === undefined) throw badKey(key);
				return c.json<ValuesAnswer>(values);
			},
		}),
	];
}

const keyPath = z.object({ key: z.string().max(512) });

const badKey = (key: string): ProblemError =>
	new ProblemError(400, 'BAD_KEY', `${JSON.stringify(key)} is not a key with values to choose from`);

function readKeys(list: string): Key[] {
	const keys = readKeyList(list);
	if (keys !== undefined && keys.length > 0 && keys.length <= FACETS_AT_ONCE) return keys;
	const expected = `1 to ${FACETS_AT_ONCE} keys as the search language writes them, parted by commas`;
	throw new ProblemError(400, 'BAD_KEYS', `keys is ${JSON.stringify(list)}; expected ${expected}`, { expected });
}

function plan(q: string, keys: readonly Key[]): FacetGroup[] {
	const planned = planFacets(readQuery(q), keys);
	if (planned.kind === 'plan') return planned.groups;
	if (planned.kind === 'uncountable')
		throw new ProblemError(400, 'BAD_KEYS', `${planned.key} has no single value on a span, so it can't be counted by`);
	throw new ProblemError(400, 'UNSUPPORTED_QUERY', planned.message, { position: planned.position });
}
