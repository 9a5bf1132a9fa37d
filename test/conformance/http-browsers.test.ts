import { afterAll, describe, expect, test } from 'vitest';
import { ProblemError } from '../../collector/problem.ts';
import { closeWorlds, world, post, bodyOf } from '../support/otlp-http-world.ts';

afterAll(closeWorlds);

describe('browsers', () => {
	const preflight = (origin: string) =>
		world().app.request('/v1/traces', {
			method: 'OPTIONS',
			headers: {
				origin,
				'access-control-request-method': 'POST',
				'access-control-request-headers': 'content-type,x-key',
			},
		});

	test('at a listed origin may ask and send', async () => {
		const response = await preflight('https://shop.example.com');
		expect(response.status).toBe(204);
		expect(Object.fromEntries(response.headers)).toMatchObject({
			'access-control-allow-origin': 'https://shop.example.com',
			'access-control-allow-methods': 'POST',
			'access-control-allow-headers': 'content-type,x-key',
			'access-control-max-age': '7200',
			vary: 'Origin',
		});
	});

	test.each(['https://example.org', 'https://example.com.evil.org', 'https://a/.example.com', 'null'])(
		'at %s are told nothing',
		async (origin) => {
			expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
		},
	);

	test('anywhere are let in when every origin is listed', async () => {
		const response = await post(world({ corsOrigins: ['*'] }).app, '/v1/traces', 'application/json', '{}', {
			origin: 'https://any.where',
		});
		expect(response.headers.get('access-control-allow-origin')).toBe('https://any.where');
	});

	test('see the status and Retry-After of a refusal too', async () => {
		const { app } = world({ append: () => Promise.reject(new ProblemError(503, 'SPOOL_FULL', 'full')) });
		const response = await post(app, '/v1/traces', 'application/json', bodyOf('traces', 'application/json'), {
			origin: 'https://shop.example.com',
		});
		expect(response.status).toBe(503);
		expect(Object.fromEntries(response.headers)).toMatchObject({
			'access-control-allow-origin': 'https://shop.example.com',
			'access-control-expose-headers': 'Retry-After',
			'retry-after': '5',
		});
	});
});
