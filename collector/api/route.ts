import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import type { UserRole } from '../../schema/role.ts';
import { messageOf, ProblemError } from '../problem.ts';
import { answerWithMissing, canBePartial } from './partial-answer.ts';

/** Who may call a route: anyone, or who has this role or one that includes it. */
export type Role = 'anyone' | UserRole;

/**
 * What an answer is about: one project, which `project=` names; the process and so all projects, for who reads all; or
 * what belongs to none, as accounts do.
 */
export type Reach = 'project' | 'process' | 'none';

/** One endpoint: what the router, the access check and the OpenAPI document need to know of it. */
export interface Route {
	method: 'get' | 'post' | 'put' | 'patch' | 'delete';
	/** As OpenAPI writes it: `/traces/{traceId}`. */
	path: string;
	role: Role;
	reach: Reach;
	summary: string;
	query: z.ZodObject;
	/** JSON that a request carries. */
	body?: z.ZodType;
	/** What 200 carries, by media type. */
	answers: Readonly<Record<string, z.ZodType>>;
	handle: (c: Context) => Promise<Response>;
}

interface RouteDefinition<Query extends z.ZodObject, Body extends z.ZodType> {
	method?: Route['method'];
	path: string;
	role: Role;
	reach?: Reach;
	summary: string;
	query: Query;
	body?: Body;
	answer: z.ZodType;
	/** Of the answer; JSON unless said. */
	answerType?: string;
	otherAnswers?: Readonly<Record<string, z.ZodType>>;
	handle: (c: Context, query: z.infer<Query>, body: z.infer<Body>) => Promise<Response>;
}

/** Validates query string and body before the handler sees them. */
export function route<Query extends z.ZodObject, Body extends z.ZodType = z.ZodUndefined>(
	definition: RouteDefinition<Query, Body>,
): Route {
	const { method = 'get', path, role, reach = 'project', summary, query, body, handle } = definition;
	const { answer, answerType = 'application/json', otherAnswers } = definition;
	return {
		method,
		path,
		role,
		reach,
		summary,
		query,
		...(body === undefined ? {} : { body }),
		answers: { [answerType]: answer, ...otherAnswers },
		handle: async (c) =>
			handle(
				c,
				parseQuery(query, c.req.query()),
				(body === undefined ? undefined : await parseBody(body, c)) as z.infer<Body>,
			),
	};
}

function parseQuery<Query extends z.ZodObject>(schema: Query, found: Record<string, string>): z.infer<Query> {
	const parsed = schema.safeParse(found);
	if (parsed.success) return parsed.data;
	throw new ProblemError(
		400,
		'BAD_PARAMETER',
		problemsOf(parsed.error, (name) => found[name] ?? null),
	);
}

/** Validates what the path holds, unescaped. */
export function parsePath<Path extends z.ZodObject>(schema: Path, c: Context): z.infer<Path> {
	return parseQuery(schema, c.req.param() as Record<string, string>);
}

/** Pages elsewhere can't send this type without being asked by the browser first, and nobody answers that they may. */
const bodyType = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
const maxBodyBytes = 256 * 1024;

async function parseBody(schema: z.ZodType, c: Context): Promise<unknown> {
	const type = c.req.header('content-type') ?? '';
	if (!bodyType.test(type)) {
		throw new ProblemError(
			415,
			'BAD_CONTENT_TYPE',
			`content-type is ${JSON.stringify(type)}; expected application/json`,
		);
	}
	const text = await c.req.text();
	let found: unknown;
	try {
		found = JSON.parse(text);
	} catch (error) {
		throw new ProblemError(400, 'BAD_BODY', `the body is not JSON: ${messageOf(error)}`);
	}
	const parsed = schema.safeParse(found);
	if (parsed.success) return parsed.data;
	throw new ProblemError(400, 'BAD_BODY', problemsOf(parsed.error));
}

/** Each with its place and, where it is short, what was found there. */
function problemsOf({ issues }: z.ZodError, found?: (name: string) => unknown): string {
	return issues
		.map(({ path, message }) => {
			const name = path.join('.') || 'the body';
			return found === undefined ? `${name}: ${message}` : `${name} is ${JSON.stringify(found(name))}: ${message}`;
		})
		.join('; ');
}

export type AccessCheck = (c: Context, needed: Pick<Route, 'role' | 'reach'>) => Promise<void> | void;

/** Adds the routes to an app. `check` throws a ProblemError for callers without the role or without the project. */
export function mount(app: Hono, routes: readonly Route[], check: AccessCheck): void {
	for (const route of routes) {
		const { method, path, answers, handle } = route;
		const mayMiss = method === 'get' && canBePartial(answers['application/json']);
		app.on(method, path.replace(/\{(\w+)\}/g, ':$1'), limitBody, async (c) => {
			await check(c, route);
			return mayMiss ? answerWithMissing(c, () => handle(c)) : handle(c);
		});
	}
}

const limitBody = bodyLimit({
	maxSize: maxBodyBytes,
	onError: () => {
		throw new ProblemError(413, 'BODY_TOO_LARGE', `the body is larger than ${maxBodyBytes} bytes`);
	},
});
