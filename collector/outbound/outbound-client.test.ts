import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { addressRanges } from './address-policy.ts';
import type { ResolvedAddress } from './allowed-addresses.ts';
import { outboundClient, retryAfter } from './outbound-client.ts';
import type { OutboundRequest } from './outbound-client.ts';
import { OutboundError } from './outbound-error.ts';

let server: Server;
let port = 0;
let serve: RequestListener;
/** `host` of each request that arrived. */
let arrived: (string | undefined)[] = [];

beforeAll(async () => {
	server = createServer((request, response) => {
		arrived.push(request.headers.host);
		serve(request, response);
	});
	// IPv4 too, as mapped addresses.
	await new Promise<void>((resolve) => server.listen(0, '::', resolve));
	({ port } = server.address() as AddressInfo);
});
afterAll(() => void server.close());
afterEach(() => (arrived = []));

const ok: RequestListener = (_, response) => void response.end('secret of the inside');

/** Names of the test's own DNS; each look-up of `rebinding` gives the next answer. */
const names: Record<string, string[][]> = {
	'public.example': [['93.184.216.34']],
	'loopback.example': [['127.0.0.1']],
	'mixed.example': [['10.9.8.7', '127.0.0.1']],
	'metadata.example': [['169.254.169.254']],
	'mapped.example': [['::ffff:127.0.0.1']],
	'private.example': [['192.168.1.1']],
	'ula.example': [['fd00::1']],
	localhost: [['127.0.0.1']],
	'app.localhost': [['127.0.0.1']],
};
const resolve = async (host: string): Promise<ResolvedAddress[]> => {
	const answers = names[host.replace(/\.$/, '')];
	if (answers === undefined) throw new Error('ENOTFOUND');
	const addresses = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
	return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
};

const client = (allowed: string, more: { ports?: number[]; timeoutMs?: number } = {}) =>
	outboundClient({
		policy: { allowed: addressRanges(allowed), ports: more.ports ?? [443, 8443, port], smtpPorts: [] },
		resolve,
		timeoutMs: more.timeoutMs ?? 5_000,
	});
const get = (url: string): OutboundRequest => ({ method: 'GET', url, headers: {} });

async function refusal(sent: Promise<unknown>): Promise<OutboundError> {
	const error = await sent.then(
		() => undefined,
		(thrown: unknown) => thrown,
	);
	expect(error).toBeInstanceOf(OutboundError);
	return error as OutboundError;
}

/** Ways to write loopback, all of which URLs bring to one form. */
const loopback = [
	'127.0.0.1',
	'127.0.0.1.',
	'127.1',
	'127.0.1',
	'127.00.00.01',
	'127.0.0.2',
	'127.255.255.254',
	'2130706433',
	'2130706433.',
	'017700000001',
	'0177.0.0.1',
	'0177.0.0.01',
	'0x7f.0.0.1',
	'0x7f.1',
	'0x7f000001',
	'0X7F000001',
	'0x7f.0x0.0x0.0x1',
	'0177.0x0.0.1',
	'１２７.０.０.１',
	'127。0。0。1',
	'127%2e0%2e0%2e1',
	'①②⑦.⓪.⓪.①',
	'[::1]',
	'[0:0:0:0:0:0:0:1]',
	'[0000::0001]',
	'[::ffff:127.0.0.1]',
	'[::ffff:7f00:1]',
	'[::FFFF:127.0.0.1]',
	'[0:0:0:0:0:ffff:7f00:0001]',
	'loopback.example',
	'LOOPBACK.example',
	'loopback.example.',
	'mapped.example',
	'mixed.example',
	'localhost',
	'localhost.',
	'LocalHost',
	'app.localhost',
];

