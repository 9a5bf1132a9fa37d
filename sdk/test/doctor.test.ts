import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { examine } from '../doctor.ts';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function listening(server: Server): Promise<string> {
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const answering = (listener: RequestListener) => listening(createServer(listener));

/** What the doctor says of this environment. */
async function said(env: Record<string, string>, ui = 'http://127.0.0.1:9') {
	const lines: string[] = [];
	const say = (line: string) => void lines.push(line);
	const isWell = await examine({ env: { OTEL_SERVICE_NAME: 'shop', ...env }, ui, say, seenWithinMs: 600 });
	return { isWell, text: lines.join('\n') };
}
const at = (url: string, more: Record<string, string> = {}) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url, ...more });

test('all is well: the span is sent with the key, and seen on the third look', async () => {
	let looks = 0;
	const key = 'Bearer sph_1';
	const url = await answering((request, response) => {
		const isExport = request.method === 'POST' && request.url === '/v1/traces';
		const isTaken = isExport ? request.headers.authorization === key : (looks += 1) > 2;
		response.writeHead(isTaken ? 200 : 404).end('{}');
	});
	const { isWell, text } = await said(at(url, { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20sph_1' }), url);
	expect(text).toMatch(/^ok {4}settings: shop sends to/);
	expect(text).toContain('ok    the clocks agree');
	expect(text).toMatch(/ok {4}the test span was seen: http:\S+\/trace\/[0-9a-f]{32}$/);
	expect(isWell).toBe(true);
});

test('what is wrong is told by its cause', async () => {
	const gone = await answering(() => {});
	servers.pop()?.close();
	const closed = await said(at(gone));
	expect(closed).toMatchObject({
		isWell: false,
		text: expect.stringContaining(`nothing listens at ${gone}`),
	});
	expect((await said(at('http://no-such-host.invalid'))).text).toContain('the name no-such-host.invalid is not known');
	const words = JSON.stringify({ code: 16, message: 'the key that ends in 1234 was revoked' });
	const locked = await answering((_, response) => response.writeHead(401).end(words));
	expect((await said(at(locked))).text).toContain('the key was not taken (401): the key that ends in 1234 was revoked');
	const screen = await answering((_, response) => response.writeHead(404).end());
	expect((await said(at(screen))).text).toContain('Is the port that of OTLP, 4318?');
	const late = await answering((_, response) =>
		response.writeHead(200, { date: new Date(Date.now() - 600_000).toUTCString() }).end('{}'),
	);
	expect(await said(at(late))).toMatchObject({ isWell: false, text: expect.stringMatching(/60[01] s ahead of/) });
	expect((await said(at('ftp://x'))).text).toContain('expected an address that begins with http');
	const unseen = await said(at(late), locked);
	expect(unseen.text).toContain('wants a login; set SPANHOUSE_TOKEN');
	const never = await answering((request, response) =>
		response.writeHead(request.method === 'POST' ? 200 : 404).end('{}'),
	);
	expect(await said(at(never), never)).toMatchObject({ isWell: false, text: expect.stringContaining('but not seen') });
});

test('gRPC: a key that is refused, and a port of the other protocol, each way', async () => {
	const server = createHttp2Server();
	server.on('stream', (stream: ServerHttp2Stream, headers) => {
		const isKnown = headers['authorization'] === 'Bearer sph_1';
		stream.respond(
			{
				':status': 200,
				'content-type': 'application/grpc',
				'grpc-status': isKnown ? '0' : '16',
				'grpc-message': 'no%20key',
			},
			{ endStream: true },
		);
	});
	const grpc = await listening(server);
	const protocol = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
	expect((await said(at(grpc, protocol))).text).toContain('the key was not taken (401): no key');
	const known = { ...protocol, OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20sph_1' };
	expect((await said(at(grpc, known))).text).toContain('what was sent was taken');
	expect((await said(at(grpc))).text).toMatch(/speaks something else than http\/json .* perhaps OTLP over gRPC/);
	const http = await answering((_, response) => response.end());
	expect((await said(at(http, protocol))).text).toMatch(/speaks something else than grpc .* perhaps OTLP over HTTP/);
});
