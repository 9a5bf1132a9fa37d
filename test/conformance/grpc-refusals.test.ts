import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../collector/problem.ts';
import { world, send, retryInfo, span, traces, full } from './grpc-world.ts';

describe('when the spans cannot be taken', () => {
	test.each([
		['a full store', new ProblemError(503, 'SPOOL_FULL', 'the spool is full'), status.UNAVAILABLE, 5, 503],
		['a store that says when', full(12_000), status.UNAVAILABLE, 12, 503],
		['a rate limit', new ProblemError(429, 'RATE_LIMITED', 'too many spans'), status.RESOURCE_EXHAUSTED, 5, 429],
		['a bug', new TypeError('password=hunter2'), status.UNAVAILABLE, 5, 503],
		['an error of the collector itself', new ProblemError(500, 'X', 'oops'), status.UNAVAILABLE, 5, 503],
	])('%s is answered so that the client comes again', async (_, error, code, seconds, httpStatus) => {
		const { client, events } = await world({ append: () => Promise.reject(error) });
		const answer = await send(client, 'traces', traces(span));
		expect(answer.code).toBe(code);
		expect(retryInfo(answer)).toEqual([{ retryDelay: { seconds: String(seconds) } }]);
		expect(JSON.stringify(answer)).not.toContain('hunter2');
		expect(events.map(([name]) => name)).toEqual(['requestReceived', 'requestFailed', 'answered']);
		expect(events.at(-1)).toEqual(['answered', httpStatus]);
	});

	test.each([
		[401, status.UNAUTHENTICATED],
		[403, status.PERMISSION_DENIED],
	])('a key that is refused with %i is refused before the message is read, for good', async (httpStatus, code) => {
		const { client, events } = await world({
			sender: () => {
				throw new ProblemError(httpStatus, 'KEY', 'this key is not known');
			},
		});
		const answer = await send(client, 'traces', traces(span));
		expect(answer).toMatchObject({ code, message: 'this key is not known' });
		expect(retryInfo(answer)).toBeUndefined();
		expect(events.map(([name]) => name)).toEqual(['requestFailed', 'answered']);
	});

	test('a text that cannot be a header is cut and mended, not a crash', async () => {
		const message = `${'€'.repeat(298)}\u{1f4a5}\ud800 and more`;
		const { client } = await world({ append: () => Promise.reject(new ProblemError(503, 'X', message)) });
		const answer = await send(client, 'traces', traces(span));
		expect(answer.code).toBe(status.UNAVAILABLE);
		expect(answer.message).toMatch(/^€{298}.…$/u);
	});
});
