import { createAdaptorServer } from '@hono/node-server';
import type { Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Server as TlsServer } from 'node:https';
import type { Hono } from 'hono';
import { explainListenError } from './listen-error.ts';
import type { Refusal } from './refusals.ts';
import type { Certificate } from './tls/certificate.ts';

export interface Listener {
	/** `http://127.0.0.1:4318`, with the port that was really taken. */
	url: string;
	/** Takes no new connections, answers the requests under way and ends their connections; after 5 s it cuts what is left. */
	close(): Promise<void>;
}

interface ListenOptions {
	host: string;
	port: number;
	/** Named in the error when the port is taken. */
	portFlag: string;
	/** Undefined: plain HTTP. */
	tls?: Certificate | undefined;
	/** Told of each connection and request that is refused here. */
	refused?: (reason: Refusal) => void;
}

const drainMs = 5_000;
const maxConnections = 10_000;
const maxHeaders = 64;

/** Serves an app over HTTP. Rejects with what to do when the port is taken or the address is not ours. */
export async function listen(app: Hono, options: ListenOptions): Promise<Listener> {
	const { host, port, portFlag, tls, refused = () => {} } = options;
	const server = createServer(withFewHeaders(app, refused), host, tls);
	// Node's own 5 s equal the batch interval of OpenTelemetry SDKs: the socket would close just as the next batch is written.
	server.keepAliveTimeout = 75_000;
	server.headersTimeout = 10_000;
	server.requestTimeout = 60_000;
	server.maxConnections = maxConnections;
	server.on('drop', () => refused('connections'));
	// Seen to below: Node tells nobody that it refuses a request, and older versions leave out the rest of its fields, maybe its key.
	server.maxHeadersCount = 0;
	const drain = prepareDrain(server);
	const { promise, resolve, reject } = Promise.withResolvers<void>();
	server.once('error', (error: NodeJS.ErrnoException) => reject(explainListenError(error, { host, port, portFlag })));
	server.listen(port, host, resolve);
	await promise;
	return { url: `${tls === undefined ? 'http' : 'https'}://${authorityOf(server, host)}`, close: drain };
}

type Fetch = Parameters<typeof createAdaptorServer>[0]['fetch'];

/** A head is at most 16 KiB, by Node's own bound. */
const withFewHeaders =
	(app: Hono, refused: (reason: Refusal) => void): Fetch =>
	(request, env) => {
		if (env.incoming.rawHeaders.length <= maxHeaders * 2) return app.fetch(request, env);
		refused('headers');
		return new Response(`a request has at most ${maxHeaders} header fields`, {
			status: 431,
			headers: { connection: 'close' },
		});
	};

function createServer(fetch: Fetch, hostname: string, tls: Certificate | undefined): Server {
	const common = { fetch, hostname };
	if (tls === undefined) return createAdaptorServer(common) as Server;
	const options = { ...common, createServer: createTlsServer, serverOptions: tls.options() };
	return tls.follow(createAdaptorServer(options) as TlsServer);
}

function authorityOf(server: Server, host: string): string {
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('the listener has no port');
	return `${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}

/**
 * Node closes the connections that are idle when a server closes, but goes on to serve the busy ones: a client that
 * keeps its connection would be cut in the middle of a later request, after its spans were taken and before it heard so.
 */
function prepareDrain(server: Server): () => Promise<void> {
	const underWay = new Set<ServerResponse>();
	let isDraining = false;
	server.prependListener('request', (_request, response) => {
		underWay.add(response);
		response.once('close', () => underWay.delete(response));
		if (isDraining) endAfter(response);
	});
	return async () => {
		const { promise, resolve } = Promise.withResolvers<void>();
		isDraining = true;
		for (const response of underWay) endAfter(response);
		server.close(() => resolve());
		const timer = setTimeout(() => server.closeAllConnections(), drainMs);
		await promise;
		clearTimeout(timer);
	};
}

/** Its connection ends with this answer, and the client is told so where the head has not left yet. */
function endAfter(response: ServerResponse): void {
	if (response.headersSent) response.once('finish', () => response.req.socket.destroySoon());
	else response.setHeader('connection', 'close');
}
