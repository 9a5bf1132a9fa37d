/** Answers by path; what a test leaves out is not found, what never settles is never answered. */
export type Answers = Readonly<Record<string, (url: URL, init: RequestInit | undefined) => unknown>>;

export interface FakeServer {
	fetch: typeof globalThis.fetch;
	/** Paths and queries below `/api/v1`, in the order asked. */
	asked: URL[];
	answers: Answers;
}

/** A `fetch` that knows the API by a table. The values may be data, a Response, or a promise of either. */
export function fakeServer(answers: Answers): FakeServer {
	const server: FakeServer = {
		answers,
		asked: [],
		fetch: async (input, init) => {
			const url = new URL(input instanceof Request ? input.url : input, location.origin);
			server.asked.push(url);
			const answer = server.answers[url.pathname.replace('/api/v1', '')];
			const body =
				answer === undefined ? problem(404, 'NOT_FOUND', `nothing at ${url.pathname}`) : await answer(url, init);
			return body instanceof Response ? body : Response.json(body);
		},
	};
	return server;
}

export const never = (): Promise<never> => new Promise(() => {});

export function problem(status: number, code: string, detail: string, more: object = {}): Response {
	return Response.json({ type: 'about:blank', title: code, status, code, detail, ...more }, { status });
}

/** The store is away: what every error state is tried with. */
export const storeAway = (): Response =>
	problem(503, 'STORE_AWAY', 'ClickHouse did not answer within 10 s', { queryId: 'query-7f3c' });
