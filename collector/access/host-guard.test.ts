import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { problemResponse } from '../api/problem-response.ts';
import { silentLog } from '../log.ts';
import { hostGuard, loopbackHosts } from './host-guard.ts';

const app = new Hono();
app.onError((error, c) => problemResponse(c, error, silentLog));
app.use('*', hostGuard(loopbackHosts('127.0.0.1')));
app.get('/', (c) => c.text('in'));

const statusFor = async (headers: Record<string, string>) => (await app.request('/', { headers })).status;

test.each(['localhost:4319', '127.0.0.1:4319', '[::1]:4319', 'LOCALHOST'])('%s is this machine', async (host) => {
	expect(await statusFor({ host })).toBe(200);
});

test.each(['attacker.example', '127.0.0.1.attacker.example:4319', '', '10.0.0.7:4319', 'localhost.attacker.example'])(
	'a page that calls this machine %j is refused',
	async (host) => {
		expect(await statusFor({ host })).toBe(403);
	},
);

test.each(['forwarded', 'x-forwarded-for', 'x-forwarded-host'])(
	'a request through a proxy (%s) is refused',
	async (name) => {
		expect(await statusFor({ host: 'localhost', [name]: '10.0.0.7' })).toBe(403);
	},
);
