import { Hono } from 'hono';
import type { Context, MiddlewareHandler } from 'hono';
import { notFound, problemResponse } from './api/problem-response.ts';
import type { Log } from './log.ts';
import { messageOf } from './problem.ts';
import type { screenFiles } from './screen-files.ts';

export interface AppParts {
	basePath: string;
	api: Hono;
	screen: ReturnType<typeof screenFiles>;
	/** Before everything but what tells whether the process lives. */
	guards: readonly MiddlewareHandler[];
	/** Throws for who may not read the figures of the process. */
	checkMetrics(c: Context): Promise<void> | void;
	/** Prometheus text. */
	metrics(): Promise<{ contentType: string; body: string }>;
	/** Throws with the reason when spans could not be accepted and stored now. */
	checkReady(): Promise<void>;
	log: Log;
}

/** What listens on the UI port: operations, API and screen. */
export function createApp(parts: AppParts): Hono {
	const app = new Hono();
	app.onError((error, c) => problemResponse(c, error, parts.log));
	app.get('/healthz', (c) => c.json({ status: 'alive' }));
	app.get('/readyz', async (c) => {
		try {
			await parts.checkReady();
			return c.json({ status: 'ready' });
		} catch (error) {
			return c.json({ status: 'not ready', reason: messageOf(error) }, 503);
		}
	});
	for (const guard of parts.guards) app.use('*', guard);
	app.get('/metrics', async (c) => {
		await parts.checkMetrics(c);
		const { contentType, body } = await parts.metrics();
		return c.body(body, 200, { 'content-type': contentType });
	});
	app.route('/api/v1', parts.api);
	app.all('/api/*', notFound);
	app.route('/', parts.screen);
	return parts.basePath === '/' ? app : new Hono().route(parts.basePath, app);
}