/** Refused whatever is listed, or by everything that isn't listed. */
const elsewhere = [
	'0.0.0.0',
	'0',
	'0x0',
	'000.000.000.000',
	'0.1.2.3',
	'[::]',
	'[::ffff:0.0.0.0]',
	'[::ffff:0:0]',
	'10.0.0.1',
	'10.255.255.255',
	'0xa000001',
	'167772161',
	'012.0.0.1',
	'172.16.0.1',
	'172.31.255.255',
	'192.168.0.1',
	'192.168.255.255',
	'3232235521',
	'100.64.0.1',
	'100.127.255.255',
	'100.100.100.200',
	'169.254.0.1',
	'169.254.169.254',
	'2852039166',
	'0xa9fea9fe',
	'0xa9.0xfe.0xa9.0xfe',
	'0251.0376.0251.0376',
	'[::ffff:169.254.169.254]',
	'[::ffff:a9fe:a9fe]',
	'169.254.170.2',
	'168.63.129.16',
	'192.0.0.192',
	'192.0.2.1',
	'198.18.0.1',
	'198.51.100.7',
	'203.0.113.9',
	'192.88.99.1',
	'224.0.0.1',
	'239.255.255.255',
	'240.0.0.1',
	'255.255.255.255',
	'[fe80::1]',
	'[febf::1]',
	'[fec0::1]',
	'[fc00::1]',
	'[fd00:ec2::254]',
	'[fdff::1]',
	'[ff02::1]',
	'[::127.0.0.1]',
	'[::7f00:1]',
	'[::2]',
	'[64:ff9b::127.0.0.1]',
	'[64:ff9b::7f00:1]',
	'[64:ff9b:1::7f00:1]',
	'[2002:7f00:1::]',
	'[2001:0:7f00:1::]',
	'[2001:db8::1]',
	'[100::1]',
	'[4000::1]',
	'metadata.google.internal',
	'METADATA.google.internal.',
	'metadata',
	'instance-data',
	'metadata.goog',
	'metadata.azure.internal',
	'instance-data.ec2.internal',
	'metadata.example',
	'private.example',
	'ula.example',
];

/** Nothing that could be connected to, with nobody's address in question. */
const malformed = [
	'',
	'127.0.0.1',
	'//127.0.0.1/',
	'http:',
	'http://',
	'https://[::1',
	'https://[::1%25lo]/',
	'https://[fe80::1%25eth0]/',
	'http://127.0.0.256/',
	'http://256.256.256.256/',
	'http://0x1ffffffff/',
	'http://127.0.0.1:99999/',
	'ftp://127.0.0.1/',
	'file:///etc/passwd',
	'gopher://127.0.0.1:6379/_INFO',
	'data:text/plain,hello',
	'javascript:alert(1)',
	'unix:/var/run/docker.sock',
	'http+unix://%2fvar%2frun%2fdocker.sock/',
	'ws://127.0.0.1/',
	`https://example.com/${'a'.repeat(10_000)}`,
];

test('the corpus has more than eighty cases', () => {
	expect(new Set([...loopback, ...elsewhere, ...malformed]).size).toBeGreaterThan(120);
});

describe('without a list of private targets', () => {
	test.each([...loopback, ...elsewhere])('%s is refused over http and https, and nothing arrives', async (host) => {
		serve = ok;
		for (const scheme of ['http', 'https']) {
			const error = await refusal(client('')(get(`${scheme}://${host}:${port}/hook`)));
			expect(error.code).toBe('ADDRESS_REFUSED');
			expect(error.message).not.toContain('hook');
		}
		expect(arrived).toEqual([]);
	});

	test.each(malformed)('%s is no target', async (url) => {
		expect((await refusal(client('127.0.0.0/8,::/0')(get(url)))).code).toBe('BAD_TARGET');
	});

	test('a public address is reached with TLS alone', async () => {
		const error = await refusal(client('')(get(`http://public.example:${port}/`)));
		expect(error.message).toContain('without TLS');
	});
});

describe('with loopback listed', () => {
	const listed = '127.0.0.0/8,::1';

	test.each(loopback)('%s is reached', async (host) => {
		serve = ok;
		expect(await client(listed)(get(`http://${host}:${port}/hook`))).toEqual({ status: 200, retryAfterMs: null });
		expect(arrived).toHaveLength(1);
	});

	test.each(elsewhere)('%s stays refused', async (host) => {
		expect((await refusal(client(listed)(get(`http://${host}:${port}/hook`)))).code).toBe('ADDRESS_REFUSED');
		expect(arrived).toEqual([]);
	});

	test('metadata services stay refused when everything is listed', async () => {
		for (const host of [
			'169.254.169.254',
			'[::ffff:a9fe:a9fe]',
			'metadata.example',
			'metadata.google.internal',
			'[fd00:ec2::254]',
		])
			expect((await refusal(client('0.0.0.0/0,::/0')(get(`http://${host}:${port}/`)))).code).toBe('ADDRESS_REFUSED');
	});

	test('ports are those that are listed', async () => {
		const error = await refusal(client(listed, { ports: [443, 8443] })(get(`http://127.0.0.1:${port}/`)));
		expect(error.message).toBe(`the port is ${port}; expected one of SPANHOUSE_TARGET_PORTS (443, 8443)`);
		expect((await refusal(client(listed)(get('http://127.0.0.1/')))).message).toContain('the port is 80');
	});

	test('a user in the URL is refused, and is not repeated', async () => {
		for (const user of ['admin:hunter2', 'admin', ':hunter2', 'public.example%2f']) {
			const error = await refusal(client(listed)(get(`http://${user}@127.0.0.1:${port}/`)));
			expect(error.code).toBe('BAD_TARGET');
			expect(error.message).not.toContain('hunter2');
		}
	});
});

