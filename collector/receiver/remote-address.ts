import type { Context } from 'hono';

/** Address of the sender; empty where there is no socket, as in tests. */
export function remoteOf(c: Context): string {
	const env = c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined;
	return env?.incoming?.socket?.remoteAddress ?? '';
}
