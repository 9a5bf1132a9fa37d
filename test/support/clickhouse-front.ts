import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EmbeddedServer } from '../../collector/store/engine/embedded-server.ts';

/** What ClickHouse says of a query that it answered. */
export interface ReadSummary {
	readRows: number;
	readBytes: number;
}

export interface ClickHouseFront {
	url: string;
	port: number;
	/** The next so many requests find their connection closed. */
	cut(requests: number): void;
	/** Ends its connections too. */
	close(): Promise<void>;
}

/**
 * An embedded server that anybody can reach by its address, as those that people run: passes requests on, with the secret.
 * `onAnswer` is told what each query read.
 */
export async function clickHouseFront(
	{ address }: EmbeddedServer,
	port = 0,
	onAnswer: (summary: ReadSummary) => void = () => {},
): Promise<ClickHouseFront> {
	let cuts = 0;
	const listening = createServer((incoming, outgoing) => {
		if (cuts > 0) {
			cuts -= 1;
			incoming.socket.destroy();
			return;
		}
		const { method = 'GET', headers, url = '/' } = incoming;
		const passed = request(address.url + url, { method, headers: { ...headers, ...address.headers } });
		passed.on('response', (answer) => {
			const summary = JSON.parse(String(answer.headers['x-clickhouse-summary'] ?? '{}')) as Record<string, string>;
			onAnswer({ readRows: Number(summary['read_rows'] ?? 0), readBytes: Number(summary['read_bytes'] ?? 0) });
			outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(outgoing);
		});
		passed.on('error', () => outgoing.destroy());
		incoming.pipe(passed);
	});
	await new Promise<void>((resolve) => listening.listen(port, '127.0.0.1', resolve));
	const taken = (listening.address() as AddressInfo).port;
	return {
		url: `http://127.0.0.1:${taken}`,
		port: taken,
		cut: (requests) => (cuts = requests),
		close: async () => {
			listening.closeAllConnections();
			await new Promise((resolve) => listening.close(resolve));
		},
	};
}