test('each request is connected to what was checked for it, whatever a name resolved to before', async () => {
	serve = ok;
	names['rebinding.example'] = [['127.0.0.2'], ['127.0.0.1'], ['127.0.0.2', '127.0.0.1'], ['127.0.0.1']];
	const one = client('127.0.0.2');
	const url = `http://rebinding.example:${port}/`;
	expect((await one(get(url))).status).toBe(200);
	expect((await refusal(one(get(url)))).code).toBe('ADDRESS_REFUSED');
	expect((await one(get(url))).status).toBe(200);
	expect((await refusal(one(get(url)))).code).toBe('ADDRESS_REFUSED');
	expect(arrived).toHaveLength(2);
});

describe('answers', () => {
	const send = (url = '/') => client('127.0.0.0/8', { timeoutMs: 1_000 })(get(`http://127.0.0.1:${port}${url}`));

	test('a redirect is an answer and is not followed', async () => {
		serve = (request, response) =>
			void response.writeHead(307, { location: `http://127.0.0.1:${port}/inside` }).end(request.url);
		expect(await send()).toEqual({ status: 307, retryAfterMs: null });
		expect(arrived).toHaveLength(1);
	});

	test('one that is longer than 64 KiB is cut off, and its status counts', async () => {
		let written = 0;
		serve = (_, response) => {
			response.writeHead(200);
			const more = (): void => {
				while (!response.destroyed && written < 1e9) {
					written += 65_536;
					if (!response.write(Buffer.alloc(65_536))) return void response.once('drain', more);
				}
			};
			more();
		};
		expect((await send()).status).toBe(200);
		expect(written).toBeLessThan(64 * 1024 ** 2);
	});

	test('one that never comes, or that drips, ends at the deadline', async () => {
		serve = () => {};
		expect((await refusal(send())).code).toBe('TIMEOUT');
		serve = (_, response) => {
			response.writeHead(200);
			const dripping = setInterval(() => response.write('.'), 50);
			response.on('close', () => clearInterval(dripping));
		};
		expect((await refusal(send())).code).toBe('TIMEOUT');
	});

	test('a connection that closes before or in the middle of the answer is no answer', async () => {
		serve = (request) => void request.socket.destroy();
		expect((await refusal(send())).code).toBe('CLOSED_EARLY');
		serve = (request, response) => {
			response.writeHead(200, { 'content-length': '1000' });
			response.write('half', () => request.socket.destroy());
		};
		expect((await refusal(send())).code).toBe('CLOSED_EARLY');
	});

	test('a certificate that nobody vouches for is refused', async () => {
		const tls = new SMTPServer({ secure: true, logger: false });
		tls.on('error', () => {});
		await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
		const tlsPort = (tls.server.address() as AddressInfo).port;
		const error = await refusal(client('127.0.0.1', { ports: [tlsPort] })(get(`https://127.0.0.1:${tlsPort}/`)));
		expect(error.code).toBe('NO_CONNECTION');
		expect(error.message).toMatch(/CERT/);
		await new Promise<void>((resolve) => tls.close(() => resolve()));
	});

	test.each([
		['120', 120_000],
		['0', 0],
		['999999999', 86_400_000],
		['Sat, 28 Nov 2026 12:00:30 GMT', 30_000],
		['Sat, 28 Nov 2026 11:00:00 GMT', 0],
		['soon', null],
		['', null],
		[undefined, null],
	])('Retry-After: %s is %s ms', (header, ms) => {
		expect(retryAfter(header, Date.UTC(2026, 10, 28, 12))).toBe(ms);
	});
});
