import {
	deletionBody,
	deletionRequest,
	deletionSchema,
	deletionsAnswer,
	keepingRequest,
	pinSchema,
	pinsAnswer,
	pinsRequest,
	unpinnedAnswer,
} from '../../schema/api-keeping.ts';
import type {
	Deletion,
	DeletionBody,
	DeletionsAnswer,
	Pin,
	PinsAnswer,
	UnpinnedAnswer,
} from '../../schema/api-keeping.ts';
import { isLimited } from '../access/principal.ts';
import type { Deletions } from '../keeping/deletions.ts';
import type { Pins } from '../keeping/pins.ts';
import { compiledQuery, readQuery } from './compiled-query.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { authorOf, readScope, windowScope } from './scope.ts';
import { traceIdOf } from './traces.ts';

export interface KeepingSources {
	pins: Pick<Pins, 'list' | 'pin' | 'unpin'>;
	deletions: Pick<Deletions, 'dryRun' | 'request' | 'list' | 'get'>;
	clock: () => number;
}

/** What is kept beyond the retention, and what is deleted before it. */
export function keepingRoutes(sources: KeepingSources): Route[] {
	return [...pinRoutes(sources), ...deletionRoutes(sources)];
}

const pinRoutes = ({ pins }: KeepingSources): Route[] => [
	route({
		path: '/pins',
		role: 'viewer',
		summary: 'Traces that are kept beyond the retention',
		query: pinsRequest,
		answer: pinsAnswer,
		handle: async (c, query) => {
			const found = await pins.list(readScope(c, query), query.traceId?.toLowerCase());
			return c.json<PinsAnswer>(isLimited(c) ? { ...found, bytesOnDisk: null } : found);
		},
	}),
	route({
		method: 'put',
		path: '/pins/{traceId}',
		role: 'editor',
		summary: 'Keep a trace: its spans and log records are copied to where the retention does not reach',
		query: keepingRequest,
		answer: pinSchema,
		handle: async (c, query) => c.json<Pin>(await pins.pin(readScope(c, query), traceIdOf(c), authorOf(c))),
	}),
	route({
		method: 'delete',
		path: '/pins/{traceId}',
		role: 'editor',
		summary: 'Keep a trace no longer than others',
		query: keepingRequest,
		answer: unpinnedAnswer,
		handle: async (c, query) => {
			const traceId = traceIdOf(c);
			await pins.unpin(readScope(c, query), traceId, authorOf(c));
			return c.json<UnpinnedAnswer>({ traceId });
		},
	}),
];

const deletionRoutes = ({ deletions, clock }: KeepingSources): Route[] => [
	route({
		method: 'post',
		path: '/deletions',
		role: 'admin',
		summary: 'Delete traces by id, or whole traces with a span that matches. With `dryRun=true`, only count them',
		query: deletionRequest,
		body: deletionBody,
		answer: deletionSchema,
		handle: async (c, query, body: DeletionBody) => {
			const asked = { scope: windowScope(c, query, clock()), body, author: authorOf(c) };
			if ('q' in body) compiledQuery(readQuery(body.q)); // Told before anything is noted.
			return c.json<Deletion>(await (query.dryRun === 'true' ? deletions.dryRun(asked) : deletions.request(asked)));
		},
	}),
	route({
		path: '/deletions',
		role: 'admin',
		summary: 'What was deleted, by whom, and what is not done yet',
		query: keepingRequest,
		answer: deletionsAnswer,
		handle: async (c, query) => c.json<DeletionsAnswer>(deletions.list(readScope(c, query).project)),
	}),
	route({
		path: '/deletions/{id}',
		role: 'admin',
		summary: 'How far one deletion is',
		query: keepingRequest,
		answer: deletionSchema,
		handle: async (c, query) => c.json<Deletion>(deletions.get(readScope(c, query).project, c.req.param('id') ?? '')),
	}),
];
