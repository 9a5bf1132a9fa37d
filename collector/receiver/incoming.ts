import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';

/** Node's own request; undefined where there is no socket, as in tests. */
export const incomingOf = (c: Context): IncomingMessage | undefined =>
	(c.env as { incoming?: IncomingMessage } | undefined)?.incoming;

/** Address of the sender; empty where it isn't known. */
export const remoteOf = (c: Context): string => incomingOf(c)?.socket?.remoteAddress ?? '';
