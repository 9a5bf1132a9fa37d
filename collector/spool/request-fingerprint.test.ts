import { expect, test } from 'vitest';
import { requestFingerprints } from './request-fingerprint.ts';

const request = { project: 'default', signal: 'traces', encoding: 'protobuf', body: Uint8Array.of(1, 2, 3) };
const fingerprint = requestFingerprints('a secret');

test('the same request has the same fingerprint of 16 bytes, after a restart too', () => {
	const again = { ...request, body: Uint8Array.of(1, 2, 3) };
	expect(fingerprint(again)).toEqual(fingerprint(request));
	expect(requestFingerprints('a secret')(again)).toEqual(fingerprint(request));
	expect(fingerprint(request)).toHaveLength(16);
});

test.each([
	{ project: 'other' },
	{ signal: 'logs' },
	{ encoding: 'json' },
	{ body: Uint8Array.of(1, 2) },
	{ body: Uint8Array.of(1, 2, 3, 0) },
	{ body: new Uint8Array() },
	{ project: 'default","traces', signal: '' },
])('%o makes it another one', (difference) => {
	expect(fingerprint({ ...request, ...difference })).not.toEqual(fingerprint(request));
});

test('any one bit of a large body makes it another one', () => {
	const body = new Uint8Array(100_000);
	const seen = new Set([Buffer.from(fingerprint({ ...request, body })).toString('hex')]);
	for (const at of [0, 1, 15, 16, 50_000, 99_999]) {
		const changed = body.slice();
		changed[at] = 1;
		seen.add(Buffer.from(fingerprint({ ...request, body: changed })).toString('hex'));
	}
	expect(seen.size).toBe(7);
});

test('another secret gives other fingerprints, so that a sender cannot work them out', () => {
	expect(requestFingerprints('another')(request)).not.toEqual(fingerprint(request));
});
