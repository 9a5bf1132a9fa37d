import { expect, test } from 'vitest';
import { requestFingerprint } from './request-fingerprint.ts';

const request = { project: 'default', signal: 'traces', encoding: 'protobuf', body: Uint8Array.of(1, 2, 3) };

test('the same request has the same fingerprint of 16 bytes', () => {
	expect(requestFingerprint(request)).toEqual(requestFingerprint({ ...request, body: Uint8Array.of(1, 2, 3) }));
	expect(requestFingerprint(request)).toHaveLength(16);
});

test.each([
	{ project: 'other' },
	{ signal: 'logs' },
	{ encoding: 'json' },
	{ body: Uint8Array.of(1, 2) },
	{ project: 'default","traces', signal: '' },
])('%o makes it another one', (difference) => {
	expect(requestFingerprint({ ...request, ...difference })).not.toEqual(requestFingerprint(request));
});
