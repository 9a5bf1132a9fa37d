import type { Context, Hono } from 'hono';
import type { z } from 'zod';
import { ProblemError } from '../problem.ts';

/** Who may call a route, each including the ones before. */
export const ROLES = ['anyone', 'viewer', 'editor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** One endpoint: what the router, the access check and the OpenAPI document need to know of it. */
export interface Route {
	method: 'get' | 'post';
	/** As OpenAPI writes it: `/traces/{traceId}`. */
	path: string;
	role: Role;
	summary: string;
	query: z.ZodObject;
	/** What 200 carries, by media type. */
	answers: Readonly<Record<string, z.ZodType>>;
	handle: (c: Context) => Promise<Response>;
}

interface RouteDefinition<Query extends z.ZodObject> {
	method?: Route['method'];
	path: string;
	role: Role;
	summary: string;
	query: Query;
	answer: z.ZodType;
	otherAnswers?: Readonly<Record<string, z.ZodType>>;
	handle: (c: Context, query: z.infer<Query>) => Promise<Response>;
}

/** Validates the query string before the handler sees it. */
export function route<Query extends z.ZodObject>(definition: RouteDefinition<Query>): Route {
	return {
		method: definition.method ?? 'get',
		path: definition.path,
		role: definition.role,
		summary: definition.summary,
		query: definition.query,
		answers: { 'application/json': definition.answer, ...definition.otherAnswers },
		handle: async (c) => definition.handle(c, parseQuery(definition.query, c.req.query())),
	};
}

function parseQuery<Query extends z.ZodObject>(schema: Query, found: Record<string, string>): z.infer<Query> {
	const parsed = schema.safeParse(found);
	if (parsed.success) return parsed.data;
	const problems = parsed.error.issues.map((issue) => {
		const name = issue.path.join('.');
		return `${name} is ${JSON.stringify(found[name] ?? null)}: ${issue.message}`;
	});
	throw new ProblemError(400, 'BAD_PARAMETER', problems.join('; '));
}

export type AccessCheck = (c: Context, role: Role) => Promise<void> | void;

/** Adds the routes to an app. `check` throws a ProblemError for callers without the role. */
export function mount(app: Hono, routes: readonly Route[], check: AccessCheck): void {
	for (const { method, path, role, handle } of routes) {
		app.on(method, path.replace(/\{(\w+)\}/g, ':$1'), async (c) => {
			await check(c, role);
			return handle(c);
		});
	}
}
