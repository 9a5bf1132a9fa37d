/** Real sockets: what is open when a certificate changes stays, what comes afterwards gets the new one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasOpenssl, makeCertificate } from '../../test/support/certificates.ts';
import { readConfig } from '../config.ts';
import { listen } from '../listener.ts';
import { silentLog } from '../log.ts';
import { Certificate } from './certificate.ts';

const folder = mkdtempSync(join(tmpdir(), 'spanhouse-tls-'));
const [certPath, keyPath] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const open = (more: { lookEveryMs?: number } = {}) =>
	new Certificate({ certPath, keyPath, clock: Date.now, log: silentLog, ...more });

async function get(url: string, agent: Agent): Promise<{ body: string; subject: string }> {
	const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
	request(url, { agent }, resolve).on('error', reject).end();
	const answer = await promise;
	return { subject: String((answer.socket as TLSSocket).getPeerCertificate().subject.CN), body: await text(answer) };
}

describe.skipIf(!hasOpenssl)('a certificate', () => {
	let first: ReturnType<typeof makeCertificate>;
	let second: ReturnType<typeof makeCertificate>;
	const put = ({ cert, key }: { cert: Buffer; key: Buffer }) => {
		writeFileSync(certPath, cert);
		writeFileSync(keyPath, key, { mode: 0o600 });
	};
	beforeAll(() => {
		[first, second] = [makeCertificate('first'), makeCertificate('second')];
	});

	test('is read again when its files change: open connections stay, new ones get the new one', async () => {
		put(first);
		const certificate = open();
		const app = new Hono().get('/', (c) => c.text('here'));
		const listener = await listen(app, { host: '127.0.0.1', port: 0, portFlag: '--ui-port', tls: certificate });
		expect(listener.url).toMatch(/^https:/);
		const kept = new Agent({ keepAlive: true, maxSockets: 1, ca: first.cert });
		const later = new Agent({ keepAlive: false, ca: second.cert });
		try {
			expect(await get(listener.url, kept)).toEqual({ body: 'here', subject: 'first' });
			// Half-way: the certificate is new, its key is not there yet.
			writeFileSync(certPath, second.cert);
			certificate.look();
			expect(certificate.state().problem).toMatch(/key\.pem is not the key of the certificate in .*cert\.pem/);
			await expect(get(listener.url, later)).rejects.toThrow(/self-signed/);
			put(second);
			certificate.look();
			expect(certificate.state().problem).toBeNull();
			expect(await get(listener.url, later)).toEqual({ body: 'here', subject: 'second' });
			// The same connection as before: a new one would not trust what it is shown now.
			expect(await get(listener.url, kept)).toEqual({ body: 'here', subject: 'first' });
		} finally {
			for (const agent of [kept, later]) agent.destroy();
			certificate.close();
			await listener.close();
		}
	});

	test('is looked at by itself', async () => {
		put(first);
		const certificate = open({ lookEveryMs: 10 });
		put(second);
		await expect.poll(() => certificate.pem.equals(second.cert), { timeout: 10_000 }).toBe(true);
		certificate.close();
	});

	test('refuses TLS before 1.2', async () => {
		put(first);
		const certificate = open();
		const listener = await listen(new Hono(), { host: '127.0.0.1', port: 0, portFlag: '--ui-port', tls: certificate });
		const attempt = (maxVersion: 'TLSv1.1' | 'TLSv1.2') => {
			const { promise, resolve } = Promise.withResolvers<string>();
			const options = {
				host: '127.0.0.1',
				port: Number(new URL(listener.url).port),
				ca: first.cert,
				minVersion: 'TLSv1',
			} as const;
			// Level 0, or this side would not even offer it.
			const socket = connect({ ...options, maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' }, () =>
				resolve(socket.getProtocol() ?? ''),
			);
			socket.on('error', () => resolve('refused'));
			return promise.finally(() => socket.destroy());
		};
		expect([await attempt('TLSv1.1'), await attempt('TLSv1.2')]).toEqual(['refused', 'TLSv1.2']);
		certificate.close();
		await listener.close();
	});

	test('that is wrong says which file, and what about it', () => {
		put(first);
		writeFileSync(keyPath, second.key);
		expect(open).toThrow(/^SPANHOUSE_TLS_KEY: .*key\.pem is not the key of the certificate in .*cert\.pem$/);
		writeFileSync(keyPath, 'none');
		expect(open).toThrow(/^SPANHOUSE_TLS_KEY: .*key\.pem does not hold a private key in PEM without a passphrase/);
		writeFileSync(certPath, first.key);
		expect(open).toThrow(/^SPANHOUSE_TLS_CERT: .*cert\.pem does not hold a certificate in PEM/);
		rmSync(certPath);
		expect(open).toThrow(/^SPANHOUSE_TLS_CERT: .*cert\.pem can't be read: ENOENT/);
	});
});

test('one file without the other, and a switch without files, are refused at the start', () => {
	expect(() => readConfig(['--tls-cert', 'a.pem'], {})).toThrow('SPANHOUSE_TLS_CERT needs SPANHOUSE_TLS_KEY beside it');
	expect(() => readConfig(['--tls-key', 'a.pem'], {})).toThrow('SPANHOUSE_TLS_KEY needs SPANHOUSE_TLS_CERT beside it');
	expect(() => readConfig(['--ingest-tls', 'off'], {})).toThrow('SPANHOUSE_INGEST_TLS has no effect');
});
