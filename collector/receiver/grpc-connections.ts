import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificate } from '../tls/certificate.ts';
import { explainListenError } from '../listen-error.ts';

interface Refusal {
	method: string;
	path: string;
	detail: string;
	remote: string;
}

interface ConnectionOptions {
	host: string;
	port: number;
	/** Named in the error when the port is taken. */
	portFlag: string;
	/** Undefined: no TLS. */
	tls?: Certificate | undefined;
	/** Takes over a connection that speaks HTTP/2. */
	connected: (socket: Socket) => void;
	/** A connection that speaks something else: what it asked for, as far as that can be read, and what it was told. */
	refused: (refusal: Refusal) => void;
	/** A connection beyond those that there may be. */
	dropped: () => void;
}

export interface GrpcConnections {
	/** `127.0.0.1:4317`, with the port that was really taken. */
	address: string;
	/** Takes no new connections; those that were handed over stay. */
	close(): void;
}

const MAX_CONNECTIONS = 10_000;
const GREETING_TIMEOUT_MS = 10_000;
/** What every client sends first. Source: RFC 9113, 3.4. */
const GREETING = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const TLS_HANDSHAKE = 0x16;

const HTTP1_ADVICE =
	'this port takes OTLP over gRPC; send OTLP over HTTP to the port for it (4318 unless set otherwise), ' +
	'or set OTEL_EXPORTER_OTLP_PROTOCOL=grpc';
const TLS_ADVICE = 'this port takes OTLP over gRPC without TLS; use an endpoint that begins with http://';
const OTHER_ADVICE = 'this port takes OTLP over gRPC, which is HTTP/2';

/** Listens for gRPC, and tells those who speak something else where they are. Rejects with what to do when the port is taken. */
export async function acceptGrpc(options: ConnectionOptions): Promise<GrpcConnections> {
	const { host, port, portFlag, tls, refused } = options;
	const greeting = new Set<Socket>();
	const accept = (socket: Socket): void => {
		greeting.add(socket);
		greet(socket, options, () => greeting.delete(socket));
	};
	const server = tls === undefined ? createServer({ noDelay: true }, accept) : createTls(tls, accept, refused);
	server.maxConnections = MAX_CONNECTIONS;
	server.on('drop', options.dropped);
	const { promise, resolve, reject } = Promise.withResolvers<void>();
	server.once('error', (error: NodeJS.ErrnoException) => reject(explainListenError(error, { host, port, portFlag })));
	server.listen(port, host, resolve);
	await promise;
	return {
		address: addressOf(server, host),
		close: () => {
			server.close();
			for (const socket of greeting) socket.destroy();
		},
	};
}

function createTls(tls: Certificate, accept: (socket: Socket) => void, refused: ConnectionOptions['refused']): Server {
	const server = tls.follow(createTlsServer({ ...tls.options(), ALPNProtocols: ['h2'], noDelay: true }, accept));
	server.on('tlsClientError', ({ message }, socket) => {
		refused({
			method: 'TLS',
			path: '',
			detail: `no TLS connection came about: ${message}`,
			remote: socket.remoteAddress ?? '',
		});
	});
	return server;
}

/** Waits for the first bytes, which say what the other side speaks. */
function greet(socket: Socket, { connected, refused }: ConnectionOptions, done: () => void): void {
	const give = (): void => void socket.destroy();
	const settle = (): void => {
		done();
		socket.setTimeout(0);
		socket.off('timeout', give).off('error', give).off('close', settle);
	};
	const look = (chunk: Buffer): void => {
		const advice = adviceFor(chunk);
		socket.pause();
		settle();
		if (advice === undefined) {
			socket.unshift(chunk);
			return connected(socket);
		}
		refused({ ...advice, remote: socket.remoteAddress ?? '' });
		socket.on('error', give);
		if (chunk[0] === TLS_HANDSHAKE) give();
		else socket.end(http1Answer(advice.detail), give);
	};
	socket.setTimeout(GREETING_TIMEOUT_MS).once('timeout', give).on('error', give).once('close', settle);
	socket.once('data', look);
}

/** Undefined for HTTP/2. */
function adviceFor(chunk: Buffer): Omit<Refusal, 'remote'> | undefined {
	const length = Math.min(chunk.length, GREETING.length);
	if (chunk.subarray(0, length).equals(GREETING.subarray(0, length))) return undefined;
	if (chunk[0] === TLS_HANDSHAKE) return { method: 'TLS', path: '', detail: TLS_ADVICE };
	const [, method, path = ''] = /^([A-Z]{3,10}) (\/\S*)/.exec(chunk.toString('latin1', 0, 512)) ?? [];
	return method === undefined ? { method: 'TCP', path, detail: OTHER_ADVICE } : { method, path, detail: HTTP1_ADVICE };
}

function http1Answer(message: string): string {
	const body = JSON.stringify({ code: 3, message });
	return [
		'HTTP/1.1 400 Bad Request',
		'content-type: application/json',
		`content-length: ${Buffer.byteLength(body)}`,
		'connection: close',
		'',
		body,
	].join('\r\n');
}

function addressOf(server: Server, host: string): string {
	const { port } = server.address() as AddressInfo;
	return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
