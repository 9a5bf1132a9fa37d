import { createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import type { ServerAddress } from '../../collector/store/engine/embedded-server.ts';

/** What befalls an insert of spans or log records; everything else passes. */
export type InsertFault =
	| 'none'
	/** It is committed, and its answer is never sent. */
	| 'lose-answer'
	/** The connection is cut before ClickHouse sees it. */
	| 'cut'
	/** ClickHouse's number of an error, answered in its place. */
	| { code: number; message: string }
	| { delayMs: number };

/** Stands between the product and a ClickHouse that anybody may reach; the address stays when the engine is restarted. */
export class FaultProxy {
	readonly #server: Server;
	#target: ServerAddress;
	#isDown = false;
	/** Asked for each of those inserts, with its body. */
	onInsert: (body: Buffer) => InsertFault = () => 'none';
	inserts = 0;

	private constructor(target: ServerAddress) {
		this.#target = target;
		this.#server = createServer((incoming, outgoing) => void this.#handle(incoming, outgoing));
		this.#server.on('connection', (socket) => {
			if (this.#isDown) socket.destroy();
		});
	}

	static async open(target: ServerAddress): Promise<FaultProxy> {
		const proxy = new FaultProxy(target);
		await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
		return proxy;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	set target(address: ServerAddress) {
		this.#target = address;
	}

	/** Cuts every connection and takes no more, until `up`. */
	down(): void {
		this.#isDown = true;
		this.#server.closeAllConnections();
	}

	up(): void {
		this.#isDown = false;
	}

	/** No fault any more. */
	heal(): void {
		this.up();
		this.onInsert = () => 'none';
	}

	async close(): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}

	async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
		incoming.on('error', () => outgoing.destroy());
		const query = new URL(incoming.url ?? '/', 'http://local').searchParams.get('query') ?? '';
		if (!/^\s*INSERT INTO (spans|logs)\b/.test(query)) return this.#pass(incoming, incoming, outgoing, false);
		const body = await buffer(incoming).catch(() => undefined);
		if (body === undefined) return;
		this.inserts += 1;
		const fault = this.onInsert(body);
		if (fault === 'cut') return void incoming.socket.destroy();
		if (typeof fault === 'object' && 'delayMs' in fault)
			await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
		if (typeof fault === 'object' && 'code' in fault) return answerError(outgoing, fault);
		this.#pass(incoming, body, outgoing, fault === 'lose-answer');
	}

	#pass(incoming: IncomingMessage, body: Buffer | IncomingMessage, outgoing: ServerResponse, isLost: boolean): void {
		const { url, headers } = this.#target;
		const passed = request(url + (incoming.url ?? ''), {
			method: incoming.method,
			headers: { ...incoming.headers, ...headers },
		});
		passed.on('response', (answer) => {
			if (isLost) {
				answer.resume().on('end', () => incoming.socket.destroy());
				return;
			}
			outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
			answer.on('error', () => outgoing.destroy()).pipe(outgoing);
		});
		passed.on('error', () => outgoing.destroy());
		outgoing.on('close', () => passed.destroy());
		if (Buffer.isBuffer(body)) passed.end(body);
		else body.pipe(passed);
	}
}

/** As ClickHouse's HTTP interface tells of an error. */
function answerError(outgoing: ServerResponse, { code, message }: { code: number; message: string }): void {
	outgoing.writeHead(500, { 'x-clickhouse-exception-code': String(code), 'content-type': 'text/plain' });
	outgoing.end(`Code: ${code}. DB::Exception: ${message}. (SCRIPTED) (version 26.7)\n`);
}
