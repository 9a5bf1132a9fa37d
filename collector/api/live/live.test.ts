import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { silentLog } from '../../log.ts';
import { problemResponse } from '../problem-response.ts';
import { mount } from '../route.ts';
import { LiveFeed } from './live-feed.ts';
import { liveRoutes } from './live.ts';

test('what is new is told as an event stream; a wrong query and too many are problems before it begins', async () => {
	const live = new LiveFeed({
		reader: { recent: async () => [], summaries: async () => [] },
		storedSpans: () => 0,
		clock: Date.now,
		metrics: { liveFollowers: { set: () => {} }, liveDropped: { inc: () => {} } },
		log: silentLog,
	});
	const app = new Hono();
	app.onError((error, c) => problemResponse(c, error, silentLog));
	mount(app, liveRoutes(live), () => {});
	const response = await app.request('/live?q=error:true');
	expect(response.headers.get('content-type')).toBe('text/event-stream');
	const reader = response.body?.getReader();
	const next = async () => new TextDecoder().decode((await reader?.read())?.value);
	expect(await next()).toMatch(/^retry: \d+\n\n/);
	expect(await next()).toBe('event: ready\ndata: {}\n\n');
	const wrong = await app.request('/live?q=a:');
	expect([wrong.status, await wrong.json()]).toMatchObject([400, { code: 'BAD_QUERY' }]);
	await reader?.cancel();
	await live.close();
	const refused = await app.request('/live');
	expect([refused.status, await refused.json()]).toMatchObject([503, { code: 'TOO_MANY_FOLLOWERS' }]);
});
