import { expect, test } from 'vitest';
import { ApiError, createApi, problemOf, refusedSearch } from './api.ts';

function apiThatAnswers(answer: () => Response | Promise<Response>) {
	const asked: { url: string; init: RequestInit | undefined }[] = [];
	const api = createApi({
		base: '/prefix/',
		openEvents: () => {
			throw new Error('no events are asked for');
		},
		fetch: async (input, init) => {
			asked.push({ url: input instanceof Request ? input.url : input.toString(), init });
			return answer();
		},
	});
	return { api, asked };
}

test('asks below the base path, without empty parameters', async () => {
	const { api, asked } = apiThatAnswers(() => Response.json({ ok: true }));
	await expect(api.get('/services', { from: 'now-1h', env: '', cursor: undefined, limit: 5 })).resolves.toEqual({
		ok: true,
	});
	expect(asked[0]?.url).toBe('/prefix/api/v1/services?from=now-1h&limit=5');
});

test("throws the server's own words", async () => {
	const problem = {
		type: 'about:blank',
		title: 'Bad query',
		status: 400,
		code: 'BAD_QUERY',
		detail: 'expected a value',
		position: 7,
	};
	const { api } = apiThatAnswers(() => Response.json(problem, { status: 400 }));
	const error = await api.get('/traces', {}).catch((thrown: unknown) => thrown);
	expect(error).toBeInstanceOf(ApiError);
	expect(problemOf(error)).toEqual(problem);
	expect(refusedSearch(error)).toEqual({ position: 7, message: 'expected a value' });
	expect(refusedSearch(new ApiError({ ...problem, code: 'BAD_KEYS' }))).toBeUndefined();
});

test('an answer that is not of the API, as of a proxy, still says what happened', async () => {
	const { api } = apiThatAnswers(
		() => new Response('<h1>Bad gateway</h1>', { status: 502, statusText: 'Bad Gateway' }),
	);
	const error = await api.get('/traces', {}).catch((thrown: unknown) => thrown);
	expect(problemOf(error)).toMatchObject({
		status: 502,
		code: 'HTTP_502',
		detail: 'The server answered 502 Bad Gateway',
	});
});

test('a server that is away is told apart from a request that was given up', async () => {
	const away = apiThatAnswers(() => Promise.reject(new TypeError('fetch failed')));
	await expect(away.api.get('/traces', {})).rejects.toMatchObject({ problem: { code: 'UNREACHABLE' } });
	const aborted = apiThatAnswers(() => Promise.reject(new DOMException('aborted', 'AbortError')));
	await expect(aborted.api.get('/traces', {})).rejects.toMatchObject({ name: 'AbortError' });
});

test('hands the signal on, so that giving up reaches the server', async () => {
	const { api, asked } = apiThatAnswers(() => Response.json({}));
	const { signal } = new AbortController();
	await api.get('/traces', {}, signal);
	expect(asked[0]?.init?.signal).toBe(signal);
});
