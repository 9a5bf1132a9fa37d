import { liveAnswer, liveRequest } from '../../../schema/api-live.ts';
import { compiledQuery, readQuery } from '../compiled-query.ts';
import { route } from '../route.ts';
import type { Route } from '../route.ts';
import { readScope } from '../scope.ts';
import type { LiveFeed } from './live-feed.ts';
import type { LiveAsk } from './live-topic.ts';

/** Bytes that may wait for a follower: several looks full of traces. */
const mostWaitingBytes = 256 * 1024;
/** After which time a browser comes back when the stream was cut. */
const RETRY = 'retry: 2000\n\n';

export function liveRoutes(feed: LiveFeed): Route[] {
	return [
		route({
			path: '/live',
			role: 'viewer',
			summary: 'Traces that match, as they are stored: an event stream, cut when one does not keep up with it',
			query: liveRequest,
			answer: liveAnswer,
			answerType: 'text/event-stream',
			handle: async (c, query) => {
				const { project } = readScope(c, query);
				const ask: LiveAsk = {
					project,
					q: query.q,
					query: compiledQuery(readQuery(query.q)),
					...(query.env === undefined ? {} : { environment: query.env }),
				};
				return c.body(streamOf(feed, ask), 200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
			},
		}),
	];
}

/** Throws what `follow` throws, before anything is answered. */
function streamOf(feed: LiveFeed, ask: LiveAsk): ReadableStream<Uint8Array> {
	const encoder = new TextEncoder();
	let leave = () => {};
	let refusal: unknown;
	const stream = new ReadableStream<Uint8Array>(
		{
			start(controller) {
				controller.enqueue(encoder.encode(RETRY));
				const send = (event: string): boolean => {
					if ((controller.desiredSize ?? 0) <= 0) return false;
					controller.enqueue(encoder.encode(event));
					return true;
				};
				try {
					leave = feed.follow(ask, { send, end: () => controller.close() });
				} catch (error) {
					refusal = error;
				}
			},
			cancel: () => leave(),
		},
		new ByteLengthQueuingStrategy({ highWaterMark: mostWaitingBytes }),
	);
	if (refusal !== undefined) throw refusal;
	return stream;
}
