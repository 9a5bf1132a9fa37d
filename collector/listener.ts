import { createAdaptorServer } from '@hono/node-server';
import type { Server } from 'node:http';
import type { Hono } from 'hono';
import { explainListenError } from './listen-error.ts';

export interface Listener {
	/** `http://127.0.0.1:4318`, with the port that was really taken. */
	url: string;
	/** Takes no new connections, lets requests under way finish for a while, then cuts them. */
	close(): Promise<void>;
}

interface ListenOptions {
	host: string;
	port: number;
	/** Named in the error when the port is taken. */
	portFlag: string;
}

const drainMs = 10_000;

/** Serves an app over HTTP. Rejects with what to do when the port is taken or the address is not ours. */
export async function listen(app: Hono, { host, port, portFlag }: ListenOptions): Promise<Listener> {
	const server = createAdaptorServer({ fetch: app.fetch, hostname: host }) as Server;
	// Node's own 5 s equal the batch interval of OpenTelemetry SDKs: the socket would close just as the next batch is written.
	server.keepAliveTimeout = 75_000;
	server.headersTimeout = 10_000;
	server.requestTimeout = 60_000;
	const { promise, resolve, reject } = Promise.withResolvers<void>();
	server.once('error', (error: NodeJS.ErrnoException) => reject(explainListenError(error, { host, port, portFlag })));
	server.listen(port, host, resolve);
	await promise;
	return { url: urlOf(server, host), close: () => drain(server) };
}

function urlOf(server: Server, host: string): string {
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('the listener has no port');
	return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}

async function drain(server: Server): Promise<void> {
	const { promise, resolve } = Promise.withResolvers<void>();
	server.close(() => resolve());
	server.closeIdleConnections();
	const timer = setTimeout(() => server.closeAllConnections(), drainMs);
	await promise;
	clearTimeout(timer);
}
