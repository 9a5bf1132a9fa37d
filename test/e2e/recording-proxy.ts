import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { OtlpSpan, OtlpTracesData } from '../../schema/otlp-json.ts';

/** A span as its sender wrote it, with the service it says it comes from. */
export interface RawSpan extends OtlpSpan {
	service: string;
	serviceVersion: string;
}

export interface RecordingProxy {
	url: string;
	/** Every span of every request that was answered 200. */
	spans: RawSpan[];
	close(): Promise<void>;
}

/** The rest belongs to the connection. */
const forwarded = ['content-type', 'content-encoding', 'user-agent'];

/** Stands between senders of OTLP/JSON and the product, and keeps what passes: the raw material of independent calculations. */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
	const spans: RawSpan[] = [];
	const server = createServer(async (request, response) => {
		const body = await read(request);
		const answer = await fetch(target + request.url, {
			method: request.method ?? 'GET',
			headers: Object.fromEntries(
				forwarded.flatMap((name) =>
					request.headers[name] === undefined ? [] : [[name, String(request.headers[name])]],
				),
			),
			body: body.length === 0 ? null : new Uint8Array(body),
		});
		if (answer.status === 200 && request.url === '/v1/traces') {
			const unpacked = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
			spans.push(...rawSpans(JSON.parse(unpacked.toString('utf8')) as OtlpTracesData));
		}
		response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
		response.end(Buffer.from(await answer.arrayBuffer()));
	});
	const port = await listen(server);
	return {
		url: `http://127.0.0.1:${port}`,
		spans,
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

function rawSpans(data: OtlpTracesData): RawSpan[] {
	return data.resourceSpans.flatMap(({ resource, scopeSpans }) => {
		const text = (key: string) =>
			resource.attributes.find((attribute) => attribute.key === key)?.value.stringValue ?? '';
		const from = { service: text('service.name'), serviceVersion: text('service.version') };
		return scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, ...from })));
	});
}

async function read(request: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks);
}

async function listen(server: Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('no port');
	return address.port;
}
