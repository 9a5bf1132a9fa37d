import { createCipheriv, createHmac } from 'node:crypto';

/** What makes a request the same as another: a client that retries sends the same bytes to the same place. */
export interface RequestIdentity {
	project: string;
	signal: string;
	encoding: string;
	/** Unpacked. */
	body: Uint8Array;
}

export type RequestFingerprint = (request: RequestIdentity) => Uint8Array;

/** Never changes, which a MAC that others see would not allow: these are compared here, and shown to nobody. */
const nonce = Buffer.alloc(12);
/** Projects times signals times encodings; more are worked out anew. */
const maxKeys = 1_000;

/**
 * Gives 16 bytes, the same for a retry and for nothing else, after a restart too. It is the GMAC (NIST SP 800-38D) of the
 * body, which takes a sixth of the time of SHA-256. Who does not know `secret` finds no body with the fingerprint of another;
 * and as each project has a key of its own, knowing both bodies would not help.
 */
export function requestFingerprints(secret: string): RequestFingerprint {
	const keys = new Map<string, Buffer>();
	const keyOf = (place: string): Buffer => {
		const known = keys.get(place);
		if (known !== undefined) return known;
		const key = createHmac('sha256', secret).update(place).digest().subarray(0, 16);
		if (keys.size < maxKeys) keys.set(place, key);
		return key;
	};
	return ({ project, signal, encoding, body }) => {
		const mac = createCipheriv('aes-128-gcm', keyOf(JSON.stringify([project, signal, encoding])), nonce);
		mac.setAAD(body);
		mac.final();
		return mac.getAuthTag();
	};
}
