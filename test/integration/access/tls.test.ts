/** The real product with a certificate of its own: screen, API, OTLP over HTTP and gRPC, the test span, and a renewal. */
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { Client, credentials } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { hasOpenssl, makeCertificate } from '../../support/certificates.ts';
import { temporaryFolder } from '../../support/clickhouse.ts';
import { startProduct, until } from '../../support/product.ts';

const asSent = (bytes: Uint8Array): Buffer => Buffer.from(bytes);
const exportPath = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

function exportOver(client: Client): Promise<number> {
	const { promise, resolve } = Promise.withResolvers<number>();
	const deadline = Date.now() + 20_000;
	client.makeUnaryRequest(exportPath, asSent, asSent, new Uint8Array(), { deadline }, (error) =>
		resolve(error?.code ?? 0),
	);
	return promise;
}

async function ask(url: string, ca: Buffer, body?: object): Promise<{ status: number | undefined; text: string }> {
	const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
	const agent = new Agent({ keepAlive: false, ca });
	const headers = { 'content-type': 'application/json' };
	const sending = request(url, { agent, headers, method: body === undefined ? 'GET' : 'POST' }, resolve);
	sending.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
	const answer = await promise;
	return { status: answer.statusCode, text: await text(answer) };
}

/** Who the listener says it is to somebody who connects now. */
function nameAt(address: string, protocol: 'h2' | 'http/1.1'): Promise<string> {
	const { promise, resolve, reject } = Promise.withResolvers<string>();
	const options = {
		host: '127.0.0.1',
		port: Number(address.split(':').at(-1)),
		ALPNProtocols: [protocol],
		rejectUnauthorized: false,
	};
	const socket = connect(options, () => {
		resolve(String(socket.getPeerCertificate().subject.CN));
		socket.destroy();
	});
	socket.on('error', reject);
	return promise;
}

describe.skipIf(!hasOpenssl)('with a certificate', () => {
	test(
		'every listener speaks TLS, and a renewal reaches each without cutting a connection',
		{ timeout: 120_000 },
		async () => {
			const folder = temporaryFolder();
			const [first, second] = [makeCertificate('first'), makeCertificate('second')];
			const [certPath, keyPath] = [join(folder.path, 'cert.pem'), join(folder.path, 'key.pem')];
			const put = ({ cert, key }: typeof first) => {
				writeFileSync(certPath, cert);
				writeFileSync(keyPath, key, { mode: 0o600 });
			};
			put(first);
			const product = await startProduct({ args: ['--ephemeral', '--tls-cert', certPath, '--tls-key', keyPath] });
			const { ui, otlpHttp, otlpGrpc } = product.ready;
			const client = new Client(otlpGrpc, credentials.createSsl(first.cert));
			try {
				expect([new URL(ui).protocol, new URL(otlpHttp).protocol]).toEqual(['https:', 'https:']);
				expect((await ask(`${ui}/readyz`, first.cert)).status).toBe(200);
				expect(await ask(`${otlpHttp}/v1/traces`, first.cert, { resourceSpans: [] })).toMatchObject({ status: 200 });
				expect(await exportOver(client)).toBe(0);
				// Its own listener, whose certificate no authority on this machine vouches for.
				expect(await ask(`${ui}/api/v1/test-span`, first.cert, {})).toMatchObject({ status: 200 });
				await expect(fetch(otlpHttp.replace('https:', 'http:'))).rejects.toThrow('fetch failed');

				put(second);
				await until(
					async () => ((await nameAt(otlpGrpc, 'h2')) === 'second' ? true : undefined),
					'the renewed certificate',
					60_000,
				);
				expect(await nameAt(ui, 'http/1.1')).toBe('second');
				expect((await ask(`${ui}/readyz`, second.cert)).status).toBe(200);
				// Over the connection from before: a new one would not trust what it is shown now.
				expect(await exportOver(client)).toBe(0);
			} finally {
				client.close();
				expect(await product.stop()).toBe(0);
				folder.remove();
			}
		},
	);
});
