import { afterAll, describe, expect, test } from 'vitest';
import { ProblemError } from '../../collector/problem.ts';
import { closeWorlds, span, world, SIGNALS, TYPES, post, bodyOf, statusOf } from '../support/otlp-http-world.ts';
import { decodeProto } from '../support/otlp-proto.ts';

afterAll(closeWorlds);

test.each([
	['/v1/traces', 'application/json', ''],
	['/v1/traces', 'application/json', '1234'],
	['/v1/metrics', 'application/json', ''],
])('POST %s %s with body "%s" is damage', async (path, type, body) => {
	expect((await post(world().app, path, type, body)).status).toBe(400);
});

test('the place of the damage is named as google.rpc.BadRequest', async () => {
	const { app } = world();
	const json = await post(
		app,
		'/v1/traces',
		'application/json',
		JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...span, kind: 'CAT' }] }] }] }),
	);
	expect(await json.json()).toMatchObject({
		code: 3,
		details: [
			{
				'@type': 'type.googleapis.com/google.rpc.BadRequest',
				fieldViolations: [{ field: 'resourceSpans[0].scopeSpans[0].spans[0].kind' }],
			},
		],
	});
	const proto = await post(app, '/v1/traces', 'application/x-protobuf', Uint8Array.of(0x0a, 9));
	const { details } = (await statusOf(proto)) as {
		details: { type_url?: string; typeUrl: string; value: Uint8Array }[];
	};
	expect(details[0]!.typeUrl).toBe('type.googleapis.com/google.rpc.BadRequest');
	expect(decodeProto('BadRequest', details[0]!.value)).toMatchObject({ fieldViolations: [{ field: 'body[1]' }] });
});

test.each([undefined, 'text/plain', 'application/xml', 'application/grpc'])(
	'a body of type %s is 415 with a JSON Status',
	async (type) => {
		const response = await post(world().app, '/v1/traces', type, 'x');
		expect(response.status).toBe(415);
		expect(response.headers.get('content-type')).toBe('application/json');
		expect(await response.json()).toMatchObject({
			code: 3,
			message: expect.stringContaining('application/x-protobuf') as string,
		});
	},
);

test.each(['application/protobuf', 'application/x-google-protobuf'])(
	'%s is protobuf too, and answered as it was sent',
	async (type) => {
		const response = await post(world().app, '/v1/traces', type, bodyOf('traces', 'application/x-protobuf'));
		expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
	},
);

test.each(['snappy', 'br', 'gzip, gzip'])(
	'Content-Encoding %s is 400 and names what is supported',
	async (encoding) => {
		const response = await post(world().app, '/v1/traces', 'application/json', '{}', { 'content-encoding': encoding });
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({ message: expect.stringContaining('support') as string });
	},
);

test.each(['GET', 'PUT', 'DELETE', 'PATCH'])('%s is 405 and names POST', async (method) => {
	const response = await world().app.request('/v1/traces', { method });
	expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
	expect(await response.json()).toMatchObject({ code: 12 });
});

test.each(['/', '/v1/trace', '/v1', '/v1/traces/x', '/api/v2/spans'])(
	'POST %s is 404 and names the right path',
	async (path) => {
		const { app, events } = world();
		const response = await post(app, path, 'application/x-protobuf', new Uint8Array());
		expect(response.status).toBe(404);
		expect((await statusOf(response)).message).toContain(
			'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT to http://localhost/v1/traces',
		);
		expect(events[0]).toMatchObject(['requestFailed', { method: 'POST', path, status: 404 }]);
	},
);

test('one slash at the end of a path is no matter', async () => {
	for (const signal of SIGNALS)
		expect((await post(world().app, `/v1/${signal}/`, 'application/json', '{}')).status).toBe(200);
});

describe('when the spans cannot be taken', () => {
	test.each([
		['a full store', new ProblemError(503, 'SPOOL_FULL', 'the spool is full'), 503, 14, '5'],
		['a queue', new ProblemError(503, 'STORE_BUSY', 'wait', { retryAfterMs: 12_001 }), 503, 14, '13'],
		['an instant', new ProblemError(503, 'STORE_BUSY', 'wait', { retryAfterMs: 0 }), 503, 14, '1'],
		['a rate limit', new ProblemError(429, 'RATE_LIMITED', 'too many spans'), 429, 8, '5'],
		['a bug', new TypeError('x is undefined'), 503, 14, '5'],
		['an error of the collector itself', new ProblemError(500, 'INTERNAL', 'oops'), 503, 14, '5'],
	])('%s is answered so that the client comes again', async (_, error, status, code, retryAfter) => {
		for (const type of TYPES) {
			const { app, events } = world({ append: () => Promise.reject(error) });
			const response = await post(app, '/v1/traces', type, bodyOf('traces', type));
			expect([response.status, response.headers.get('retry-after')]).toEqual([status, retryAfter]);
			expect(await statusOf(response)).toMatchObject({ code });
			expect(events.map(([name]) => name)).toEqual(['requestReceived', 'requestFailed', 'answered']);
		}
	});

	test('what a bug says stays in the log', async () => {
		const { app } = world({ append: () => Promise.reject(new Error('password=hunter2')) });
		const response = await post(app, '/v1/traces', 'application/json', bodyOf('traces', 'application/json'));
		expect(await response.text()).not.toContain('hunter2');
	});

	test.each([
		[401, 16],
		[403, 7],
	])('a key that is refused with %i is code %i, and the body is not read', async (status, code) => {
		const { app, events } = world({
			sender: () => {
				throw new ProblemError(status, 'KEY', 'this key is not known');
			},
		});
		const response = await post(
			app,
			'/v1/traces',
			'application/x-protobuf',
			bodyOf('traces', 'application/x-protobuf'),
		);
		expect(response.status).toBe(status);
		expect(await statusOf(response)).toMatchObject({ code, message: 'this key is not known' });
		expect(events.map(([name]) => name)).toEqual(['requestFailed', 'answered']);
	});
});
