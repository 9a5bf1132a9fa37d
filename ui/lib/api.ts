import type { Problem } from '../../schema/api.ts';
import type { EventStream, OpenEvents } from './event-stream.ts';

/** Parameters of a query string; undefined ones are left out. */
export type QueryParameters = Readonly<Record<string, string | number | undefined>>;

/** A request that did not succeed, in the words of the server where it had some. */
export class ApiError extends Error {
	override readonly name = 'ApiError';
	readonly problem: Problem;
	constructor(problem: Problem) {
		super(problem.detail || problem.title);
		this.problem = problem;
	}
}

interface ApiRequest {
	method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	query?: QueryParameters;
	json?: unknown;
	headers?: Readonly<Record<string, string>>;
	accept?: string;
	signal?: AbortSignal;
}

export interface Api {
	/** JSON answer of `GET /api/v1{path}`. The server answers for its shape. */
	get<Answer>(path: string, query: QueryParameters, signal?: AbortSignal): Promise<Answer>;
	/** Any request; throws ApiError on everything but 2xx. */
	request(path: string, options?: ApiRequest): Promise<Response>;
	/** Server-sent events of `GET /api/v1{path}`; whoever opens it closes it. */
	events(path: string, query: QueryParameters): EventStream;
}

interface ApiOptions {
	/** That the reader chose; empty: the server's choice. Each request says it. */
	project?: () => string;
	base: string;
	fetch: typeof globalThis.fetch;
	openEvents: OpenEvents;
	/** An answer said that somebody has to log in. */
	onLoggedOut?: () => void;
}

/** `base` ends in a slash: the path that the product is served under. */
export function createApi(options: ApiOptions): Api {
	const urlOf = (path: string, query: QueryParameters) =>
		`${options.base}api/v1${path}${queryText({ ...query, project: options.project?.() })}`;
	const request = async (
		path: string,
		{ method = 'GET', query = {}, json, accept, signal, ...rest }: ApiRequest = {},
	) => {
		const headers = new Headers({ ...rest.headers, accept: accept ?? 'application/json' });
		if (json !== undefined) headers.set('content-type', 'application/json');
		const url = urlOf(path, query);
		const init: RequestInit = { method, headers, body: json === undefined ? null : JSON.stringify(json) };
		const response = await options
			.fetch(url, signal === undefined ? init : { ...init, signal })
			.catch(throwUnreachable);
		if (!response.ok) {
			const problem = await readProblem(response);
			if (problem.code === 'NOT_LOGGED_IN') options.onLoggedOut?.();
			throw new ApiError(problem);
		}
		return response;
	};
	return {
		request,
		events: (path, query) => options.openEvents(urlOf(path, query)),
		get: async <Answer>(path: string, query: QueryParameters, signal?: AbortSignal) => {
			const response = await request(path, signal === undefined ? { query } : { query, signal });
			const answer: Answer = await response.json();
			return answer;
		},
	};
}

function queryText(query: QueryParameters): string {
	const search = new URLSearchParams();
	for (const [name, value] of Object.entries(query)) {
		if (value !== undefined && value !== '') search.set(name, String(value));
	}
	return search.size === 0 ? '' : `?${search}`;
}

function throwUnreachable(cause: unknown): never {
	if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
	throw new ApiError({
		type: 'about:blank',
		title: 'Spanhouse does not answer',
		status: 0,
		code: 'UNREACHABLE',
		detail: 'The server could not be reached. Is it still running?',
	});
}

async function readProblem(response: Response): Promise<Problem> {
	const fallback: Problem = {
		type: 'about:blank',
		title: response.statusText || `Status ${response.status}`,
		status: response.status,
		code: `HTTP_${response.status}`,
		detail: `The server answered ${response.status} ${response.statusText}`.trim(),
	};
	const body: unknown = await response.json().catch(() => undefined);
	return isProblem(body) ? { ...fallback, ...body } : fallback;
}

/** A proxy on the way may answer with anything. */
function isProblem(body: unknown): body is Problem {
	return typeof body === 'object' && body !== null && 'detail' in body && typeof body.detail === 'string';
}

/** Codes of problems that the text of a search has; others are of windows, steps and keys. */
const OF_SEARCHES = new Set(['BAD_QUERY', 'UNSUPPORTED_QUERY', 'BAD_REGULAR_EXPRESSION']);

/** What is wrong with a search, and at which character, where the server refused to read it; else undefined. */
export const refusedSearch = (error: unknown): { position: number | undefined; message: string } | undefined =>
	error instanceof ApiError && OF_SEARCHES.has(error.problem.code)
		? { position: error.problem.position, message: error.problem.detail }
		: undefined;

/** What a failed query shows, whatever was thrown. */
export function problemOf(error: unknown): Problem {
	if (error instanceof ApiError) return error.problem;
	const detail = error instanceof Error ? error.message : String(error);
	return { type: 'about:blank', title: 'The screen failed', status: 0, code: 'SCREEN', detail };
}
