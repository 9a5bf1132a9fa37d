import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { addressRanges } from '../outbound/address-policy.ts';
import { clientAddress } from './client-address.ts';

async function seen(trusted: string, peer: string, forwarded?: string): Promise<string> {
	const addressOf = clientAddress(addressRanges(trusted), () => peer);
	const app = new Hono().get('/', (c) => c.text(addressOf(c)));
	const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
	return (await app.request('/', { headers })).text();
}

test.each([
	['nothing is trusted unless it is named', '', '10.0.0.1', '203.0.113.9', '10.0.0.1'],
	['a stranger who writes the header gains nothing', '10.0.0.0/8', '198.51.100.4', '203.0.113.9', '198.51.100.4'],
	['a proxy of ours says whom it heard from', '10.0.0.0/8', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
	[
		'what the client wrote stands before and is not believed',
		'10.0.0.0/8',
		'10.0.0.1',
		'1.2.3.4, 203.0.113.9',
		'203.0.113.9',
	],
	['two proxies of ours', '10.0.0.0/8', '10.0.0.1', '1.2.3.4, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
	['all are ours: the farthest', '10.0.0.0/8', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
	['a proxy that says nothing', '10.0.0.0/8', '10.0.0.1', undefined, '10.0.0.1'],
	['something that is no address ends it', '10.0.0.0/8', '10.0.0.1', '203.0.113.9, unknown', '10.0.0.1'],
	['IPv4 written as IPv6, and ports', '10.0.0.0/8', '::ffff:10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
	['IPv6', 'fd00::/8', 'fd00::1', '[2001:db8::7]:443', '2001:db8::7'],
])('%s', async (_, trusted, peer, forwarded, expected) => {
	expect(await seen(trusted, peer, forwarded)).toBe(expected);
});

test('a list without end is read from its end, and not to its beginning', async () => {
	const endless = Array.from({ length: 500 }, () => '10.0.0.2').join(',');
	expect(await seen('10.0.0.0/8', '10.0.0.1', `203.0.113.9,${endless}`)).toBe('10.0.0.2');
});
