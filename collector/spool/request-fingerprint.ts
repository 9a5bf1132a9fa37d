import { hash } from 'node:crypto';

/** What makes a request the same as another: a client that retries sends the same bytes to the same place. */
export interface RequestIdentity {
	project: string;
	signal: string;
	encoding: string;
	/** Unpacked. */
	body: Uint8Array;
}

/** 16 bytes, the same for a retry and for nothing else. */
export function requestFingerprint({ project, signal, encoding, body }: RequestIdentity): Uint8Array {
	const content = hash('sha256', body, 'hex');
	return hash('sha256', JSON.stringify([project, signal, encoding, content]), 'buffer').subarray(0, 16);
}
