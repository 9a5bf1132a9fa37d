import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface ReceivedRequest {
	method: string;
	path: string;
	headers: IncomingMessage['headers'];
	body: string;
}

type Answer = (response: ServerResponse, socket: Socket) => void;

/** A real HTTP server on loopback that keeps what it was sent, and answers as it is told. */
export class Receiver {
	readonly received: ReceivedRequest[] = [];
	/** 200 with a body that nobody should see. */
	answer: Answer = (response) => void response.end('secret answer');
	#server: Server | undefined;
	#port = 0;

	get port(): number {
		return this.#port;
	}

	get url(): string {
		return `http://127.0.0.1:${this.#port}`;
	}

	/** On the same port as before, when it was killed. */
	async start(): Promise<this> {
		const server = createServer((request, response) => {
			const chunks: Buffer[] = [];
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.on('end', () => {
				const { method = '', url = '', headers } = request;
				this.received.push({ method, path: url, headers, body: Buffer.concat(chunks).toString() });
				this.answer(response, request.socket);
			});
		});
		await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
		this.#port = (server.address() as AddressInfo).port;
		this.#server = server;
		return this;
	}

	/** Cuts every connection; nothing listens any more. */
	async kill(): Promise<void> {
		const server = this.#server;
		this.#server = undefined;
		if (server === undefined) return;
		const closed = new Promise<void>((resolve) => server.close(() => resolve()));
		server.closeAllConnections();
		await closed;
	}
}
