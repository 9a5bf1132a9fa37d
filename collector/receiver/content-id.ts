import { hash } from 'node:crypto';

/**
 * 64 bits of SHA-256 over the canonical text of a resource or scope. A short non-cryptographic hash would let one sender
 * craft a resource that takes the place of another's.
 */
export const contentId = (content: readonly unknown[]): bigint =>
	BigInt(`0x${hash('sha256', JSON.stringify(content), 'hex').slice(0, 16)}`);
