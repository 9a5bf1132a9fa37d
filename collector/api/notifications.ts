import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { SSEStreamingApi } from 'hono/streaming';
import { projectRequest } from '../../schema/api-alerts.ts';
import { screenNotification } from '../../schema/api-notify.ts';
import type { ScreenEvent, Screens } from '../alerting/notify/screens.ts';
import { ProblemError } from '../problem.ts';
import type { Route } from './route.ts';
import { readScope } from './scope.ts';

/** Proxies close what is silent for longer. */
const sayEveryMs = 25_000;
const mostWaiting = 200;

/** What fires and ends, for open screens, as server-sent events named `notification`. */
export const notificationRoutes = ({ screens }: { screens: Screens }): Route[] => [
	{
		method: 'get',
		path: '/notifications',
		role: 'viewer',
		reach: 'project',
		summary: 'What fires and ends from now on and is not silenced, as server-sent events; `Last-Event-ID` goes on',
		query: projectRequest,
		answers: { 'text/event-stream': screenNotification },
		handle: async (c: Context) => {
			const { project } = readScope(c, { project: c.req.query('project') });
			const queue = new EventQueue();
			const stop = screens.listen(project, c.req.header('last-event-id'), (event) => queue.push(event));
			if (stop === undefined)
				throw new ProblemError(503, 'STREAMS_BUSY', 'too many screens listen already', { retryAfterMs: 60_000 });
			return streamSSE(c, async (stream) => {
				stream.onAbort(() => queue.push(undefined));
				try {
					await sendAll(stream, queue);
				} finally {
					stop();
				}
			});
		},
	},
];

async function sendAll(stream: SSEStreamingApi, queue: EventQueue): Promise<void> {
	await stream.write(': open\n\n');
	while (!stream.aborted) {
		const event = await queue.next(sayEveryMs);
		if (event === 'ended') return;
		if (event === 'nothing') await stream.write(': still here\n\n');
		else await stream.writeSSE({ id: event.id, event: 'notification', data: JSON.stringify(event.notification) });
	}
}

/** Between who tells and a reader who may be slow: the oldest are left out, and the screen shows them in its lists. */
class EventQueue {
	readonly #events: ScreenEvent[] = [];
	#isEnded = false;
	#wake: (() => void) | undefined;

	push(event: ScreenEvent | undefined): void {
		if (event === undefined) this.#isEnded = true;
		else this.#events.push(event);
		if (this.#events.length > mostWaiting) this.#events.shift();
		this.#wake?.();
	}

	async next(withinMs: number): Promise<ScreenEvent | 'nothing' | 'ended'> {
		if (this.#events.length === 0 && !this.#isEnded) {
			const woken = Promise.withResolvers<void>();
			this.#wake = woken.resolve;
			const timer = setTimeout(woken.resolve, withinMs);
			await woken.promise;
			clearTimeout(timer);
		}
		return this.#isEnded ? 'ended' : (this.#events.shift() ?? 'nothing');
	}
}
